package telemetry

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestWithoutACollectorACallersTraceIsPassedOnAllTheSame(t *testing.T) {
	t.Parallel()
	provider, stop, err := Tracing(t.Context(), "test", Settings{Percent: 100})
	if err != nil || provider != nil || stop(context.Background()) != nil {
		t.Errorf("%v, %v", provider, err)
	}
	const given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if from := SpanContext(given); !from.IsSampled() || from.SpanID().String() != "b7ad6b7169203331" {
		t.Errorf("%s is read as %v", given, from)
	}
	for _, text := range []string{"", "00-0-0-01", "nonsense"} {
		if SpanContext(text).IsValid() {
			t.Errorf("%q is read as a trace", text)
		}
	}
}

func TestAShareOfTracesIsOfAHundred(t *testing.T) {
	t.Parallel()
	for percent, good := range map[int]bool{-1: false, 0: true, 100: true, 101: false} {
		_, stop, err := Tracing(t.Context(), "test", Settings{Endpoint: "http://127.0.0.1:1", Percent: percent})
		if (err == nil) != good {
			t.Errorf("%d: %v", percent, err)
		}
		if err == nil {
			if err := stop(context.Background()); err != nil { // there was nothing to send
				t.Error(err)
			}
		}
	}
}

func TestTwoPackagesCountInOneMetric(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	made := func() prometheus.Counter {
		return Registered(reg, prometheus.NewCounter(prometheus.CounterOpts{Name: "n_total", Help: "Things."}))
	}
	made().Inc()
	made().Inc()
	if n := testutil.ToFloat64(made()); n != 2 {
		t.Errorf("counted %v", n)
	}
	Registered(nil, prometheus.NewCounter(prometheus.CounterOpts{Name: "n_total"})).Inc() // for nobody
}
