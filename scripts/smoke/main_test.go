package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAHouseThatDoesNotWorkIsSaidToWithWhere(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "todo.example" || r.Header.Get("Origin") != "https://todo.example" {
			t.Errorf("asked for %s by %s", r.Host, r.Header.Get("Origin"))
		}
		http.Error(w, "away", http.StatusServiceUnavailable)
	}))
	defer broken.Close()
	var out strings.Builder
	if err := run(t.Context(), []string{"-origin", "https://todo.example", broken.URL}, &out); err == nil || !strings.Contains(err.Error(), "sign up: 503") {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), nil, &out); err == nil {
		t.Error("without an address")
	}
}
