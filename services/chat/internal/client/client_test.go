package client_test

import (
	"encoding/json"
	"strings"
	"sync"
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
			session := tools.Open(ada, "request-of-turn")
			defer session.Close()
			if _, err := session.Call(t.Context(), conversation.Call{Tool: "list_tasks", Input: json.RawMessage(`{}`)}); err != nil {
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
		session := tools.Open(p, "r")
		defer session.Close()
		_, err := session.Call(t.Context(), list)
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
