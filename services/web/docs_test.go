package main

import (
	"strings"
	"testing"
)

func TestTheEventsAreReadWithoutLoadingAnything(t *testing.T) {
	s := start(t)
	res, page := s.get("/docs/events")
	for _, want := range []string{"<code>task-events</code>", `<section id="task.completed">`, "string event_id = 1;", "<td>api</td><td>audit, notification, recurring</td><td>30 days</td>"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'unsafe-inline'") || strings.Contains(page, "://") {
		t.Errorf("it may load something: %s", policy)
	}
	if res, text := s.get("/docs/events.yaml"); res.Header.Get("Content-Type") != "application/yaml" || !strings.Contains(text, "asyncapi: 3.0.0") {
		t.Errorf("the document: %s %.100s", res.Header.Get("Content-Type"), text)
	}
	if res, _ := s.get("/docs/nothing"); res.StatusCode != 404 {
		t.Errorf("nothing: %d", res.StatusCode)
	}
}
