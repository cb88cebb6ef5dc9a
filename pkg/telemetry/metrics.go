package telemetry

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Registered registers a metric, or returns the one of its name that was registered before,
// for packages that a process uses more than once. Without a registry it counts for nobody.
func Registered[C prometheus.Collector](reg prometheus.Registerer, metric C) C {
	if reg == nil {
		return metric
	}
	if before, ok := errors.AsType[prometheus.AlreadyRegisteredError](reg.Register(metric)); ok {
		return before.ExistingCollector.(C)
	}
	return metric
}

// Observe adds a value to a histogram, with the trace of ctx as its exemplar if that trace
// is one of those that are kept.
func Observe(ctx context.Context, histogram prometheus.Observer, value float64) {
	ObserveIn(trace.SpanContextFromContext(ctx), histogram, value)
}

// ObserveIn is Observe for a trace that is not of a context, such as a record's.
func ObserveIn(span trace.SpanContext, histogram prometheus.Observer, value float64) {
	if exemplars, ok := histogram.(prometheus.ExemplarObserver); ok && span.IsSampled() {
		exemplars.ObserveWithExemplar(value, prometheus.Labels{"trace_id": span.TraceID().String()})
		return
	}
	histogram.Observe(value)
}

// Buckets are those of a time in seconds, from a millisecond to ten seconds. Every bucket is
// a series for each label, so there are no more than dashboards and objectives need.
func Buckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}
}
