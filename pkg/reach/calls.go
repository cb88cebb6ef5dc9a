package reach

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// What became of a call.
const (
	OK      = "ok"      // the target did what was asked
	Refused = "refused" // it answered that it will not: 4xx
	Failed  = "failed"  // it answered 5xx or 429, or not at all
	Open    = "open"    // nothing was sent, since the breaker is open
	Left    = "left"    // who asked went away before the answer came
)

// Calls measures calls that leave the process. Who cannot use a Client, since its target
// speaks no HTTP, has one of its own; all of a registry are the same metrics.
type Calls struct {
	seconds *prometheus.HistogramVec
	states  *prometheus.GaugeVec
}

// NewCalls returns the measures of a registry, nil for none.
func NewCalls(reg prometheus.Registerer) *Calls {
	return &Calls{
		seconds: telemetry.Registered(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tickler_call_seconds", Help: "Time of a call to another program, with its retries, by how it went.",
			Buckets: telemetry.Buckets(), NativeHistogramBucketFactor: 1.1,
		}, []string{"target", "result"})),
		states: telemetry.Registered(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "tickler_breaker_state", Help: "0 closed, 1 half open, 2 open: nothing is sent to the target.",
		}, []string{"target"})),
	}
}

// Breaker shows a target's breaker, closed at first, and returns what tells its state.
func (c *Calls) Breaker(target string) func(gobreaker.State) {
	state := c.states.WithLabelValues(target)
	state.Set(float64(gobreaker.StateClosed))
	return func(to gobreaker.State) { state.Set(float64(to)) }
}

// Begin begins a call, and its span if ctx is in a trace. The caller says at its end what
// became of it, with one of the constants above.
func (c *Calls) Begin(ctx context.Context, target string) (context.Context, func(result string, err error)) {
	began := time.Now()
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer("github.com/tickler-app/tickler/pkg/reach")
	ctx, span := tracer.Start(ctx, "call "+target, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("peer.service", target)))
	return ctx, func(result string, err error) {
		if err != nil {
			span.SetStatus(codes.Error, result)
		}
		span.End()
		telemetry.Observe(ctx, c.seconds.WithLabelValues(target, result), time.Since(began).Seconds())
	}
}

// Outcome says what became of a call that ended with err; refused is that the target answered
// and will not do it, whoever asks again.
func Outcome(err error, refused bool) string {
	switch {
	case refused:
		return Refused
	case err == nil:
		return OK
	case errors.Is(err, context.Canceled):
		return Left
	case errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests):
		return Open
	}
	return Failed
}

// outcome is Outcome of a call over HTTP.
func outcome(res *http.Response, err error) string {
	if err == nil && (res.StatusCode >= http.StatusInternalServerError || res.StatusCode == http.StatusTooManyRequests) {
		return Failed
	}
	return Outcome(err, err == nil && res.StatusCode >= http.StatusBadRequest)
}
