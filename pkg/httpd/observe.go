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
	"github.com/tickler-app/tickler/pkg/telemetry"
)

// meter counts requests and their time by route, which is the pattern, never the path.
type meter struct {
	seconds *prometheus.HistogramVec
	now     prometheus.Gauge
}

func newMeter(registry *prometheus.Registry) meter {
	m := meter{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tickler_http_request_seconds", Help: "Time to answer a request.",
			Buckets: telemetry.Buckets(), NativeHistogramBucketFactor: 1.1,
		}, []string{"method", "route", "status"}),
		now: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tickler_http_requests_in_flight", Help: "Requests that are being answered."}),
	}
	if registry != nil {
		registry.MustRegister(m.seconds, m.now)
	}
	return m
}

func (m meter) observe(ctx context.Context, method, route string, status int, took time.Duration) {
	if !slices.Contains(known, method) {
		method = "other"
	}
	telemetry.Observe(ctx, m.seconds.WithLabelValues(method, route, strconv.Itoa(status)), took.Seconds())
}

// known are the methods that a label may be; a client could send any word.
var known = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func measured(registry *prometheus.Registry) gin.HandlerFunc {
	m := newMeter(registry)
	return func(c *gin.Context) {
		began := time.Now()
		m.now.Inc()
		defer m.now.Dec()
		c.Next()
		m.observe(c.Request.Context(), c.Request.Method, c.FullPath(), c.Writer.Status(), time.Since(began))
	}
}

// Observe logs, measures and traces the requests of a handler without a router; route names
// what answers one, out of a closed set. Config's Log, Metrics and Tracer are used.
func Observe(cfg Config, route func(*http.Request) string, next http.Handler) http.Handler {
	m := newMeter(cfg.Metrics)
	tracer := tracerOf(cfg)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, to := time.Now(), route(r)
		m.now.Inc()
		defer m.now.Dec()
		ctx, span := spanOf(tracer, r, to)
		defer span.End()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r.WithContext(ctx))
		took := time.Since(began)
		ended(span, seen.status)
		m.observe(ctx, r.Method, to, seen.status, took)
		cfg.Log.LogAttrs(ctx, slog.LevelDebug, "request", slog.String("method", r.Method), slog.String("route", to),
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
