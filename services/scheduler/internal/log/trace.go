package log

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

// maxSpans bounds the spans of one step.
const maxSpans = 64

// begin begins the span of the commands of a step, as every other reader's of a batch.
func (w *worker) begin(ctx context.Context, recs []*kgo.Record) (context.Context, func(error)) {
	commands := slices.DeleteFunc(slices.Clone(recs), func(rec *kgo.Record) bool { return rec.Attrs.IsControl() })
	if len(commands) == 0 {
		return ctx, func(error) {}
	}
	return kafka.Process(ctx, w.Tracer, w.names.group, commands)
}

// kept is the traceparent of a command whose trace is kept; others lead nowhere once the timer
// fires, and need no room until then.
func kept(rec *kgo.Record) string {
	if of := kafka.Header(rec, "traceparent"); telemetry.SpanContext(of).IsSampled() {
		return of
	}
	return ""
}

// fires begins a trace with the delivery of a timer, and links it to the one that set the timer:
// that may be months ago, when no collector has it any more, and a parent that is nowhere
// makes a tree without a root. The record goes on with the new one.
func (b *batch) fires(rec *kgo.Record, set string) {
	if b.tracer == nil || len(b.spans) == maxSpans {
		return
	}
	of := telemetry.SpanContext(set)
	if !of.IsValid() {
		return
	}
	ctx, span := b.tracer.Tracer("github.com/tickler-app/tickler/services/scheduler").Start(context.Background(), rec.Topic+" publish",
		trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindProducer), trace.WithLinks(trace.Link{SpanContext: of}), trace.WithAttributes(
			attribute.String("messaging.system", "kafka"), attribute.String("messaging.destination.name", rec.Topic)))
	kafka.Traceparent(ctx, rec)
	b.spans = append(b.spans, span)
}

// end ends the spans of what was delivered, or was not.
func (b *batch) end(err error) {
	for _, span := range b.spans {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}
