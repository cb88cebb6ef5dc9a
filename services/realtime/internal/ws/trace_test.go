package ws

import (
	"testing"

	dto "github.com/prometheus/client_model/go"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestATraceEndsWithTheFrame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spans := tracetest.NewSpanRecorder()
	b.door.Tracer = sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	c := b.connect("ada", "")
	b.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	b.say("ada", 1)
	b.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" // which nobody keeps
	b.say("ada", 2)
	c.hears("hello 0", "notice.created 1", "notice.created 2")
	b.until("the span has ended", func() bool { return len(spans.Ended()) > 0 })
	back := b.connect("ada", "cursor=0") // and hears both again, of which it was not waiting for any
	back.hears("hello 0", "notice.created 1", "notice.created 2")
	b.stop()
	var measured dto.Metric
	if err := b.door.metrics.latency.Write(&measured); err != nil || measured.GetHistogram().GetSampleCount() != 2 {
		t.Errorf("%d latencies were measured, %v", measured.GetHistogram().GetSampleCount(), err)
	}
	ended := spans.Ended()
	if len(ended) != 1 || ended[0].Name() != "frame" || ended[0].Parent().SpanID().String() != "b7ad6b7169203331" {
		t.Errorf("spans %v", ended)
	}
}
