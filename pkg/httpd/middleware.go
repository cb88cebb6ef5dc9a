package httpd

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const requestIDHeader = "X-Request-Id"

// likeRequestID is what a caller's request id may look like. It goes into logs, events and
// the trail, so it is short and plain.
var likeRequestID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$`)

// identified takes the caller's request id if it looks like one, else makes one.
func identified(c *gin.Context) {
	id := c.GetHeader(requestIDHeader)
	if !likeRequestID.MatchString(id) {
		id = uuid.Must(uuid.NewV7()).String()
	}
	c.Header(requestIDHeader, id)
	c.Request = c.Request.WithContext(telemetry.WithRequestID(c.Request.Context(), id))
	c.Next()
}

// traced goes on with the caller's trace.
func traced(provider trace.TracerProvider) gin.HandlerFunc {
	tracer := provider.Tracer("httpd")
	return func(c *gin.Context) {
		ctx := telemetry.Propagator.Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
		ctx, span := tracer.Start(ctx, c.Request.Method+" "+c.FullPath(), trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
}

// measured counts requests and their time by route, which is the pattern, never the path.
func measured(registry *prometheus.Registry) gin.HandlerFunc {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tickler_http_request_seconds", Help: "Time to answer a request.",
		Buckets:                     []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		NativeHistogramBucketFactor: 1.1,
	}, []string{"method", "route", "status"})
	if registry != nil {
		registry.MustRegister(seconds)
	}
	return func(c *gin.Context) {
		began := time.Now()
		c.Next()
		method := c.Request.Method
		if !slices.Contains(known, method) {
			method = "other"
		}
		observer := seconds.WithLabelValues(method, c.FullPath(), strconv.Itoa(c.Writer.Status()))
		took := time.Since(began).Seconds()
		if span := trace.SpanContextFromContext(c.Request.Context()); span.IsSampled() {
			observer.(prometheus.ExemplarObserver).ObserveWithExemplar(took, prometheus.Labels{"trace_id": span.TraceID().String()})
			return
		}
		observer.Observe(took)
	}
}

// known are the methods that a label may be; a client could send any word.
var known = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// cors lets the pages of the given origins call, see the Fetch standard's CORS protocol.
func cors(origins []string) gin.HandlerFunc {
	return func(c *gin.Context) {
		origin := c.GetHeader("Origin")
		if origin == "" || !slices.Contains(origins, origin) {
			c.Next()
			return
		}
		header := c.Writer.Header()
		header.Add("Vary", "Origin")
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", "ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, X-Conversation-Id")
		if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
			header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE")
			header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Idempotency-Window, X-Request-Id, X-Tickler-Client, traceparent")
			header.Set("Access-Control-Max-Age", "600")
			c.AbortWithStatus(http.StatusNoContent)
			return
		}
		c.Next()
	}
}

// validated refuses what the document does not allow. The body is read here, once, and
// bounded; the handler reads it again from memory.
func validated(doc *openapi.Document) gin.HandlerFunc {
	return func(c *gin.Context) {
		op := doc.Operation(c.Request.Method, c.FullPath())
		if op == nil {
			c.Next()
			return
		}
		if err := op.Query(c.Request.URL.Query()); err != nil {
			Fail(c, err)
			return
		}
		body, err := read(c.Writer, c.Request, op.MaxBody)
		if err == nil {
			err = op.Body(c.GetHeader("Content-Type"), body)
		}
		if err != nil {
			Fail(c, err)
			return
		}
		c.Next()
	}
}

func read(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, fault.New(fault.UnsupportedMediaType, "the body's Content-Encoding %q is not taken", encoding)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fault.New(fault.TooLarge, "the body is larger than %d bytes", most)
	} else if err != nil {
		return nil, fault.New(fault.Malformed, "the body ended early")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
