package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/chat/internal/client"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/rest"
	"github.com/tickler-app/tickler/services/chat/internal/store"
	"github.com/tickler-app/tickler/services/chat/test/town"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// script is a planner that does as a test says: what it is told is written into its message.
type script func(ctx context.Context, turn conversation.Turn, emit conversation.Emit) (conversation.Step, error)

func (s script) Next(ctx context.Context, turn conversation.Turn, emit conversation.Emit) (conversation.Step, error) {
	return s(ctx, turn, emit)
}

// bench is a replica of the service on a database and a town, and a client that holds every
// answer against the document.
type bench struct {
	*testing.T
	town    *town.Town
	tokens  *testkit.TokenIssuer
	service *conversation.Service
	server  *httptest.Server
	router  *gin.Engine
	doc     *openapi.Document
	app     *sqlx.DB
	work    *sqlx.DB
}

const lease = 2 * time.Second

func setup(t *testing.T, plan script) *bench {
	t.Helper()
	t.Parallel()
	ways := testkit.Service(t, "chat", store.Migrations())
	app, err1 := postgres.Open(ways.URL)
	work, err2 := postgres.Open(ways.WorkURL)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close(); work.Close() })
	b := &bench{T: t, town: town.New(t), tokens: testkit.Tokens(t), app: app, work: work}
	return b.replica(plan)
}

// replica is another instance of the service, on the same database.
func (b *bench) replica(plan conversation.Planner) *bench {
	b.Helper()
	spec, err1 := os.ReadFile("../../openapi.yaml")
	doc, err2 := openapi.Load(spec)
	log := slog.New(slog.DiscardHandler)
	verifier := auth.New(auth.Settings{Issuer: b.tokens.Issuer, Audience: b.tokens.Audience, JWKSURL: b.tokens.JWKSURL}, log, nil)
	router, err3 := httpd.New(httpd.Config{Log: log, Spec: spec, Guard: verifier.Guard})
	if err := errors.Join(err1, err2, err3); err != nil {
		b.Fatal(err)
	}
	kept := &store.Store{DB: b.app, Rate: 2, Burst: 120, Lease: lease}
	swap := &auth.Exchanger{URL: b.town.Identity + "/oauth/token", ID: "chat", Secret: "chat-secret-chat-secret", Type: auth.AccessToken, KeepFor: time.Hour, Now: time.Now, Reach: reach.New(reach.Config{Target: "exchange"})}
	tools := &client.Tools{URL: b.town.MCP, Tokens: swap, Version: "test", Now: time.Now, Reach: reach.New(reach.Config{Target: "mcp"})}
	service := &conversation.Service{
		Shelf: kept, Turns: kept, Tools: tools, Planner: plan, Now: postgres.Now, Steps: 6,
		Noted: func(_ context.Context, status conversation.Status, _ time.Duration, err error) {
			if err != nil && status != conversation.Broken {
				b.Errorf("a turn ended %s with %v", status, err)
			}
		},
	}
	rest.Routes(router, service)
	server := httptest.NewServer(router)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	b.Cleanup(func() { stop(); <-ended; server.Close() })
	return &bench{T: b.T, town: b.town, tokens: b.tokens, service: service, server: server, router: router, doc: doc, app: b.app, work: b.work}
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any // of JSON
	frames []map[string]any
}

// send asks as a person and waits for the whole answer.
func (b *bench) send(user, method, path, body string, headers ...string) answer {
	b.Helper()
	res := b.open(b.Context(), user, method, path, body, headers...)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.must(err)
	a := answer{status: res.StatusCode, header: res.Header, text: string(text)}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		b.must(json.Unmarshal(text, &a.body))
	}
	for line := range strings.SplitSeq(a.text, "\n\n") {
		if data, ok := strings.CutPrefix(line, "data: {"); ok {
			var frame map[string]any
			b.must(json.Unmarshal([]byte("{"+data), &frame))
			a.frames = append(a.frames, frame)
		}
	}
	pattern := ""
	for _, r := range b.router.Routes() {
		if r.Method == method && matches(r.Path, "/api/"+user+"/"+strings.Split(path, "?")[0]) {
			pattern = r.Path
		}
	}
	if op := b.doc.Operation(method, pattern); op == nil {
		b.Errorf("%s %s is not in the document", method, path)
	} else if err := op.Answer(a.status, res.Header.Get("Content-Type"), text); err != nil {
		b.Errorf("%s %s: %v\n%s", method, path, err, text)
	}
	return a
}

// open asks, and leaves the answer to be read.
func (b *bench) open(ctx context.Context, user, method, path, body string, headers ...string) *http.Response {
	b.Helper()
	req, err := http.NewRequestWithContext(ctx, method, b.server.URL+"/api/"+user+"/"+path, strings.NewReader(body))
	b.must(err)
	req.Header.Set("Authorization", "Bearer "+b.tokens.Mint(user, nil))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	return res
}

func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(a) == len(b) && !slices.ContainsFunc(a, func(part string) bool {
		return !strings.HasPrefix(part, ":") && part != b[slices.Index(a, part)]
	})
}

const inJSON = "Accept: application/json"

// say says something in a conversation ("" for a new one) and returns the answer in one piece.
func (b *bench) say(user, in, message string, headers ...string) answer {
	b.Helper()
	body := map[string]any{"message": message}
	if in != "" {
		body["conversation_id"] = in
	}
	text, err := json.Marshal(body)
	b.must(err)
	return b.send(user, "POST", "chat", string(text), append([]string{inJSON}, headers...)...)
}

func (a answer) conversation() string { return a.header.Get("X-Conversation-Id") }

func (a answer) response() string { text, _ := a.body["response"].(string); return text }

// types are the frames' types, without repeats of text.
func (a answer) types() (types []string) {
	for _, f := range a.frames {
		kind := f["type"].(string)
		if len(types) == 0 || kind != "text-delta" || types[len(types)-1] != kind {
			types = append(types, kind)
		}
	}
	return types
}

// calls is a planner that makes these calls in one step, then says what came of each.
func calls(list ...conversation.Call) script {
	return func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		if len(turn.Results) == 0 && !turn.Approved && !turn.Denied {
			return conversation.Step{Text: "Let me see.", Calls: slices.Clone(list)}, nil
		}
		return conversation.Step{Text: said(turn)}, nil
	}
}

func said(turn conversation.Turn) string {
	words := []string{"So:"}
	for _, r := range turn.Results {
		var out struct{ Status string }
		_ = json.Unmarshal(r.Output, &out)
		words = append(words, r.Call.Tool+" "+out.Status)
	}
	return strings.Join(words, " ")
}

func call(tool, input string) conversation.Call {
	return conversation.Call{Tool: tool, Input: json.RawMessage(input)}
}

// gate holds back whoever waits at it until it is opened.
type gate struct {
	once sync.Once
	c    chan struct{}
}

func newGate() *gate { return &gate{c: make(chan struct{})} }

func (g *gate) open() { g.once.Do(func() { close(g.c) }) }

func (g *gate) wait(ctx context.Context) error {
	select {
	case <-g.c:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func mustID(t *testing.T, text string) uuid.UUID {
	t.Helper()
	id, err := uuid.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
