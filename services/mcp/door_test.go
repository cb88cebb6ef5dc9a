package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// rpc sends one message as it stands.
func (w *town) rpc(token, message string, headers ...string) reply {
	w.Helper()
	return w.ask("POST", w.public+"/mcp", message, append([]string{"Authorization: Bearer " + token, "Accept: application/json"}, headers...)...)
}

const listing = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{}}}`

func outside(t *testing.T, w *town) {
	ada := w.signUp()
	metadata := w.public + "/.well-known/oauth-protected-resource/mcp"
	var bodies []string
	for name, got := range map[string]reply{
		"no token":        w.ask("POST", w.public+"/mcp", listing),
		"nonsense":        w.rpc("nonsense", listing),
		"a changed one":   w.rpc(ada.token[:len(ada.token)-4]+"AAAA", listing),
		"no API token":    w.rpc("tkl_nonsense", listing),
		"without a body":  w.ask("GET", w.public+"/mcp", ""),
		"at its own port": w.ask("POST", w.mcp+"/mcp", listing, "Authorization: Basic eDp5"),
	} {
		var problem map[string]any
		if err := json.Unmarshal(got.body, &problem); err != nil || got.status != http.StatusUnauthorized || problem["code"] != "unauthorized" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if challenge := got.header.Get("WWW-Authenticate"); challenge != `Bearer resource_metadata="`+metadata+`"` {
			t.Errorf("%s: %s", name, challenge)
		}
		delete(problem, "request_id")
		body, _ := json.Marshal(problem)
		bodies = append(bodies, string(body))
	}
	for _, body := range bodies {
		if body != bodies[0] {
			t.Errorf("%s is not %s", body, bodies[0])
		}
	}
	for _, at := range []string{metadata, strings.TrimSuffix(metadata, "/mcp")} {
		var said struct {
			Resource string
			Servers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported"`
		}
		got := w.must(&said, "GET", at, "", "Origin: https://anywhere.example")
		if said.Resource != w.public+"/mcp" || len(said.Servers) != 1 || said.Servers[0] != w.public || len(said.Scopes) != 3 || got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %s", at, got.body)
		}
	}
	if got := w.rpc(ada.token, listing); got.status != http.StatusOK || !strings.Contains(string(got.body), `"status":"success"`) {
		t.Errorf("with a good one: %d %s", got.status, got.body)
	}
	if got := w.rpc(ada.token, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add_task","arguments":{"title":"`+strings.Repeat("x", 1<<20)+`"}}}`); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("huge: %d", got.status)
	}
	for _, bad := range []string{`{`, `[]`, `null`, `{"jsonrpc":"2.0","id":1,"method":"tools/destroy"}`} {
		if got := w.rpc(ada.token, bad); got.status < 400 || got.status >= 500 {
			t.Errorf("%s: %d %s", bad, got.status, got.body)
		}
	}
	if got := w.ask("GET", w.public+"/mcp", "", "Authorization: Bearer "+ada.token, "Accept: text/event-stream"); got.status != http.StatusMethodNotAllowed {
		t.Errorf("a stream of our own: %d", got.status)
	}
}

func scoped(t *testing.T, w *town) {
	ada := w.signUp()
	for scopes, want := range map[string]string{
		"tasks:read": "success forbidden forbidden", "tasks:read tasks:write": "success success forbidden", "audit:read": "forbidden forbidden success",
	} {
		token, _ := ada.apiToken("t", scopes)
		a := ada.connect(w.public, bearer{token: token})
		var got []string
		for _, call := range []string{`list_tasks {}`, `add_task {"title":"x"}`, `get_history {}`} {
			name, arguments, _ := strings.Cut(call, " ")
			answer := a.use(name, arguments)
			if answer.Error.Code == "" {
				answer.Error.Code = answer.Status
			} else if !strings.Contains(answer.Error.Detail, "the token lacks the scope") {
				t.Errorf("%s with %s: %+v", name, scopes, answer.Error)
			}
			got = append(got, answer.Error.Code)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", scopes, got, want)
		}
	}
}

func ended(t *testing.T, w *town) {
	ada, bob := w.signUp(), w.signUp()
	token, id := ada.apiToken("t", "tasks:read")
	if got := w.rpc(token, listing); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	bob.must(nil, "POST", w.public+"/api/auth/sign-out", `{}`, "Cookie: "+bob.cookie, "Origin: "+w.public)
	if got := w.rpc(bob.token, listing); got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") == "" {
		t.Errorf("of a session that was ended before the first call: %d %s", got.status, got.body)
	}
	ada.own(nil, "DELETE", "tokens/"+id, "")
	other, _ := ada.apiToken("u", "tasks:read") // nobody has asked with it yet
	if got := w.rpc(other, listing); got.status != http.StatusOK {
		t.Errorf("another token of the same person: %d", got.status)
	}
}

// protocols speaks to the server as clients of each version do.
func protocols(t *testing.T, w *town) {
	ada := w.signUp()
	for _, version := range []string{"2025-03-26", "2025-06-18", "2025-11-25"} {
		got := w.rpc(ada.token, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"`+version+`","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
		if got.status != http.StatusOK || !strings.Contains(string(got.body), `"protocolVersion":"`+version+`"`) || strings.Contains(string(got.body), `"logging"`) {
			t.Errorf("%s: %d %s", version, got.status, got.body)
		}
		if got := w.rpc(ada.token, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, "MCP-Protocol-Version: "+version); got.status != http.StatusAccepted {
			t.Errorf("%s, initialized: %d %s", version, got.status, got.body)
		}
		if got := w.rpc(ada.token, listing, "MCP-Protocol-Version: "+version); !strings.Contains(string(got.body), `"tasks":[]`) {
			t.Errorf("%s, a call: %d %s", version, got.status, got.body)
		}
	}
	a := ada.connect(w.public, bearer{token: ada.token})
	if version := a.session.InitializeResult().ProtocolVersion; version < "2026" {
		t.Errorf("the official client speaks %s with us", version)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.try(ctx, "list_tasks", `{}`); err == nil {
		t.Error("a call that was given up has a result")
	}
	for tool, err := range a.session.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		described(t, tool)
	}
}

// described checks that a tool says of itself what a model and a person need.
func described(t *testing.T, tool *sdk.Tool) {
	input := tool.InputSchema.(map[string]any)
	hints := tool.Annotations
	if tool.Title == "" || len(tool.Description) < 40 || tool.OutputSchema == nil || input["additionalProperties"] != false || hints.OpenWorldHint == nil || *hints.OpenWorldHint {
		t.Errorf("%s is not described: %+v", tool.Name, tool)
	}
	if !hints.ReadOnlyHint && hints.DestructiveHint == nil {
		t.Errorf("%s does not say whether it destroys", tool.Name)
	}
	properties := input["properties"].(map[string]any)
	if properties["dry_run"] == nil || properties["user_id"] != nil {
		t.Errorf("%s takes %v", tool.Name, properties)
	}
	for name, schema := range properties {
		if property := schema.(map[string]any); property["description"] == nil && property["enum"] == nil && name != "text" {
			t.Errorf("%s does not say what %s is", tool.Name, name)
		}
	}
}
