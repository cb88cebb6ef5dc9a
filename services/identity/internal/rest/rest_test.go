package rest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
	"github.com/tickler-app/tickler/services/identity/internal/key"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/store"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// house is the door with everything behind it, over a database and a clock of the test's own.
type house struct {
	door     *Door
	url      string
	now      *atomic.Pointer[time.Time]
	hashed   *atomic.Int64
	contract *openapi.Document
	root     *sqlx.DB
	work     *store.Work
}

const (
	public     = "http://todo.example"
	testSecret = "0123456789abcdef0123456789abcdef"
)

// build starts the house; change may alter the door before it opens.
func build(t *testing.T, change func(*Door)) *house {
	t.Helper()
	t.Parallel()
	ways := testkit.Service(t, "identity", outbox.Migrations, store.Migrations)
	open := func(address string) *sqlx.DB {
		db, err := postgres.Open(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	h := &house{now: &atomic.Pointer[time.Time]{}, hashed: &atomic.Int64{}, root: open(ways.WorkURL)}
	h.work = &store.Work{DB: h.root}
	start := postgres.Now()
	h.now.Store(&start)
	h.door = h.wire(t, open(ways.URL))
	if change != nil {
		change(h.door)
	}
	h.open(t)
	return h
}

func (h *house) wire(t *testing.T, app *sqlx.DB) *Door {
	t.Helper()
	now := func() time.Time { return *h.now.Load() }
	keys, err := seal.Parse("k:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	if err != nil {
		t.Fatal(err)
	}
	clients, err := token.NewClients([]string{"web:web-secret-web-secret", "chat:chat-secret+%/chat", "mcp:mcp-secret-mcp-secret"}, public, public+"/mcp")
	if err != nil {
		t.Fatal(err)
	}
	ring := &key.Ring{Store: &store.Keys{DB: h.root, Seal: keys}, Now: now, Life: 15 * time.Minute, Failed: func(err error) { t.Error(err) }}
	if err := ring.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	people := &store.People{DB: app, Hint: func() {}}
	limits := &limit.Limits{Shared: &store.Limits{DB: app}, Local: limit.NewMemory(), Now: now}
	grants := &store.Grants{DB: app}
	tokens := &token.Service{
		Store: &store.Tokens{DB: app}, Signer: ring, Now: now, Issuer: public, Audience: public, Life: 15 * time.Minute, Clients: clients,
	}
	return &Door{
		Users: &user.Service{
			Store: people, Sessions: people, Pool: password.NewPool(4, time.Minute, func(time.Duration) { h.hashed.Add(1) }), Rules: password.NewRules(true),
			Limits: limits, Links: user.Links{Secret: []byte(testSecret)}, Now: now, SessionLife: 7 * 24 * time.Hour, Mail: true,
		},
		Tokens: tokens,
		Grants: &grant.Service{Clients: grants, Store: grants, Documents: shelf{}, Tokens: tokens, Now: now, Audience: public + "/mcp"},
		Ring:   ring, Limits: limits, Seal: keys, Public: public, Origins: []string{"https://other.example"}, Secret: []byte(testSecret),
		Attempts: NewAttempts(prometheus.NewRegistry()),
	}
}

// shelf has one client's document; how one is fetched is package client's.
type shelf struct{}

// Fetch implements grant.Documents.
func (shelf) Fetch(_ context.Context, address string) (string, []string, error) {
	if address != "https://agent.example/client.json" {
		return "", nil, grant.ErrMetadata
	}
	return "Agent", []string{"https://agent.example/back"}, nil
}

func (h *house) open(t *testing.T) {
	t.Helper()
	spec, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if h.contract, err = openapi.Load(spec); err != nil {
		t.Fatal(err)
	}
	router, err := httpd.New(httpd.Config{
		Settings: httpd.Settings{Proxies: []string{"127.0.0.1"}}, Log: slog.New(slog.DiscardHandler), Spec: spec, Formats: Formats(), Guard: Guard(h.door.Tokens),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.door.Routes(router)
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	h.url = server.URL
}

// pass lets time pass.
func (h *house) pass(d time.Duration) {
	later := h.now.Load().Add(d)
	h.now.Store(&later)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) (fields map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &fields); err != nil {
		t.Fatalf("%d %q: %v", a.status, a.body, err)
	}
	return fields
}

// cookies are what a browser would send next.
func (a answer) cookies() string {
	var pairs []string
	for _, c := range a.header.Values("Set-Cookie") {
		if !strings.Contains(c, "Max-Age=0") {
			pair, _, _ := strings.Cut(c, ";")
			pairs = append(pairs, pair)
		}
	}
	return strings.Join(pairs, "; ")
}

// ask sends a request as a page of ours would. Headers come in pairs; an empty value takes a
// usual one away.
func (h *house) ask(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", public)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, req, res, raw)
	return answer{res.StatusCode, res.Header, string(raw)}
}

// check holds every answer against the contract.
func (h *house) check(t *testing.T, req *http.Request, res *http.Response, raw []byte) {
	t.Helper()
	if res.StatusCode >= http.StatusInternalServerError {
		t.Errorf("%s %s: %d %s", req.Method, req.URL, res.StatusCode, raw)
	}
	path := req.URL.Path
	path = strings.TrimPrefix(strings.Replace(path, "/api/auth/", "/auth/", 1), "/oauth")
	if parts := strings.Split(path, "/"); len(parts) > 3 && parts[1] == "api" {
		parts[2] = ":user_id"
		if last := len(parts) - 1; last > 3 && parts[last] != "agents" {
			parts[last] = ":id"
		}
		path = strings.Join(parts, "/")
	}
	op := h.contract.Operation(req.Method, path)
	if op == nil || req.Method == http.MethodHead {
		return
	}
	if err := op.Answer(res.StatusCode, res.Header.Get("Content-Type"), raw); err != nil {
		t.Errorf("%s %s: %v\n%s", req.Method, req.URL, err, raw)
	}
}

// somebody signs up and returns their cookies, id and a JWT.
func (h *house) somebody(t *testing.T, email string) (cookies, id, jwt string) {
	t.Helper()
	a := h.ask(t, "POST", "/api/auth/sign-up/email", `{"name":"Ada","email":"`+email+`","password":"correct horse","timeZone":"Europe/Berlin"}`)
	if a.status != http.StatusOK {
		t.Fatalf("sign-up: %d %s", a.status, a.body)
	}
	cookies = a.cookies()
	id = a.json(t)["user"].(map[string]any)["id"].(string)
	jwt, _ = h.ask(t, "GET", "/api/auth/token", "", "Cookie", cookies).json(t)["token"].(string)
	return cookies, id, jwt
}
