package rest

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// A replica that leaves closes a connection on which the next request is just on its way.
func TestARequestWithAKeyIsSentAgainWhenItsConnectionCloses(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if calls.Add(1) == 2 { // on the connection that was kept
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
			return
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(service.Close)
	at, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{"some-key": http.StatusOK, "": http.StatusServiceUnavailable} {
		calls.Store(0)
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		o := New(Config{Public: at, Services: map[string]*url.URL{"api": at}, Reach: map[string]http.RoundTripper{"api": transport}, Log: slog.New(slog.DiscardHandler)})
		for i, status := range []int{http.StatusOK, want} {
			r := httptest.NewRequest(http.MethodPost, "/api/ada/tasks", strings.NewReader(`{"title":"Pay rent"}`))
			if key != "" {
				r.Header.Set("Idempotency-Key", key)
			}
			w := httptest.NewRecorder()
			o.ServeHTTP(w, r)
			if w.Code != status || status == http.StatusOK && w.Body.String() != `{"title":"Pay rent"}` {
				t.Errorf("key %q, request %d: %d %s", key, i, w.Code, w.Body)
			}
		}
	}
}
