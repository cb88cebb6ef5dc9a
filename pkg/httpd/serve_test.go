package httpd

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWhoLeavesAsksCallersToGoAndIsNotReady(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	handler := leaving(ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	ask := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		return rec.Code, rec.Header().Get("Connection")
	}
	for _, path := range []string{"/readyz", "/health", "/livez", "/note"} {
		if status, connection := ask(path); status != 200 || connection != "" {
			t.Errorf("before, %s: %d %q", path, status, connection)
		}
	}
	leave()
	for path, want := range map[string]int{"/readyz": 503, "/health": 503, "/livez": 200, "/note": 200} {
		if status, connection := ask(path); status != want || connection != "close" {
			t.Errorf("leaving, %s: %d %q", path, status, connection)
		}
	}
}
