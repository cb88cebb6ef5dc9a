package reach

import (
	"context"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// seen returns how many calls to a target ended so.
func seen(t *testing.T, reg *prometheus.Registry, target, result string) (n uint64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if l := metric.GetLabel(); family.GetName() == "tickler_call_seconds" && l[0].GetValue() == result && l[1].GetValue() == target {
				n += metric.GetHistogram().GetSampleCount()
			}
		}
	}
	return n
}

func TestWhatBecameOfACallIsAMetric(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	for _, status := range []int{200, 404, 500} {
		address, _ := server(t, status)
		res, err := New(Config{Target: "provider", Metrics: reg, Shared: true}).Do(request(t, "POST", address, ""))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	broken := New(Config{Target: "provider", Metrics: reg})
	for range failuresToBreak + 2 {
		if _, err := broken.Do(request(t, "POST", "http://127.0.0.1:1", "")); err == nil {
			t.Fatal("somebody answered")
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(Config{Target: "provider", Metrics: reg, Shared: true}).Do(request(t, "GET", "http://127.0.0.1:1", "").WithContext(gone)); err == nil {
		t.Fatal("somebody answered")
	}
	for result, want := range map[string]uint64{OK: 1, Refused: 1, Failed: 1 + failuresToBreak, Open: 2, Left: 1} {
		if n := seen(t, reg, "provider", result); n != want {
			t.Errorf("%d calls %s, want %d", n, result, want)
		}
	}
	if state := testutil.ToFloat64(broken.calls.states.WithLabelValues("provider")); state != 2 {
		t.Errorf("the breaker's state is told as %v", state)
	}
}

func TestACallGoesOnWithTheTraceThatItIsMadeIn(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	ctx, within := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)).Tracer("test").Start(t.Context(), "above")
	var heard http.Header
	client := New(Config{Target: "provider", Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		heard = req.Header
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})})
	res, err := client.Do(request(t, "GET", "http://provider.test", "").WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	call := spans.Ended()[0]
	if call.Name() != "call provider" || call.Parent().SpanID() != within.SpanContext().SpanID() {
		t.Errorf("%s below %v", call.Name(), call.Parent())
	}
	if want := "00-" + call.SpanContext().TraceID().String() + "-" + call.SpanContext().SpanID().String() + "-01"; heard.Get("Traceparent") != want {
		t.Errorf("the target hears %q, want %q", heard.Get("Traceparent"), want)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
