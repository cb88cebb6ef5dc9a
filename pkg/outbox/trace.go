package outbox

import (
	"context"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// maxSpans bounds the spans of one batch.
const maxSpans = 64

// spans begins a span for each record whose trace is kept, at the time that its row was
// written, so that the trace shows how long it lay in the outbox. The returned function ends
// them. The record's own traceparent stays as the row has it: relay and readers are side by
// side below the request that wrote it.
func (r *Relay) spans(records []*kgo.Record) func(error) {
	if r.Tracer == nil {
		return func(error) {}
	}
	tracer := r.Tracer.Tracer("github.com/tickler-app/tickler/pkg/outbox")
	var begun []trace.Span
	for _, rec := range records {
		from := telemetry.SpanContext(kafka.Header(rec, "traceparent"))
		if !from.IsSampled() || len(begun) == maxSpans {
			continue
		}
		_, span := tracer.Start(trace.ContextWithRemoteSpanContext(context.Background(), from), rec.Topic+" publish",
			trace.WithSpanKind(trace.SpanKindProducer), trace.WithTimestamp(rec.Timestamp), trace.WithAttributes(
				attribute.String("messaging.system", "kafka"), attribute.String("messaging.destination.name", rec.Topic)))
		begun = append(begun, span)
	}
	return func(err error) {
		for _, span := range begun {
			if err != nil {
				span.SetStatus(codes.Error, err.Error())
			}
			span.End()
		}
	}
}
