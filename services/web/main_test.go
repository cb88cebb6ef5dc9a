package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/web/internal/route"
)

// upstream is a service that says its name, and what it was sent.
func upstream(t *testing.T, name string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"paths":{"/of/%s":{"get":{"responses":{"200":{"$ref":"#/components/responses/Problem"}}}}},"components":{"responses":{"Problem":{"description":"of %s"}}}}`, name, name)
	})
	mux.HandleFunc("/api/u/stream", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // ends when the client has read the first line and goes
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Answered-By", name)
		fmt.Fprintf(w, "%s %s %s %s %s", name, r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Forwarded-For"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// start starts web before services that say their names, and an identity that swaps
// tkl_good for "short".
func start(t *testing.T) (address string, swaps *atomic.Int64) {
	t.Helper()
	t.Parallel()
	swaps = new(atomic.Int64)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		swaps.Add(1)
		client, secret, _ := r.BasicAuth()
		if client != "web" || secret != "s%2Bcret" || r.PostFormValue("subject_token") != "tkl_good" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"access_token":"short","expires_in":900}`)
	})
	mux.Handle("/", upstream(t, route.Identity).Config.Handler)
	identity := httptest.NewServer(mux)
	t.Cleanup(identity.Close)
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away.Close()
	cfg := settings{
		Public: "https://todo.example", Secret: "s+cret", Identity: identity.URL, Chat: "http://" + away.Addr().String(),
		API: upstream(t, route.API).URL, Audit: upstream(t, route.Audit).URL, Realtime: upstream(t, route.Realtime).URL, Notification: upstream(t, route.Notification).URL,
	}
	h, err := cfg.build(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.public)
	t.Cleanup(server.Close)
	return server.URL, swaps
}

func get(t *testing.T, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestARequestGoesToItsServiceAndComesBack(t *testing.T) {
	address, _ := start(t)
	for path, want := range map[string]string{
		"/api/u/tasks": "api GET /api/u/tasks Bearer jwt 127.0.0.1", "/api/u/audit-logs": "audit GET /api/u/audit-logs Bearer jwt 127.0.0.1",
		"/api/auth/ok": "identity GET /api/auth/ok Bearer jwt 127.0.0.1",
	} {
		res, body := get(t, address+path, "Authorization: Bearer jwt", "X-Forwarded-For: 6.6.6.6", "X-Request-Id: request-12")
		if body != want || res.Header.Get("X-Request-Id") != "request-12" || res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %q %v", path, body, res.Header)
		}
	}
}

func TestWhatIsAwayOrMissingIsSaidSo(t *testing.T) {
	address, _ := start(t)
	for path, status := range map[string]int{
		"/api/u/chat": 503, "/mcp": 503, "/metrics": 404, "/readyz": 404, "/livez": 404, "/assets/none.js": 404, "/favicon.ico2": 404,
	} {
		res, body := get(t, address+path)
		if res.StatusCode != status || res.Header.Get("Content-Type") != "application/problem+json" || (status == 503) != (res.Header.Get("Retry-After") != "") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestThePageAnswersEveryOtherPathUnderAStrictPolicy(t *testing.T) {
	address, _ := start(t)
	for _, path := range []string{"/", "/tasks", "/tasks/0190f3c2-7b1a-7000-8000-000000000001"} {
		res, body := get(t, address+path)
		policy := res.Header.Get("Content-Security-Policy")
		if res.StatusCode != 200 || !strings.Contains(body, "<html") || res.Header.Get("Cache-Control") != "no-cache" ||
			!strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %d %q %v", path, res.StatusCode, body, res.Header)
		}
		if again, _ := get(t, address+path, "If-None-Match: "+res.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s again: %d", path, again.StatusCode)
		}
	}
}

func TestAnAPITokenIsSwappedAndKeptForAWhile(t *testing.T) {
	address, swaps := start(t)
	for range 5 {
		if _, body := get(t, address+"/api/u/tasks", "Authorization: Bearer tkl_good"); !strings.Contains(body, "Bearer short") {
			t.Errorf("api saw %q", body)
		}
	}
	if n := swaps.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if res, _ := get(t, address+"/api/u/tasks", "Authorization: Bearer tkl_bad"); res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("a bad one: %d", res.StatusCode)
	}
}

func TestAStreamArrivesAsItIsSent(t *testing.T) {
	address, _ := start(t)
	res, err := http.Get(address + "/api/u/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || line != "first\n" {
		t.Errorf("%q, %v", line, err)
	}
}

func TestTheDocumentsOfAllServicesAreOne(t *testing.T) {
	address, _ := start(t)
	_, body := get(t, address+"/openapi.json")
	var document struct {
		Paths      map[string]json.RawMessage
		Components map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api", "audit", "identity", "notification", "realtime"} {
		if !strings.Contains(string(document.Paths["/of/"+name]), "#/components/responses/"+name+".Problem") || document.Components["responses"][name+".Problem"] == nil {
			t.Errorf("%s: %s", name, document.Paths["/of/"+name])
		}
	}
	if res, page := get(t, address+"/docs"); res.StatusCode != 200 || !strings.Contains(page, "swagger") {
		t.Errorf("docs: %d", res.StatusCode)
	}
}

// A socket is handed through byte for byte, whatever realtime answers.
func TestASocketIsHandedThrough(t *testing.T) {
	t.Parallel()
	feed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	go func() {
		conn, err := feed.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		reader := bufio.NewReader(conn)
		req, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello %s\n", req.Header.Get("Sec-WebSocket-Protocol"))
		line, _ := reader.ReadString('\n')
		fmt.Fprintf(conn, "heard %s", line)
	}()
	cfg := settings{Realtime: "http://" + feed.Addr().String(), Identity: "http://127.0.0.1:1", API: "http://127.0.0.1:1", Audit: "http://127.0.0.1:1"}
	h, err := cfg.build(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.public)
	defer server.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprint(conn, "GET /ws?cursor=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: tickler.v1\r\n\r\nping\n")
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 101") || !strings.HasSuffix(string(got), "hello tickler.v1\nheard ping\n") {
		t.Errorf("%q, %v", got, err)
	}
}
