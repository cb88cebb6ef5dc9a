package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

const notes = `
openapi: 3.1.0
info: {title: notes, version: "1"}
paths:
  /notes:
    post:
      operationId: addNote
      x-max-body: 64
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: string, maxLength: 3}}}}}
      responses: {'204': {description: done}}
`

// serve starts a router of these routes and returns its address.
func serve(t *testing.T, cfg Config, routes func(*gin.Engine)) (address string, stop func()) {
	t.Helper()
	cfg.Log = slog.New(slog.DiscardHandler)
	if cfg.Metrics == nil {
		cfg.Metrics = telemetry.Registry("test")
	}
	router, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	routes(router)
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := Serve(ln, router)(ctx); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	stop = func() { cancel(); wait.Wait() }
	t.Cleanup(stop)
	return "http://" + ln.Addr().String(), stop
}

func send(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
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
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(content)
}

func TestEveryFailureIsAProblem(t *testing.T) {
	t.Parallel()
	failures := map[string]error{
		"/internal": errors.New("password is hunter2"), "/unavailable": &fault.Error{Kind: fault.Unavailable, Message: "away", RetryAfter: 1500 * time.Millisecond},
		"/unauthorized": fault.New(fault.Unauthorized, "sign in"), "/conflict": fault.New(fault.Conflict, "taken"),
	}
	address, _ := serve(t, Config{}, func(r *gin.Engine) {
		for path, err := range failures {
			r.GET(path, func(c *gin.Context) { Fail(c, err) })
		}
		r.GET("/panic", func(*gin.Context) { panic("hunter2") })
	})
	for path, want := range map[string]struct {
		method, code, header, value string
		status                      int
	}{
		"/internal":     {"GET", "internal", "", "", 500},
		"/panic":        {"GET", "internal", "", "", 500},
		"/unavailable":  {"GET", "unavailable", "Retry-After", "2", 503},
		"/unauthorized": {"GET", "unauthorized", "WWW-Authenticate", "Bearer", 401},
		"/conflict":     {"GET", "conflict", "", "", 409},
		"/nowhere":      {"GET", "not_found", "", "", 404},
		"/panic?x":      {"POST", "method_not_allowed", "", "", 405},
	} {
		res, body := send(t, want.method, address+path, "", "X-Request-Id: request-12")
		var p Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatalf("%s: %s", path, body)
		}
		if res.StatusCode != want.status || string(p.Code) != want.code || p.Status != want.status || p.Type != "/problems/"+want.code ||
			p.RequestID != "request-12" || res.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(body, "hunter2") {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
		if want.header != "" && res.Header.Get(want.header) != want.value {
			t.Errorf("%s: %s is %q", path, want.header, res.Header.Get(want.header))
		}
	}
}

func TestARequestIDIsTakenIfItLooksLikeOne(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, Config{}, func(*gin.Engine) {})
	for given, kept := range map[string]bool{"0190f3c2-7b1a-7000-8000-000000000001": true, "short": false, "has spaces in it": false, strings.Repeat("x", 200): false} {
		res, _ := send(t, "GET", address+"/nowhere", "", "X-Request-Id: "+given)
		if got := res.Header.Get("X-Request-Id"); (got == given) != kept || got == "" {
			t.Errorf("%q became %q", given, got)
		}
	}
}

func TestWhatTheDocumentForbidsNeverReachesTheHandler(t *testing.T) {
	t.Parallel()
	var got []string
	address, _ := serve(t, Config{Spec: []byte(notes)}, func(r *gin.Engine) {
		r.POST("/notes", func(c *gin.Context) {
			body, _ := io.ReadAll(c.Request.Body)
			got = append(got, string(body))
			c.Status(http.StatusNoContent)
		})
	})
	for body, status := range map[string]int{
		`{"text":"abc"}`: 204, `{"text":"abcd"}`: 422, `{}`: 422, `nonsense`: 400, `{"text":"` + strings.Repeat("x", 64) + `"}`: 413,
	} {
		if res, said := send(t, "POST", address+"/notes", body, "Content-Type: application/json"); res.StatusCode != status {
			t.Errorf("%s: %d %s", body, res.StatusCode, said)
		}
	}
	if res, _ := send(t, "POST", address+"/notes", `{"text":"abc"}`, "Content-Type: application/json", "Content-Encoding: gzip"); res.StatusCode != 415 {
		t.Errorf("a compressed body: %d", res.StatusCode)
	}
	for _, query := range []string{"x=%zz", "%zz", "a=1;b=2"} {
		if res, _ := send(t, "POST", address+"/notes?"+query, `{"text":"abc"}`, "Content-Type: application/json"); res.StatusCode != 400 {
			t.Errorf("a query %q: %d", query, res.StatusCode)
		}
	}
	for _, call := range [][2]string{{"GET", "/docs/nothing"}, {"POST", "/docs"}} {
		if res, _ := send(t, call[0], address+call[1], ""); res.StatusCode < 400 || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v: %d %v", call, res.StatusCode, res.Header)
		}
	}
	if len(got) != 1 || got[0] != `{"text":"abc"}` {
		t.Errorf("the handler saw %q", got)
	}
	for _, path := range []string{"/openapi.json", "/docs", "/docs/start.js", "/docs/swagger-ui.css"} {
		if res, _ := send(t, "GET", address+path, ""); res.StatusCode != 200 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// Who is answered in the middle of sending may never see the answer, above all behind a proxy.
func TestWhoSendsTooMuchIsHeardToTheEnd(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, Config{Spec: []byte(notes)}, func(r *gin.Engine) { r.POST("/notes", func(c *gin.Context) { c.Status(204) }) })
	for size, cut := range map[int]bool{65: false, 5 << 20: false, 64 + passedOver + 1: true} {
		res, body := send(t, "POST", address+"/notes", strings.Repeat("x", size), "Content-Type: application/json")
		if res.StatusCode != 413 || res.Close != cut {
			t.Errorf("%d bytes: %d, cut off %v: %s", size, res.StatusCode, res.Close, body)
		}
	}
}

func TestReadinessSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	var away error
	address, _ := serve(t, Config{Ready: map[string]Check{"database": func(context.Context) error { return away }}}, func(*gin.Engine) {})
	for _, path := range []string{"/readyz", "/health", "/livez", "/metrics"} {
		if res, body := send(t, "GET", address+path, ""); res.StatusCode != 200 {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	away = errors.New("connection refused")
	if res, body := send(t, "GET", address+"/readyz", ""); res.StatusCode != 503 || !strings.Contains(body, "database: connection refused") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, _ := send(t, "GET", address+"/livez", ""); res.StatusCode != 200 {
		t.Errorf("alive all the same: %d", res.StatusCode)
	}
}

func TestHeadIsWhereverGetIs(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, Config{}, func(r *gin.Engine) {
		r.GET("/note", func(c *gin.Context) { c.Header("ETag", `"1"`); c.String(200, "text") })
	})
	if res, body := send(t, "HEAD", address+"/note", ""); res.StatusCode != 200 || body != "" || res.Header.Get("ETag") != `"1"` {
		t.Errorf("%d %q %v", res.StatusCode, body, res.Header)
	}
}

func TestAnEscapedSlashIsPartOfAParameter(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, Config{}, func(r *gin.Engine) {
		r.GET("/tags/:tag", func(c *gin.Context) { c.String(200, c.Param("tag")) })
		r.GET("/tags/:tag/more", func(c *gin.Context) { c.String(200, "more") })
	})
	for path, want := range map[string]string{
		"/tags/a%2Fmore": "a/more", "/tags/a%2Fb/more": "more", "/tags/a+b": "a+b", "/tags/a+b%2Fc": "a+b/c",
		"/tags/x%25y": "x%y", "/tags/100%25%2F": "100%/", "/tags/%2525%2f": "%25/", "/tags/w%C3%B6rk": "wörk", "/tags/w%C3%B6rk%40%2f": "wörk@/",
	} {
		if res, body := send(t, "GET", address+path, ""); res.StatusCode != 200 || body != want {
			t.Errorf("%s: %d %q, want %q", path, res.StatusCode, body, want)
		}
	}
}

func TestOnlyConfiguredOriginsMayCall(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, Config{Settings: Settings{Origins: []string{"https://a.example"}}}, func(r *gin.Engine) {
		r.GET("/note", func(c *gin.Context) { c.Status(200) })
	})
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://b.example": "", "null": ""} {
		res, _ := send(t, "GET", address+"/note", "", "Origin: "+origin)
		if got := res.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: %q", origin, got)
		}
	}
	res, _ := send(t, "OPTIONS", address+"/note", "", "Origin: https://a.example", "Access-Control-Request-Method: PATCH")
	if res.StatusCode != 204 || !strings.Contains(res.Header.Get("Access-Control-Allow-Methods"), "PATCH") {
		t.Errorf("preflight: %d %v", res.StatusCode, res.Header)
	}
}

func TestShutdownLetsRequestsInHandFinish(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	address, stop := serve(t, Config{}, func(r *gin.Engine) {
		r.GET("/slow", func(c *gin.Context) { close(begun); <-finish; c.String(200, "done") })
	})
	answered := make(chan string, 1)
	go func() {
		res, err := http.Get(address + "/slow")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answered <- string(body)
	}()
	<-begun
	go stop()
	for { // until it takes no more connections
		conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			break
		}
		conn.Close()
	}
	close(finish)
	if got := <-answered; got != "done" {
		t.Errorf("the request in hand: %s", got)
	}
}
