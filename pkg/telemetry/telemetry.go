// Package telemetry is what a service tells about itself: its log lines, its metrics
// registry, and its traces.
package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Settings say where traces go.
type Settings struct {
	Endpoint string `env:"OTEL_EXPORTER_OTLP_ENDPOINT" default:"" about:"collector of traces (OTLP over HTTP), e.g. http://collector:4318; empty: none"`
	Percent  int    `env:"OTEL_TRACES_PERCENT" default:"100" about:"how many of the traces that begin here are kept; one that came from elsewhere is kept if its caller keeps it"`
}

// saturation is how long goroutines that could run wait for a processor.
var saturation = regexp.MustCompile(`^/sched/latencies:seconds$`)

// Registry returns a registry with the process's own metrics and its build.
func Registry(service string) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: saturation})),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "tickler_build_info", Help: "1, labelled with what runs.",
			ConstLabels: prometheus.Labels{"service": service, "version": version()},
		}, func() float64 { return 1 }),
	)
	return registry
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// Logger returns a logger of JSON lines that carry the request and the trace of their context.
func Logger(w io.Writer, service, level string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("LOG_LEVEL: %s is not debug, info, warn or error", level)
	}
	json := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: least})
	return slog.New(contextual{json}).With("service", service), nil
}

// contextual adds to each record what its context knows.
type contextual struct{ slog.Handler }

func (h contextual) Handle(ctx context.Context, record slog.Record) error {
	if id := RequestID(ctx); id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func (h contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextual{h.Handler.WithAttrs(attrs)}
}

func (h contextual) WithGroup(name string) slog.Handler { return contextual{h.Handler.WithGroup(name)} }

type requestKey struct{}

// WithRequestID returns a context that carries a request's id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Propagator reads and writes W3C Trace Context headers.
var Propagator = propagation.TraceContext{}

// Traceparent returns the W3C traceparent of ctx, or "" outside a trace.
func Traceparent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	Propagator.Inject(ctx, carrier)
	return carrier["traceparent"]
}

// SpanContext reads a W3C traceparent; what is none gives one that is not valid.
func SpanContext(traceparent string) trace.SpanContext {
	if traceparent == "" {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(Propagator.Extract(context.Background(), propagation.MapCarrier{"traceparent": traceparent}))
}

// Tracing returns the provider of tracers, and what sends the last spans when the service
// ends. Without an endpoint it is nil: no span is recorded, but a caller's trace is passed on.
func Tracing(ctx context.Context, service string, settings Settings) (trace.TracerProvider, func(context.Context) error, error) {
	if settings.Endpoint == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	if settings.Percent < 0 || settings.Percent > 100 {
		return nil, nil, fmt.Errorf("OTEL_TRACES_PERCENT: %d is not from 0 to 100", settings.Percent)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(settings.Endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	sampler := sdk.ParentBased(sdk.TraceIDRatioBased(float64(settings.Percent) / 100))
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithSampler(sampler), sdk.WithResource(resource.NewSchemaless(
		attribute.String("service.name", service), attribute.String("service.version", version()))))
	return provider, provider.Shutdown, nil
}
