package outbox

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestTheTraceOfARowGoesOnWithItsRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	spans, reg := tracetest.NewSpanRecorder(), prometheus.NewRegistry()
	stop := b.run(&Relay{Service: b.service, DB: b.work, Kafka: b.kafka, Log: b.log,
		Tracer: sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)), Metrics: reg})
	one := Event{Topics: []string{b.topic, "task-updates"}, Key: "ada", Value: []byte("1"), Headers: []Header{{"traceparent", traceparent}}}
	if err := postgres.As(t.Context(), b.app, "ada", func(tx postgres.Tx) error {
		return Append(t.Context(), tx, "ada", one, b.event("2"))
	}); err != nil {
		t.Fatal(err)
	}
	recs := b.records(2, soon)
	if len(recs) != 2 || kafka.Header(recs[0], "traceparent") != traceparent {
		t.Fatalf("records %v", recs)
	}
	stop()
	names := map[string]int{}
	for _, span := range spans.Ended() {
		names[span.Name()]++
		if span.Parent().SpanID().String() != "b7ad6b7169203331" || !span.EndTime().After(span.StartTime()) {
			t.Errorf("span %s below %s, from %s to %s", span.Name(), span.Parent().SpanID(), span.StartTime(), span.EndTime())
		}
	}
	if len(names) != 2 || names["task-events publish"] != 1 || names["task-updates publish"] != 1 {
		t.Errorf("spans %v", names)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		switch m := family.GetMetric()[0]; family.GetName() {
		case "tickler_outbox_publish_seconds":
			if m.GetHistogram().GetSampleCount() != 2 {
				t.Errorf("%d publications were measured", m.GetHistogram().GetSampleCount())
			}
		case "tickler_outbox_shards_held":
			if m.GetGauge().GetValue() != 0 {
				t.Errorf("%v shards are held after the end", m.GetGauge().GetValue())
			}
		}
	}
}
