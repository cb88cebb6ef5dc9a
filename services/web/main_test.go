package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// says answers with what the service was asked, and how.
func says(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "of the service")
		w.Header().Set("X-Asked", r.Method)
		fmt.Fprintf(w, "%s %s %s auth=%s cookie=%s for=%s host=%s proto=%s id=%s trace=%s", name, r.Method, r.URL.RequestURI(),
			r.Header.Get("Authorization"), r.Header.Get("Cookie"), strings.Join(r.Header["X-Forwarded-For"], "|"), r.Header.Get("X-Forwarded-Host"),
			r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Request-Id"), r.Header.Get("Traceparent"))
	}
}

// test is web before services that say what they were asked. Chat is away, mcp not installed.
type test struct {
	*testing.T
	address string
	swaps   atomic.Int64 // of API tokens
}

func start(t *testing.T, more ...func(*settings)) *test {
	t.Helper()
	t.Parallel()
	s := &test{T: t}
	serve := func(name string, more func(*http.ServeMux)) string {
		mux := http.NewServeMux()
		mux.Handle("/", says(name))
		more(mux)
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		return server.URL
	}
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away.Close()
	none := func(*http.ServeMux) {}
	cfg := settings{
		Public: "https://todo.example", Secret: "s+cret", Identity: serve(route.Identity, s.exchange), API: serve(route.API, s.tasks),
		Audit: serve(route.Audit, none), Realtime: serve(route.Realtime, none), Notification: serve(route.Notification, none), Chat: "http://" + away.Addr().String(),
	}
	for _, f := range more {
		f(&cfg)
	}
	h, err := cfg.build(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	public, err := httpd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		ended <- run.Together(t.Context(), append(h.parts, httpd.Serve(httpd.Public(public), h.public))...)
	}()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
		h.close()
	})
	s.address = "http://" + public.Addr().String()
	return s
}

// exchange is identity's: it swaps tkl_good for "short".
func (s *test) exchange(mux *http.ServeMux) {
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		s.swaps.Add(1)
		client, secret, _ := r.BasicAuth()
		switch token := r.PostFormValue("subject_token"); {
		case client != "web" || secret != "s%2Bcret" || token == "tkl_bad":
			w.WriteHeader(http.StatusBadRequest)
		case token == "tkl_later":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, `{"access_token":"short","expires_in":900}`)
		}
	})
}

// tasks are api's calls of this test: a stream, and a document.
func (s *test) tasks(mux *http.ServeMux) {
	mux.HandleFunc("/api/u/stream", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // ends when the client has read the first line and goes
	})
	mux.HandleFunc("/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"security":[{"bearer":[]}],"tags":[{"name":"tasks"}],"paths":{
			"/api/{user_id}/tasks":{"get":{"operationId":"list","responses":{"default":{"$ref":"#/components/responses/Problem"}}}},
			"/internal":{"get":{"operationId":"no","responses":{}}}},
			"components":{"responses":{"Problem":{"description":"of api"}},"securitySchemes":{"bearer":{"type":"http"}}}}`)
	})
}

// get asks, with headers as "Name: value", and returns the answer with its body.
func (s *test) get(path string, headers ...string) (*http.Response, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.address+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return res, string(body)
}

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestARequestGoesToItsServiceAndComesBack(t *testing.T) {
	s := start(t)
	host := strings.TrimPrefix(s.address, "http://")
	for path, cookie := range map[string]string{
		"api /api/u/tasks?due=today": "", "api /api/u/tags/a%2Fb": "", "audit /api/u/audit-logs": "", "notification /api/u/notices": "",
		"identity /api/auth/ok": "a=b", "identity /api/u/tokens": "a=b", "realtime /ws": "",
	} {
		name, path, _ := strings.Cut(path, " ")
		res, body := s.get(path, "Authorization: Bearer jwt", "Cookie: a=b", "X-Forwarded-For: 6.6.6.6", "X-Real-IP: 6.6.6.6", "X-Forwarded-Proto: gopher",
			"X-Forwarded-Host: evil", "X-Request-Id: request-12", "Traceparent: "+traceparent)
		want := fmt.Sprintf("%s GET %s auth=Bearer jwt cookie=%s for=127.0.0.1 host=%s proto=http id=request-12 trace=%s", name, path, cookie, host, traceparent)
		if body != want {
			t.Errorf("%s: got  %q\nwant %q", path, body, want)
		}
		for header, want := range map[string]string{
			"X-Request-Id": "request-12", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			if got := res.Header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", path, header, got)
			}
		}
	}
}

func TestWhatAProxyInFrontSaysIsBelievedIfItIsTrusted(t *testing.T) {
	for networks, want := range map[string]string{
		"127.0.0.0/8": "for=6.6.6.6, 127.0.0.1 host=todo.example proto=https", "127.0.0.1": "for=6.6.6.6, 127.0.0.1 host=todo.example proto=https",
		"10.0.0.0/8": "for=127.0.0.1",
	} {
		t.Run(networks, func(t *testing.T) {
			s := start(t, func(cfg *settings) { cfg.Proxies = []string{networks} })
			_, body := s.get("/api/u/tasks", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: todo.example")
			if !strings.Contains(body, want) {
				t.Errorf("got %q, want %q", body, want)
			}
		})
	}
}

func TestWhatIsAwayOrMissingIsSaidSo(t *testing.T) {
	s := start(t)
	for path, status := range map[string]int{
		"/api/u/chat": 503, "/mcp": 503, "/metrics": 404, "/readyz": 404, "/livez": 404, "/health": 404, "/assets/none.js": 404, "/favicon.ico2": 404,
		"/api/u/%2e%2e/%2e%2e/metrics": 404, "/.gitkeep": 404,
	} {
		res, body := s.get(path)
		if res.StatusCode != status || res.Header.Get("Content-Type") != "application/problem+json" || (status == 503) != (res.Header.Get("Retry-After") != "") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestAnAPITokenIsSwappedAndKeptForAWhile(t *testing.T) {
	s := start(t)
	for range 5 {
		if _, body := s.get("/api/u/tasks", "Authorization: Bearer tkl_good"); !strings.Contains(body, "auth=Bearer short") {
			t.Errorf("api saw %q", body)
		}
	}
	if n := s.swaps.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if res, _ := s.get("/api/u/tasks", "Authorization: bearer tkl_bad"); res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("a bad one: %d", res.StatusCode)
	}
	if _, body := s.get("/api/auth/token", "Authorization: Bearer tkl_bad"); !strings.Contains(body, "auth=Bearer tkl_bad") {
		t.Errorf("sign-in saw %q", body)
	}
	if res, _ := s.get("/mcp", "Authorization: Bearer tkl_good"); res.StatusCode != 503 {
		t.Errorf("for what is not installed: %d", res.StatusCode)
	}
	if res, _ := s.get("/api/u/tasks", "Authorization: Bearer tkl_later"); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("while identity is away: %d", res.StatusCode)
	}
}

func TestAStreamArrivesAsItIsSent(t *testing.T) {
	s := start(t)
	res, err := http.Get(s.address + "/api/u/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if line, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil || line != "first\n" {
		t.Errorf("%q, %v", line, err)
	}
}

func TestTheDocumentsOfAllServicesAreOne(t *testing.T) {
	s := start(t, func(cfg *settings) {
		second := http.NewServeMux()
		second.HandleFunc("/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"paths":{"/api/{user_id}/audit-logs":{"get":{"operationId":"list","security":[],"responses":{"default":{"$ref":"#/components/responses/Problem"}}}}},
				"components":{"responses":{"Problem":{"description":"of audit"}}},"tags":[{"name":"tasks"},{"name":"trail"}]}`)
		})
		server := httptest.NewServer(second)
		t.Cleanup(server.Close)
		cfg.Audit = server.URL
	})
	_, body := s.get("/openapi.json")
	want := `{"components":{"responses":{"api.Problem":{"description":"of api"},"audit.Problem":{"description":"of audit"}},"securitySchemes":{"bearer":{"type":"http"}}},` +
		`"info":{"description":"Every call of every service, behind one origin. What is told on Kafka: [events](/docs/events).","title":"Tickler","version":"1"},"openapi":"3.1.0","paths":{` +
		`"/api/{user_id}/audit-logs":{"get":{"operationId":"audit.list","responses":{"default":{"$ref":"#/components/responses/audit.Problem"}},"security":[]}},` +
		`"/api/{user_id}/tasks":{"get":{"operationId":"api.list","responses":{"default":{"$ref":"#/components/responses/api.Problem"}},"security":[{"bearer":[]}]}}},` +
		`"servers":[{"url":"/"}],"tags":[{"name":"tasks"},{"name":"trail"}]}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	if res, page := s.get("/docs"); res.StatusCode != 200 || !strings.Contains(page, "swagger") {
		t.Errorf("docs: %d", res.StatusCode)
	}
}

func TestProbesAndMetricsAnswerOnTheirOwnPort(t *testing.T) {
	t.Parallel()
	cfg := settings{Public: "http://localhost:3000", Identity: "http://127.0.0.1:1", API: "http://127.0.0.1:1", Audit: "http://127.0.0.1:1", Realtime: "http://127.0.0.1:1"}
	h, err := cfg.build(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	for path, want := range map[string]string{
		"/livez": "alive", "/readyz": "ready", "/health": "ready", "/metrics": `tickler_breaker_state{target="realtime"} 0`,
	} {
		w := httptest.NewRecorder()
		h.admin.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestASocketIsHandedThroughToRealtime(t *testing.T) {
	s := start(t, func(cfg *settings) {
		realtime := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello %s %s\n",
				r.Header.Get("Sec-WebSocket-Protocol"), r.Header.Get("X-Forwarded-For"))
			_ = rw.Flush()
		}))
		t.Cleanup(realtime.Close)
		cfg.Realtime = realtime.URL
	})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: tickler.v1\r\n\r\n")
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 101 ") || !strings.HasSuffix(string(got), "\r\n\r\nhello tickler.v1 127.0.0.1\n") {
		t.Errorf("%q, %v", got, err)
	}
}
