package ws

import (
	"context"
	"time"

	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
	"go.opentelemetry.io/otel/trace"
)

// written counts a frame that went out, and ends its change's trace with it: the span begins
// when the change was made, for what lies between is what somebody with an open page waits for.
// What a client was told because it came back waited for the client, and is late for nobody.
func (d *Door) written(change *feed.Change, opened time.Time) {
	d.metrics.sent.Inc()
	if change.At.Before(opened) {
		return
	}
	from := telemetry.SpanContext(change.Trace)
	telemetry.ObserveIn(from, d.metrics.latency, time.Since(change.At).Seconds())
	if d.Tracer == nil || !from.IsSampled() {
		return
	}
	_, span := d.Tracer.Tracer("github.com/tickler-app/tickler/services/realtime").Start(
		trace.ContextWithRemoteSpanContext(context.Background(), from), "frame",
		trace.WithSpanKind(trace.SpanKindProducer), trace.WithTimestamp(change.At))
	span.End()
}
