package httpd

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// meter counts requests and their time by route, which is the pattern, never the path.
type meter struct{ seconds *prometheus.HistogramVec }

func newMeter(registry *prometheus.Registry) meter {
	m := meter{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tickler_http_request_seconds", Help: "Time to answer a request.",
		Buckets:                     []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		NativeHistogramBucketFactor: 1.1,
	}, []string{"method", "route", "status"})}
	if registry != nil {
		registry.MustRegister(m.seconds)
	}
	return m
}

func (m meter) observe(ctx context.Context, method, route string, status int, took time.Duration) {
	if !slices.Contains(known, method) {
		method = "other"
	}
	observer := m.seconds.WithLabelValues(method, route, strconv.Itoa(status))
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		observer.(prometheus.ExemplarObserver).ObserveWithExemplar(took.Seconds(), prometheus.Labels{"trace_id": span.TraceID().String()})
		return
	}
	observer.Observe(took.Seconds())
}

// known are the methods that a label may be; a client could send any word.
var known = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func measured(registry *prometheus.Registry) gin.HandlerFunc {
	m := newMeter(registry)
	return func(c *gin.Context) {
		began := time.Now()
		c.Next()
		m.observe(c.Request.Context(), c.Request.Method, c.FullPath(), c.Writer.Status(), time.Since(began))
	}
}

// Observe logs and measures the requests of a handler without a router; route names what
// answers one, out of a closed set.
func Observe(log *slog.Logger, registry *prometheus.Registry, route func(*http.Request) string, next http.Handler) http.Handler {
	m := newMeter(registry)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		took, to := time.Since(began), route(r)
		m.observe(r.Context(), r.Method, to, seen.status, took)
		log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", r.Method), slog.String("route", to),
			slog.Int("status", seen.status), slog.Float64("seconds", took.Seconds()), slog.String("request_id", w.Header().Get(requestIDHeader)))
	})
}

// statusWriter remembers the status. What else the writer can do is found by Unwrap.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status that is sent.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
