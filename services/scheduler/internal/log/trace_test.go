package log

import (
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

// Also through a restart, since it is kept with the timer. What is not kept of a trace
// is not kept here either.
func TestAFiringIsLinkedToTheTraceThatSetIt(t *testing.T) {
	const set = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"
	inVirtualTime(t, func(b *bench) {
		spans := tracetest.NewSpanRecorder()
		tracing := func(p *process) {
			patient(p)
			p.Tracer = sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
		}
		due := time.Now().Add(2 * time.Hour)
		for id, traceparent := range map[string]string{"kept": set + "1", "dropped": set + "0", "none": ""} {
			command := b.command(schedule(b, id, due))
			if traceparent != "" {
				command.Headers = append(command.Headers, kgo.RecordHeader{Key: "traceparent", Value: []byte(traceparent)})
			}
			b.write(command)
		}
		p := b.start(tracing)
		time.Sleep(time.Hour)
		p.stop()
		b.start(tracing)
		time.Sleep(2 * time.Hour)
		b.saw("kept/1", "dropped/1", "none/1")
		var fires []sdk.ReadOnlySpan
		below := 0
		for _, span := range spans.Ended() {
			switch span.Name() {
			case b.topics()[3] + " publish":
				fires = append(fires, span)
			case b.topics()[0] + " process":
				if span.Parent().TraceID().String() == "0af7651916cd43dd8448eb211c80319c" {
					below++
				}
			}
		}
		if len(fires) != 1 || below != 1 {
			b.Fatalf("%d firings have a span, and %d commands one in their trace: %v", len(fires), below, fires)
		}
		one := fires[0]
		if links := one.Links(); one.Parent().IsValid() || len(links) != 1 || telemetry.Traceparent(trace.ContextWithSpanContext(b.Context(), links[0].SpanContext)) != set+"1" {
			b.Errorf("it is below %v and linked to %v", one.Parent(), links)
		}
		for _, rec := range b.records(b.topics()[3]) {
			from := telemetry.SpanContext(kafka.Header(rec, "traceparent"))
			if on := kafka.Header(rec, "ce_subject") == "kept"; on != from.IsValid() || on && from.SpanID() != one.SpanContext().SpanID() {
				b.Errorf("%s goes on with %v", kafka.Header(rec, "ce_subject"), from)
			}
		}
	})
}
