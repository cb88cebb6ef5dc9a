package reach

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

// server answers with these statuses in turn, the last one for ever, and counts.
func server(t *testing.T, statuses ...int) (address string, calls *atomic.Int64) {
	t.Helper()
	calls = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1))
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(statuses[min(n, len(statuses))-1])
		_, _ = w.Write(append([]byte(r.Header.Get("X-Request-Id")+" "), body...))
	}))
	t.Cleanup(s.Close)
	return s.URL, calls
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(telemetry.WithRequestID(t.Context(), "request-1"), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestACallThatMayBeRepeatedIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, key string
		statuses    []int
		status      int
		calls       int64
	}{
		{"GET", "", []int{503, 503, 200}, 200, 3},
		{"GET", "", []int{503}, 503, 3},
		{"GET", "", []int{500, 200}, 500, 1},
		{"POST", "", []int{503, 200}, 503, 1},
		{"POST", "k", []int{502, 200}, 200, 2},
	} {
		address, calls := server(t, test.statuses...)
		req := request(t, test.method, address, "body")
		if test.key != "" {
			req.Header.Set("Idempotency-Key", test.key)
		}
		res, err := New(Config{Target: "test", Retries: 2}).Do(req)
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		if res.Body.Close(); err != nil || string(body) != "request-1 body" || res.StatusCode != test.status || calls.Load() != test.calls {
			t.Errorf("%+v: %d after %d calls, %q %v", test, res.StatusCode, calls.Load(), body, err)
		}
	}
}

func TestATargetThatFailsIsLeftAlone(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	address, calls := server(t, 503)
	client := New(Config{Target: "test", Metrics: registry})
	for range failuresToBreak {
		if res, err := client.Do(request(t, "POST", address, "")); err != nil {
			t.Fatal(err)
		} else {
			res.Body.Close()
		}
	}
	if _, err := client.Do(request(t, "POST", address, "")); fault.KindOf(err) != fault.Unavailable || calls.Load() != failuresToBreak {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
	want := "# HELP tickler_breaker_state 0 closed, 1 half open, 2 open: nothing is sent to the target.\n" +
		"# TYPE tickler_breaker_state gauge\ntickler_breaker_state{target=\"test\"} 2\n"
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "tickler_breaker_state"); err != nil {
		t.Error(err)
	}
}

func TestASilentTargetIsGivenUp(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer silent.Close()
	defer close(stop)
	client := New(Config{Target: "test", Timeout: 50 * time.Millisecond, Retries: 1})
	if _, err := client.Do(request(t, "GET", silent.URL, "")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}
