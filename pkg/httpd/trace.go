package httpd

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// tracerOf returns what makes spans; without a provider they are none.
func tracerOf(cfg Config) trace.Tracer {
	if cfg.Tracer == nil {
		cfg.Tracer = noop.NewTracerProvider()
	}
	return cfg.Tracer.Tracer("github.com/tickler-app/tickler/pkg/httpd")
}

// spanOf begins the span of a request, in the caller's trace if it has one. It tells the
// route, never the path, which holds ids.
func spanOf(tracer trace.Tracer, r *http.Request, route string) (context.Context, trace.Span) {
	ctx := telemetry.Propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	return tracer.Start(ctx, r.Method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", r.Method), attribute.String("http.route", route)))
}

// ended tells how a request went. What a client did wrong is no error of ours.
func ended(span trace.Span, status int) {
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(status))
	}
}

// traced goes on with the caller's trace.
func traced(tracer trace.Tracer) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, span := spanOf(tracer, c.Request, c.FullPath())
		defer span.End()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
		ended(span, c.Writer.Status())
	}
}
