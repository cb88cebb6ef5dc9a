package kafka

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

const (
	traceA = "0af7651916cd43dd8448eb211c80319c"
	traceB = "4bf92f3577b34da6a3ce929d0e0e4736"
)

// traced is a record of a trace that is kept, whose event happened some time ago.
func traced(id string, ago time.Duration) *kgo.Record {
	return &kgo.Record{Topic: "task-events", Timestamp: time.Now(), Headers: []kgo.RecordHeader{
		{Key: "ce_time", Value: []byte(time.Now().Add(-ago).UTC().Format(time.RFC3339Nano))},
		{Key: "traceparent", Value: []byte("00-" + id + "-b7ad6b7169203331-01")},
	}}
}

func TestLatencyCountsFromWhenTheEventHappened(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	m := NewMeter(reg, "recurring")
	m.Applied(kgo.FetchTopicPartition{Topic: "task-events", FetchPartition: kgo.FetchPartition{
		HighWatermark: 12, Records: []*kgo.Record{traced(traceA, time.Minute), {Topic: "task-events", Timestamp: time.Now().Add(-5 * time.Second), Offset: 9}},
	}})
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	exemplar := ""
	for _, family := range families {
		if family.GetName() != "tickler_consumer_latency_seconds" {
			continue
		}
		h := family.GetMetric()[0].GetHistogram()
		sum = h.GetSampleSum()
		for _, bucket := range h.GetBucket() {
			if e := bucket.GetExemplar(); e != nil && bucket.GetUpperBound() >= 60 {
				exemplar = e.GetLabel()[0].GetValue()
			}
		}
	}
	if sum < 65 || sum > 90 {
		t.Errorf("together %v s late, want 65", sum)
	}
	if exemplar != traceA {
		t.Errorf("the exemplar of a minute is of the trace %q", exemplar)
	}
	if n := value(t, reg, "tickler_consumer_lag_records", "group", "recurring", "partition", "0"); n != 2 {
		t.Errorf("%v records behind, want 2", n)
	}
}

func TestTheEffectOfARecordIsInItsTrace(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	_, end := Process(context.Background(), provider, "audit", []*kgo.Record{traced(traceA, 0)})
	end(nil)
	_, end = Process(context.Background(), provider, "audit", []*kgo.Record{traced(traceA, 0), traced(traceB, 0), {Topic: "task-events"}})
	end(errAway)
	count := map[string]int{}
	for _, span := range spans.Ended() {
		if span.Name() != "task-events process" {
			t.Errorf("a span %s", span.Name())
		}
		count[span.SpanContext().TraceID().String()]++
		if links := len(span.Links()); links != 0 && links != 2 {
			t.Errorf("%d links", links)
		}
	}
	if len(count) != 3 || count[traceA] != 2 || count[traceB] != 1 { // the third is the batch's own
		t.Errorf("spans by trace: %v", count)
	}
}
