package rest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/notification/internal/address"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/rest"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// bench is the door on a database, and a client that holds every answer against the document.
type bench struct {
	*testing.T
	clerk  *notice.Clerk
	tokens *testkit.TokenIssuer
	router *gin.Engine
	doc    *openapi.Document
}

func setup(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{T: t, tokens: testkit.Tokens(t)}
	ways := testkit.Service(t, "notification", outbox.Migrations, store.Migrations())
	app, err1 := postgres.Open(ways.URL)
	work, err2 := postgres.Open(ways.WorkURL)
	spec, err3 := os.ReadFile("../../openapi.yaml")
	keys, err4 := seal.Parse(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	guard, err5 := address.New(nil)
	b.must(errors.Join(err1, err2, err3, err4, err5))
	t.Cleanup(func() { app.Close(); work.Close() })
	log := slog.New(slog.DiscardHandler)
	verifier := auth.New(auth.Settings{Issuer: b.tokens.Issuer, Audience: b.tokens.Audience, JWKSURL: b.tokens.JWKSURL}, log, nil)
	b.doc, err1 = openapi.Load(spec)
	b.router, err2 = httpd.New(httpd.Config{Log: log, Spec: spec, Guard: verifier.Guard})
	b.must(errors.Join(err1, err2))
	owed := &store.Work{DB: work, Seal: keys}
	b.clerk = &notice.Clerk{Store: owed, Now: postgres.Now}
	desk := &notice.Desk{Shelf: &store.Shelf{DB: app, Seal: keys}, Links: owed, Answers: &store.Answers{DB: app}, Hooks: &store.Hooks{DB: app, Seal: keys}, Addresses: guard, Now: postgres.Now}
	rest.Routes(b.router, desk, func(context.Context) (string, error) { return "public", nil })
	b.must(b.clerk.Know(t.Context(), notice.Person{UserID: "ada", Email: "ada@example.com", Version: 1}))
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// call asks as ada, unless told with which token.
func (b *bench) call(method, path, body string, tokens ...string) (int, map[string]any) {
	b.Helper()
	req := httptest.NewRequest(method, "/api/ada/"+path, strings.NewReader(body))
	token := b.tokens.Mint("ada", nil)
	if tokens != nil {
		token = tokens[0]
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	b.router.ServeHTTP(w, req)
	pattern := ""
	for _, r := range b.router.Routes() {
		if r.Method == method && matches(r.Path, "/api/ada/"+strings.Split(path, "?")[0]) {
			pattern = r.Path
		}
	}
	if op := b.doc.Operation(method, pattern); op == nil {
		b.Fatalf("%s %s is not in the document", method, path)
	} else if err := op.Answer(w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()); err != nil {
		b.Errorf("%s %s: %v\n%s", method, path, err, w.Body)
	}
	var answer map[string]any
	if w.Body.Len() > 0 {
		b.must(json.Unmarshal(w.Body.Bytes(), &answer))
	}
	return w.Code, answer
}

func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(a) == len(b) && !slices.ContainsFunc(a, func(part string) bool {
		i := slices.Index(a, part)
		return !strings.HasPrefix(part, ":") && part != b[i]
	})
}

// agent lets an agent change tasks, which makes notices.
func (b *bench) agent(n int) {
	b.Helper()
	for i := range n {
		ev, err := events.New(events.TaskUpdated, events.Change{
			EventID: uuid.Must(uuid.NewV7()).String(), Time: postgres.Now(), ActorType: "agent", Source: "mcp",
			Task: &taskv1.Task{Id: uuid.NewString(), UserId: "ada", Title: fmt.Sprintf("task %d", i), Version: 1},
		})
		b.must(err)
		b.must(b.clerk.Heard(b.Context(), []notice.Heard{{Event: ev}}))
	}
}

func TestEveryRouteIsInTheDocumentAndTheOtherWayRound(t *testing.T) {
	b := setup(t)
	var served []string
	for _, r := range b.router.Routes() {
		if b.doc.Operation(r.Method, r.Path) != nil {
			served = append(served, r.Method+" "+r.Path)
		} else if strings.HasPrefix(r.Path, "/api/") {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
		}
	}
	for _, route := range b.doc.Routes() {
		if !slices.Contains(served, route) {
			t.Errorf("%s is not served", route)
		}
	}
}

func TestNoticesAreListedAndRead(t *testing.T) {
	b := setup(t)
	b.agent(3)
	status, first := b.call("GET", "notices?limit=2", "")
	if status != 200 || first["unread"] != 3.0 || len(first["notices"].([]any)) != 2 {
		t.Fatalf("%d %v", status, first)
	}
	n := first["notices"].([]any)[0].(map[string]any)
	if n["kind"] != "agent.task.updated" || n["title"] != "task 2" || n["read_at"] != nil {
		t.Errorf("%v", n)
	}
	next := first["next_cursor"].(string)
	if status, page := b.call("GET", "notices?limit=2&cursor="+next, ""); status != 200 || len(page["notices"].([]any)) != 1 || page["next_cursor"] != nil {
		t.Errorf("%d %v", status, page)
	}
	if status, problem := b.call("GET", "notices?unread=true&cursor="+next, ""); status != 422 || problem["code"] != "invalid" {
		t.Errorf("another filter's cursor: %d %v", status, problem)
	}
	if status, read := b.call("POST", "notices/"+n["id"].(string)+"/read", ""); status != 200 || read["unread"] != 2.0 || read["notices"].([]any)[0].(map[string]any)["read_at"] == nil {
		t.Errorf("%d %v", status, read)
	}
	if _, read := b.call("GET", "notices?unread=false", ""); len(read["notices"].([]any)) != 1 {
		t.Errorf("read ones: %v", read)
	}
	if status, all := b.call("POST", "notices/read", ""); status != 200 || all["unread"] != 0.0 {
		t.Errorf("%d %v", status, all)
	}
	for _, id := range []string{uuid.NewString(), "x"} {
		if status, _ := b.call("POST", "notices/"+id+"/read", ""); status != 404 {
			t.Errorf("%s: %d", id, status)
		}
	}
}

func TestPreferencesAreShownAndMerged(t *testing.T) {
	b := setup(t)
	text := func(v any) string { s, _ := json.Marshal(v); return string(s) }
	_, p := b.call("GET", "preferences", "")
	if got := text(p); got != `{"channels":{"agent.task.*":["in_app"],"reminder":["in_app","email"],"system.task.*":["in_app"],"task.completed":[],"task.created":[],"task.overdue":[],"task.updated":[]},"phone":null,"quiet_hours":{"enabled":false,"from":"22:00","to":"07:00"}}` {
		t.Errorf("at first %s", got)
	}
	status, p := b.call("PATCH", "preferences", `{"channels":{"reminder":["push"],"task.completed":["in_app"]},"quiet_hours":{"enabled":true,"from":"23:00"},"phone":"+4915112345678"}`)
	if status != 200 || text(p["quiet_hours"]) != `{"enabled":true,"from":"23:00","to":"07:00"}` || p["phone"] != "+4915112345678" {
		t.Errorf("%d %v", status, p)
	}
	_, p = b.call("PATCH", "preferences", `{"channels":{"reminder":null},"phone":null}`)
	if channels := p["channels"].(map[string]any); text(channels["reminder"]) != `["in_app","email"]` || text(channels["task.completed"]) != `["in_app"]` || p["phone"] != nil {
		t.Errorf("%v", p)
	}
	status, problem := b.call("PATCH", "preferences", `{"channels":{"task.eaten":[]},"quiet_hours":{"to":"24:00"},"phone":"110"}`)
	var fields []string
	for _, f := range problem["errors"].([]any) {
		fields = append(fields, f.(map[string]any)["field"].(string))
	}
	slices.Sort(fields)
	if status != 422 || !slices.Equal(fields, []string{"/channels/task.eaten", "/phone", "/quiet_hours/to"}) {
		t.Errorf("%d %v", status, fields)
	}
	for _, body := range []string{`{"channels":{"reminder":["telepathy"]}}`, `{"colour":"red"}`, `{"channels":{"reminder":"email"}}`} {
		if status, _ := b.call("PATCH", "preferences", body); status != 422 {
			t.Errorf("%s: %d", body, status)
		}
	}
	if status, _ := b.call("PATCH", "preferences", `{`); status != 400 {
		t.Errorf("no JSON: %d", status)
	}
}

func TestABrowserSubscribes(t *testing.T) {
	b := setup(t)
	if status, key := b.call("GET", "push/key", ""); status != 200 || key["key"] != "public" {
		t.Errorf("%d %v", status, key)
	}
	keys := `"keys":{"p256dh":"` + strings.Repeat("A", 87) + `","auth":"` + strings.Repeat("A", 22) + `"}`
	status, made := b.call("POST", "push/subscriptions", `{"endpoint":"https://push.example/1","expirationTime":null,`+keys+`}`)
	if status != 201 || made["endpoint"] != "https://push.example/1" {
		t.Errorf("%d %v", status, made)
	}
	for _, body := range []string{`{"endpoint":"https://127.0.0.1/",` + keys + `}`, `{"endpoint":"http://push.example/",` + keys + `}`, `{"endpoint":"https://push.example/"}`} {
		if status, _ := b.call("POST", "push/subscriptions", body); status != 422 {
			t.Errorf("%s: %d", body, status)
		}
	}
	for range 2 {
		if status, _ := b.call("DELETE", "push/subscriptions", `{"endpoint":"https://push.example/1"}`); status != 204 {
			t.Errorf("forgotten: %d", status)
		}
	}
}

func TestWhoMayAsk(t *testing.T) {
	b := setup(t)
	for name, test := range map[string]struct {
		token              string
		read, change, tell int // where notices are told is for those who may read them
	}{
		"nobody":        {"", 401, 401, 401},
		"bob":           {b.tokens.Mint("bob", nil), 401, 401, 401},
		"to read":       {b.tokens.Mint("ada", map[string]any{"scope": "tasks:read"}), 200, 403, 403},
		"to write":      {b.tokens.Mint("ada", map[string]any{"scope": "tasks:write"}), 403, 200, 403},
		"for both":      {b.tokens.Mint("ada", map[string]any{"scope": "tasks:read tasks:write"}), 200, 200, 200},
		"for the trail": {b.tokens.Mint("ada", map[string]any{"scope": "audit:read"}), 403, 403, 403},
	} {
		read, _ := b.call("GET", "notices", "", test.token)
		change, _ := b.call("POST", "notices/read", "", test.token)
		tell, _ := b.call("PATCH", "preferences", `{}`, test.token)
		if read != test.read || change != test.change || tell != test.tell {
			t.Errorf("%s: %d, %d, %d", name, read, change, tell)
		}
		if hook, _ := b.call("POST", "webhooks", `{"url":"https://example.com/"}`, test.token); hook != test.tell && test.tell != 200 {
			t.Errorf("%s: a webhook is %d", name, hook)
		}
	}
}

func TestALinkOfNobodyIsNotFound(t *testing.T) {
	b := setup(t)
	for _, method := range []string{"GET", "POST"} {
		w := httptest.NewRecorder()
		b.router.ServeHTTP(w, httptest.NewRequest(method, "/unsubscribe/"+notice.NewSecret(), nil))
		if w.Code != 404 {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}
