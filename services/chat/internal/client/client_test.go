package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/chat/internal/client"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/test/town"
)

func setup(t *testing.T) (*town.Town, *client.Tools, conversation.Person) {
	t.Helper()
	t.Parallel()
	there := town.New(t)
	swap := &auth.Exchanger{URL: there.Identity + "/oauth/token", ID: "chat", Secret: "chat-secret-chat-secret", Type: auth.AccessToken, KeepFor: time.Hour, Now: time.Now, Reach: reach.New(reach.Config{Target: "exchange"})}
	tools := &client.Tools{URL: there.MCP, Tokens: swap, Version: "test", Now: time.Now, Reach: reach.New(reach.Config{Target: "mcp"})}
	return there, tools, conversation.Person{ID: "ada", Token: testkit.Tokens(t).Mint("ada", nil)}
}

func TestToolsAreListedWithWhatTheyTake(t *testing.T) {
	_, tools, ada := setup(t)
	offers, err := tools.List(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range offers {
		reads := o.Name == "list_tasks" || o.Name == "parse_task"
		if o.ReadOnly != reads || !json.Valid(o.Input) || !strings.Contains(string(o.Input), "dry_run") || o.Description == "" {
			t.Errorf("%+v", o)
		}
	}
	if len(offers) != 7 {
		t.Errorf("%d tools", len(offers))
	}
}

func TestATokenIsExchangedOnceForManyTurns(t *testing.T) {
	there, tools, ada := setup(t)
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			if _, err := tools.Call(t.Context(), ada, "request-of-turn", conversation.Call{Tool: "list_tasks", Input: json.RawMessage(`{}`)}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if there.Exchanges() != 1 || len(there.Calls()) != 10 {
		t.Errorf("%d exchanges, %d calls", there.Exchanges(), len(there.Calls()))
	}
	for _, c := range there.Calls() {
		if c.UserID != "ada" || c.Request != "request-of-turn" {
			t.Errorf("%+v", c)
		}
	}
}

func TestWhatGoesWrongHasItsKind(t *testing.T) {
	there, tools, ada := setup(t)
	list := conversation.Call{Tool: "list_tasks", Input: json.RawMessage(`{}`)}
	call := func(p conversation.Person) error {
		_, err := tools.Call(t.Context(), p, "r", list)
		return err
	}
	if err := call(ada); err != nil {
		t.Fatal(err)
	}
	if err := call(conversation.Person{ID: "eve", Token: "junk"}); fault.KindOf(err) != fault.Unauthorized {
		t.Errorf("no token: %v", err)
	}
	there.Revoke()
	for range 2 { // by mcp, then by identity, since what was kept is dropped
		if err := call(ada); fault.KindOf(err) != fault.Unauthorized {
			t.Errorf("revoked: %v", err)
		}
	}
	tools.Tokens.URL = "http://127.0.0.1:1"
	if err := call(ada); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("identity away: %v", err)
	}
}

// All callers share a line. What each may do, and what becomes of their token, stays their own.
func TestAnEndedSessionEndsNobodyElsesCalls(t *testing.T) {
	there, tools, ada := setup(t)
	bob := conversation.Person{ID: "bob", Token: testkit.Tokens(t).Mint("bob", nil)}
	there.Before(func(c town.Called) { // in the middle of everything
		if c.UserID == "bob" && c.Request == "bob 20" {
			there.Revoke("bob")
		}
	})
	errs := map[string]*[40]error{"ada": {}, "bob": {}}
	var wait sync.WaitGroup
	for i := range 40 {
		for _, p := range []conversation.Person{ada, bob} {
			wait.Go(func() {
				request := fmt.Sprintf("%s %d", p.ID, i)
				_, errs[p.ID][i] = tools.Call(t.Context(), p, request, conversation.Call{Tool: "add_task", Input: json.RawMessage(`{"title":"` + request + `"}`)})
			})
		}
	}
	wait.Wait()
	for i, err := range errs["ada"] {
		if bobs := errs["bob"][i]; err != nil || bobs != nil && fault.KindOf(bobs) != fault.Unauthorized {
			t.Errorf("call %d: ada %v, bob %v", i, err, bobs)
		}
	}
	if _, err := tools.Call(t.Context(), bob, "late", conversation.Call{Tool: "list_tasks", Input: json.RawMessage(`{}`)}); fault.KindOf(err) != fault.Unauthorized {
		t.Errorf("bob after all: %v", err)
	}
	for _, c := range there.Calls() {
		if c.Input["title"] != c.Request || !strings.HasPrefix(c.Request, c.UserID+" ") {
			t.Errorf("%+v", c)
		}
	}
}

// Another server at the same place, as after a restart, needs no other line; one that speaks
// nonsense for a while is left for a new one.
func TestALineThatBrokeIsMadeAnew(t *testing.T) {
	there, tools, ada := setup(t)
	var nonsense atomic.Bool
	to, err := url.Parse(there.MCP)
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if nonsense.Load() {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`["neither a result nor an error"]`)) // the client sees it
			return
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	tools.URL = front.URL
	for _, broken := range []bool{false, true, true, false, false} {
		nonsense.Store(broken)
		ctx, done := context.WithTimeout(t.Context(), 30*time.Second)
		_, err := tools.Call(ctx, ada, "r", conversation.Call{Tool: "list_tasks", Input: json.RawMessage(`{}`)})
		done()
		if broken != (fault.KindOf(err) == fault.Unavailable) || !broken && err != nil {
			t.Errorf("nonsense %v: %v", broken, err)
		}
	}
}
