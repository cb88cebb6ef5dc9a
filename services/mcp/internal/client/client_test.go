package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

// here starts something that answers at an address.
func here(t *testing.T, answer http.HandlerFunc) (string, *reach.Client) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL, reach.New(reach.Config{Target: "test"})
}

func TestACallReachesThePersonsOwnPathAndNoOther(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	at, way := here(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Clone(context.Background())
		w.Header().Set("Idempotency-Replayed", "true")
		fmt.Fprint(w, `{}`)
	})
	h := &House{API: at, Audit: at + "/audit", ReachAPI: way, ReachAudit: way}
	ada := tool.Caller{UserID: "a/d?a", Token: "token"}
	got, err := h.Ask(t.Context(), ada, tool.Ask{
		Method: "POST", Path: []string{"tasks", "../x#y", "complete"}, Query: url.Values{"dry_run": {"true"}}, Body: json.RawMessage(`{}`), Key: "mcp:k", Window: time.Minute,
	})
	if err != nil || !got.Replayed || string(got.Body) != "{}" {
		t.Fatalf("%+v, %v", got, err)
	}
	said := strings.Join([]string{seen.URL.EscapedPath(), seen.URL.RawQuery, seen.Header.Get("Authorization"), seen.Header.Get("Idempotency-Key"), seen.Header.Get("Idempotency-Window"), seen.Header.Get("Content-Type")}, " ")
	if want := "/api/a%2Fd%3Fa/tasks/..%2Fx%23y/complete dry_run=true Bearer token mcp:k 60 application/json"; said != want {
		t.Errorf("%s, want %s", said, want)
	}
	for _, part := range []string{"", ".", ".."} {
		if _, err := h.Ask(t.Context(), ada, tool.Ask{Method: "GET", Path: []string{"tasks", part}}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", part, err)
		}
	}
	if _, err := h.Ask(t.Context(), ada, tool.Ask{Method: "GET", Path: []string{"audit-logs"}}); err != nil || !strings.HasPrefix(seen.URL.Path, "/audit/api/") {
		t.Errorf("the trail is at %s, %v", seen.URL.Path, err)
	}
}

func TestAProblemKeepsItsKindAndFields(t *testing.T) {
	t.Parallel()
	status, body := 0, ""
	at, way := here(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
	h := &House{API: at, ReachAPI: way}
	for _, test := range []struct {
		status int
		body   string
		kind   fault.Kind
		fields int
	}{
		{422, `{"code":"invalid","detail":"d","errors":[{"field":"/title","code":"too_long","detail":"x"}]}`, fault.Invalid, 1},
		{404, `{"code":"not_found","detail":"no such task"}`, fault.NotFound, 0},
		{500, `{"code":"internal","detail":"d"}`, fault.Unavailable, 0},
		{502, `<html>`, fault.Unavailable, 0},
	} {
		status, body = test.status, test.body
		_, err := h.Ask(t.Context(), tool.Caller{UserID: "ada"}, tool.Ask{Method: "GET", Path: []string{"tasks"}})
		e, _ := errors.AsType[*fault.Error](err)
		if fault.KindOf(err) != test.kind || len(e.Fields) != test.fields {
			t.Errorf("%s: %v", test.body, err)
		}
	}
}
