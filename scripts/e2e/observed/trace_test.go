package observed

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// span is what we look at of one.
type span struct{ service, name, id, parent, linked string }

// collector takes traces by OTLP over HTTP, as a real one does.
type collector struct {
	url string

	mu     sync.Mutex
	traces map[string][]span
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{traces: map[string][]span{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var export coltrace.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &export) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.keep(&export)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *collector) keep(export *coltrace.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range export.GetResourceSpans() {
		service := ""
		for _, attribute := range from.GetResource().GetAttributes() {
			if attribute.GetKey() == "service.name" {
				service = attribute.GetValue().GetStringValue()
			}
		}
		for _, scope := range from.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				id := hex.EncodeToString(s.GetTraceId())
				one := span{service, s.GetName(), hex.EncodeToString(s.GetSpanId()), hex.EncodeToString(s.GetParentSpanId()), ""}
				for _, link := range s.GetLinks() {
					one.linked = hex.EncodeToString(link.GetTraceId())
				}
				c.traces[id] = append(c.traces[id], one)
			}
		}
	}
}

func (c *collector) trace(id string) []span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.traces[id])
}

// linkedTo is the trace that begins with a span of that name which is linked to the trace id.
func (c *collector) linkedTo(id, name string) []span {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, spans := range c.traces {
		if slices.ContainsFunc(spans, func(one span) bool { return one.linked == id && one.parent == "" && one.service+" "+one.name == name }) {
			return slices.Clone(spans)
		}
	}
	return nil
}

// has waits until a trace has all these spans, and returns it.
func (s *scene) has(trace func() []span, want ...string) (spans []span) {
	s.Helper()
	missing := want
	for end := time.Now().Add(40 * time.Second); len(missing) > 0; time.Sleep(50 * time.Millisecond) {
		spans = trace()
		missing = slices.DeleteFunc(slices.Clone(want), func(name string) bool {
			return slices.ContainsFunc(spans, func(one span) bool { return one.service+" "+one.name == name })
		})
		if time.Now().After(end) {
			s.Fatalf("the trace lacks %v; it has %v", missing, spans)
		}
	}
	return spans
}

// aTraceGoesAllTheWay begins a trace as a page would, and finds it again in every service
// that the change went through. Its reminder rings in a trace of its own that leads back to it.
func aTraceGoesAllTheWay(s *scene, p *person.Person, traces *collector) {
	id := uuid.New()
	trace, click := hex.EncodeToString(id[:]), "b7ad6b7169203331"
	header := http.Header{"Traceparent": {"00-" + trace + "-" + click + "-01"}}
	if _, err := p.CallWith(s.Context(), "POST", "tasks", map[string]any{
		"title": "traced", "due_date": "2030-01-01", "reminders": []any{map[string]any{"at": time.Now().Add(5 * time.Second).UTC().Format(time.RFC3339Nano)}},
	}, header, nil); err != nil {
		s.Fatal(err)
	}
	spans := s.has(func() []span { return traces.trace(trace) }, "web POST api", "web call api", "api POST /api/:user_id/tasks",
		"api task-events publish", "api task-updates publish", "audit task-events process", "realtime frame",
		"api timer-commands publish", "scheduler timer-commands process")
	s.has(func() []span { return traces.linkedTo(trace, "scheduler reminders publish") },
		"notification reminders process", "notification notification-events publish", "audit notification-events process")
	// Each stands below the one that led to it: they are one tree, and the click is its root.
	known := map[string]bool{click: true}
	for _, one := range spans {
		known[one.id] = true
	}
	for _, one := range spans {
		s.Logf("%s %s", one.service, one.name)
		if !known[one.parent] {
			s.Errorf("%s of %s hangs below %s, which is not of the trace", one.name, one.service, one.parent)
		}
	}
}

// aLatencyLeadsToItsTrace: the points on a histogram's panel are traces that the collector has.
func aLatencyLeadsToItsTrace(s *scene, traces *collector) {
	for _, metric := range []string{"tickler_http_request_seconds", "tickler_call_seconds", "tickler_consumer_latency_seconds", "tickler_ws_e2e_latency_seconds"} {
		found := false
		for end := time.Now().Add(40 * time.Second); !found && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			for _, id := range s.exemplars(metric + "_bucket") {
				found = found || len(traces.trace(id)) > 0
			}
		}
		if !found {
			s.Errorf("no exemplar of %s is of a trace that was kept", metric)
		}
	}
}

// exemplars are the traces that Prometheus has of a metric.
func (s *scene) exemplars(metric string) (ids []string) {
	s.Helper()
	query := url.Values{"query": {metric}, "start": {fmt.Sprint(time.Now().Add(-time.Hour).Unix())}, "end": {fmt.Sprint(time.Now().Add(time.Minute).Unix())}}
	res, err := http.Get(s.house.URL("prometheus") + "/api/v1/query_exemplars?" + query.Encode())
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Data []struct {
			Exemplars []struct{ Labels map[string]string }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		s.Fatal(err)
	}
	for _, series := range answer.Data {
		for _, one := range series.Exemplars {
			ids = append(ids, one.Labels["trace_id"])
		}
	}
	return ids
}
