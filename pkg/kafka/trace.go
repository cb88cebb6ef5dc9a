package kafka

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kotel"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// A batch may hold thousands of traces; a span that names more of them helps nobody.
const maxLinks = 32

// trace begins the span of one effect. For a single record it goes on with the record's
// own trace; for a batch it links to the traces of its records. kotel's hooks would make
// two spans for each record instead, and replace the traceparent that the outbox kept.
func trace(ctx context.Context, group string, recs []*kgo.Record) (context.Context, func(error)) {
	var links []oteltrace.Link
	for _, rec := range recs[:min(len(recs), maxLinks)] {
		from := oteltrace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), kotel.NewRecordCarrier(rec)))
		if !from.IsValid() {
			continue
		} else if len(recs) == 1 {
			ctx = oteltrace.ContextWithRemoteSpanContext(ctx, from)
		} else {
			links = append(links, oteltrace.Link{SpanContext: from})
		}
	}
	ctx, span := otel.Tracer("github.com/tickler-app/tickler/pkg/kafka").Start(ctx, recs[0].Topic+" process",
		oteltrace.WithSpanKind(oteltrace.SpanKindConsumer), oteltrace.WithLinks(links...), oteltrace.WithAttributes(
			attribute.String("messaging.system", "kafka"),
			attribute.String("messaging.destination.name", recs[0].Topic),
			attribute.String("messaging.consumer.group.name", group),
			attribute.Int("messaging.batch.message_count", len(recs)),
		))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// Traceparent writes the trace of ctx into a record, for those who send without an outbox.
func Traceparent(ctx context.Context, rec *kgo.Record) {
	propagation.TraceContext{}.Inject(ctx, kotel.NewRecordCarrier(rec))
}
