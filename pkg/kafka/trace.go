package kafka

import (
	"context"

	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kotel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// A batch may hold thousands of traces; a span that names more of them helps nobody.
const maxLinks = 32

// Process begins the span of one effect. For a single record it goes on with the record's own
// trace. A batch has a span of its own that links to the traces of its records, and each of
// those that are kept gets a span too, so that its trace shows where it went on. kotel's hooks
// would make two spans for each record instead, and replace the traceparent that the outbox kept.
// Without a provider there are none. The records are of one topic; the caller ends it.
func Process(ctx context.Context, provider trace.TracerProvider, group string, recs []*kgo.Record) (context.Context, func(error)) {
	if provider == nil {
		if len(recs) == 1 {
			ctx = trace.ContextWithRemoteSpanContext(ctx, spanOf(recs[0]))
		}
		return ctx, func(error) {}
	}
	tracer := provider.Tracer("github.com/tickler-app/tickler/pkg/kafka")
	about := []attribute.KeyValue{
		attribute.String("messaging.system", "kafka"),
		attribute.String("messaging.destination.name", recs[0].Topic),
		attribute.String("messaging.consumer.group.name", group),
		attribute.Int("messaging.batch.message_count", len(recs)),
	}
	name := recs[0].Topic + " process"
	var links []trace.Link
	var spans []trace.Span
	for _, rec := range recs[:min(len(recs), maxLinks)] {
		from := spanOf(rec)
		if !from.IsValid() {
			continue
		} else if len(recs) == 1 {
			ctx = trace.ContextWithRemoteSpanContext(ctx, from)
			continue
		}
		links = append(links, trace.Link{SpanContext: from})
		if from.IsSampled() {
			_, span := tracer.Start(trace.ContextWithRemoteSpanContext(context.Background(), from), name,
				trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(about...))
			spans = append(spans, span)
		}
	}
	ctx, span := tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...), trace.WithAttributes(about...))
	return ctx, func(err error) {
		for _, span := range append(spans, span) {
			if err != nil {
				span.SetStatus(codes.Error, err.Error())
			}
			span.End()
		}
	}
}

// spanOf is the trace that a record belongs to; without one it is not valid.
func spanOf(rec *kgo.Record) trace.SpanContext {
	return telemetry.SpanContext(Header(rec, "traceparent"))
}

// Traceparent writes the trace of ctx into a record, for those who send without an outbox.
func Traceparent(ctx context.Context, rec *kgo.Record) {
	propagation.TraceContext{}.Inject(ctx, kotel.NewRecordCarrier(rec))
}
