package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/identity/internal/token"
)

func TestSettingsAreThePersonsOwn(t *testing.T) {
	h := build(t, nil)
	_, id, jwt := h.somebody(t, "ada@local.host")
	_, _, other := h.somebody(t, "bob@local.host")
	path := "/api/" + id + "/settings"
	for _, test := range []struct {
		method, body, bearer string
		status               int
		want                 string
	}{
		{"GET", "", jwt, 200, `{"time_zone":"Europe/Berlin","locale":"en","week_start":"monday"}`},
		{"PATCH", `{"time_zone":"Asia/Tokyo","week_start":"sunday"}`, jwt, 200, `{"time_zone":"Asia/Tokyo","locale":"en","week_start":"sunday"}`},
		{"PATCH", `{}`, jwt, 200, `{"time_zone":"Asia/Tokyo","locale":"en","week_start":"sunday"}`},
		{"PATCH", `{"time_zone":"Mars/Olympus"}`, jwt, 422, `"/time_zone"`},
		{"PATCH", `{"time_zone":"Mars/Olympus","week_start":"friday"}`, jwt, 422, `[{"field":"/time_zone","code":"not_allowed","detail":"is no time zone of the IANA database"},{"field":"/week_start"`},
		{"PATCH", `{"locale":"","week_start":"friday","x":1}`, jwt, 422, `"/week_start"`},
		{"PATCH", `{"time_zone":null}`, jwt, 422, `"/time_zone"`},
		{"PATCH", `{`, jwt, 400, `"malformed"`},
		{"GET", "", other, 401, `"unauthorized"`},
		{"GET", "", "", 401, `"unauthorized"`},
		{"GET", "", jwt[:len(jwt)-4] + "AAAA", 401, `"unauthorized"`},
	} {
		a := h.ask(t, test.method, path, test.body, "Authorization", "Bearer "+test.bearer)
		if a.status != test.status || !strings.Contains(a.body, test.want) {
			t.Errorf("%s %s: %d %s", test.method, test.body, a.status, a.body)
		}
	}
	h.pass(15 * time.Minute)
	if a := h.ask(t, "GET", path, "", "Authorization", "Bearer "+jwt); a.status != http.StatusUnauthorized {
		t.Errorf("with a token that has ended: %d", a.status)
	}
}

func TestAnAPITokenIsShownOnce(t *testing.T) {
	h := build(t, nil)
	_, id, jwt := h.somebody(t, "ada@local.host")
	path, bearer := "/api/"+id+"/tokens", []string{"Authorization", "Bearer " + jwt}
	body := `{"name":" script ","scopes":["audit:read","tasks:read","audit:read"]}`
	a := h.ask(t, "POST", path, body, append(bearer, "Idempotency-Key", "once")...)
	made := a.json(t)
	if a.status != http.StatusCreated || a.header.Get("Location") != path+"/"+made["id"].(string) || made["name"] != "script" || !strings.HasPrefix(made["token"].(string), "tkl_") {
		t.Fatalf("%d %s %v", a.status, a.body, a.header)
	}
	again := h.ask(t, "POST", path, `{"scopes":["audit:read","tasks:read","audit:read"],"name":" script "}`, append(bearer, "Idempotency-Key", "once")...)
	if again.status != http.StatusCreated || again.body != a.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("repeated: %d %s", again.status, again.body)
	}
	if other := h.ask(t, "POST", path, `{"name":"other","scopes":["tasks:read"]}`, append(bearer, "Idempotency-Key", "once")...); other.status != http.StatusConflict {
		t.Errorf("another body: %d %s", other.status, other.body)
	}
	h.ask(t, "POST", path, `{"name":"second","scopes":["tasks:write"],"expires_at":"`+h.now.Load().Add(time.Hour).Format(time.RFC3339)+`"}`, bearer...)
	page := h.ask(t, "GET", path+"?limit=1", "", bearer...).json(t)
	rest := h.ask(t, "GET", path+"?limit=1&cursor="+page["next_cursor"].(string), "", bearer...)
	if first := page["tokens"].([]any)[0].(map[string]any); first["name"] != "second" || first["token"] != nil || !strings.Contains(rest.body, `"name":"script"`) || !strings.Contains(rest.body, `"next_cursor":null`) {
		t.Errorf("listed %v, then %s", page, rest.body)
	}
	for _, other := range []string{"nope", "urn:uuid:" + made["id"].(string), "%7B" + made["id"].(string) + "%7D", "agents/urn:uuid:" + made["id"].(string)} {
		if a := h.ask(t, "DELETE", path+"/"+other, "", bearer...); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", other, a.status, a.body)
		}
	}
	if a := h.ask(t, "DELETE", path+"/"+made["id"].(string), "", bearer...); a.status != http.StatusNoContent {
		t.Errorf("removed: %d %s", a.status, a.body)
	}
	if a := h.ask(t, "DELETE", path+"/"+made["id"].(string), "", bearer...); a.status != http.StatusNotFound {
		t.Errorf("removed again: %d %s", a.status, a.body)
	}
	for _, bad := range []string{`{"name":"","scopes":["tasks:read"]}`, `{"name":"x","scopes":[]}`, `{"name":"x","scopes":["all"]}`, `{"name":"x"}`, `{"name":"x","scopes":["tasks:read"],"expires_at":"2020-01-01T00:00:00Z"}`, `{"name":"x","scopes":["tasks:read"],"more":1}`} {
		if a := h.ask(t, "POST", path, bad, bearer...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
}

// exchange asks /oauth/token as a client.
func (h *house) exchange(t *testing.T, client, secret string, form map[string]string) (answer, token.Claims) {
	t.Helper()
	values := url.Values{"grant_type": {grantExchange}, "subject_token_type": {typeAccessToken}}
	for name, value := range form {
		values.Set(name, value)
	}
	basic, _ := http.NewRequest("POST", "/", nil)
	basic.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
	a := h.ask(t, "POST", "/oauth/token", values.Encode(), "Content-Type", typeForm, "Origin", "", "Authorization", basic.Header.Get("Authorization"))
	var claims token.Claims
	if a.status == http.StatusOK {
		if err := h.door.Ring.Verify(a.json(t)["access_token"].(string), &claims); err != nil {
			t.Fatal(err)
		}
	}
	return a, claims
}

const chatSecret, mcpSecret, webSecret = "chat-secret+%/chat", "mcp-secret-mcp-secret", "web-secret-web-secret"

func TestATokenIsExchangedForOneThatSaysWhoActs(t *testing.T) {
	h := build(t, nil)
	_, id, jwt := h.somebody(t, "ada@local.host")
	a, chat := h.exchange(t, "chat", chatSecret, map[string]string{"subject_token": jwt, "audience": public + "/mcp"})
	fields := a.json(t)
	if fields["token_type"] != "Bearer" || fields["issued_token_type"] != typeAccessToken || fields["expires_in"] != 300.0 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if chat.UserID != id || chat.Audience != public+"/mcp" || chat.ExpiresAt-chat.IssuedAt != 300 || chat.TimeZone != "Europe/Berlin" || chat.SessionID == "" || chat.Email != "" {
		t.Errorf("for chat: %+v", chat)
	}
	text, _ := fields["access_token"].(string)
	_, mcp := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": text, "scope": "tasks:read"})
	chain, _ := json.Marshal(mcp.Actor)
	if string(chain) != `{"sub":"mcp","act":{"sub":"chat"}}` || mcp.Audience != public || *mcp.Scope != "tasks:read" {
		t.Errorf("for mcp: %+v, act %s", mcp, chain)
	}
}

func TestAnExchangeIsNoWiderThanWhatItIsMadeOf(t *testing.T) {
	h := build(t, nil)
	cookies, _, jwt := h.somebody(t, "ada@local.host")
	_, _ = h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": jwt})
	a, _ := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": jwt, "scope": "tasks:read"})
	narrow := a.json(t)["access_token"].(string)
	forMCP := h.swap(t, jwt)
	for name, test := range map[string]struct {
		client, secret string
		form           map[string]string
		status         int
		code           string
	}{
		"wrong secret":             {"mcp", "nope", map[string]string{"subject_token": jwt}, 401, "invalid_client"},
		"unknown client":           {"api", "", map[string]string{"subject_token": jwt}, 401, "invalid_client"},
		"another grant":            {"mcp", mcpSecret, map[string]string{"grant_type": "password", "subject_token": jwt}, 400, "unsupported_grant_type"},
		"another type":             {"mcp", mcpSecret, map[string]string{"subject_token": jwt, "subject_token_type": "urn:x"}, 400, "invalid_request"},
		"no token":                 {"mcp", mcpSecret, nil, 400, "invalid_request"},
		"nonsense":                 {"mcp", mcpSecret, map[string]string{"subject_token": "a.b.c"}, 400, "invalid_request"},
		"forged":                   {"mcp", mcpSecret, map[string]string{"subject_token": jwt[:len(jwt)-4] + "AAAA"}, 400, "invalid_request"},
		"audience of others":       {"mcp", mcpSecret, map[string]string{"subject_token": jwt, "audience": "https://evil.example"}, 400, "invalid_target"},
		"mcp for mcp":              {"mcp", mcpSecret, map[string]string{"subject_token": jwt, "audience": public + "/mcp"}, 400, "invalid_target"},
		"an agent's token to chat": {"chat", chatSecret, map[string]string{"subject_token": forMCP}, 400, "invalid_target"},
		"wider scope":              {"mcp", mcpSecret, map[string]string{"subject_token": narrow, "scope": "tasks:read tasks:write"}, 400, "invalid_scope"},
		"unknown scope":            {"mcp", mcpSecret, map[string]string{"subject_token": jwt, "scope": "everything"}, 400, "invalid_scope"},
		"an API token to mcp":      {"mcp", mcpSecret, map[string]string{"subject_token": "tkl_x", "subject_token_type": typeAPIToken}, 400, "invalid_request"},
	} {
		a, _ := h.exchange(t, test.client, test.secret, test.form)
		if a.status != test.status || a.json(t)["error"] != test.code {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if _, same := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": narrow}); same.Scope == nil || *same.Scope != "tasks:read" {
		t.Errorf("without a wish the scope is %v", same.Scope)
	}
	h.ask(t, "POST", "/api/auth/sign-out", "{}", "Cookie", cookies)
	if a, _ := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": jwt}); a.status != http.StatusBadRequest {
		t.Errorf("after signing out: %d %s", a.status, a.body)
	}
}

// swap makes a token for mcp, as chat does.
func (h *house) swap(t *testing.T, jwt string) string {
	t.Helper()
	a, _ := h.exchange(t, "chat", chatSecret, map[string]string{"subject_token": jwt, "audience": public + "/mcp"})
	return a.json(t)["access_token"].(string)
}

func TestAnAPITokenIsSwappedUntilItIsRevoked(t *testing.T) {
	h := build(t, nil)
	_, id, jwt := h.somebody(t, "ada@local.host")
	made := h.ask(t, "POST", "/api/"+id+"/tokens", `{"name":"script","scopes":["tasks:read","tasks:write"]}`, "Authorization", "Bearer "+jwt).json(t)
	form := map[string]string{"subject_token": made["token"].(string), "subject_token_type": typeAPIToken}
	a, claims := h.exchange(t, "web", webSecret, form)
	if a.json(t)["expires_in"] != 900.0 || claims.Actor != nil || claims.SessionID != "" || claims.TokenID != made["id"] || *claims.Scope != "tasks:read tasks:write" {
		t.Errorf("%s: %+v", a.body, claims)
	}
	scoped := a.json(t)["access_token"].(string)
	for _, path := range []string{"/api/" + id + "/tokens", "/api/" + id + "/settings"} {
		if a := h.ask(t, "GET", path, "", "Authorization", "Bearer "+scoped); a.status != http.StatusForbidden {
			t.Errorf("%s with a scoped token: %d %s", path, a.status, a.body)
		}
	}
	_, acted := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": scoped})
	if acted.Scope == nil || *acted.Scope != *claims.Scope || acted.TokenID != claims.TokenID || acted.Actor.Subject != "mcp" || acted.Actor.Actor.Subject != "script" {
		t.Errorf("through mcp: %+v", acted)
	}
	h.ask(t, "DELETE", "/api/"+id+"/tokens/"+made["id"].(string), "", "Authorization", "Bearer "+jwt)
	for name, test := range map[string]map[string]string{"itself": form, "what it was swapped for": {"subject_token": scoped}} {
		if a, _ := h.exchange(t, "web", webSecret, test); a.status != http.StatusBadRequest {
			t.Errorf("revoked, %s: %d %s", name, a.status, a.body)
		}
	}
}

// Through what a change came is read from who acts, so nobody can call themselves chat.
func TestNobodyActsUnderTheNameOfAService(t *testing.T) {
	h := build(t, nil)
	cookies, id, jwt := h.somebody(t, "ada@local.host")
	made := h.ask(t, "POST", "/api/"+id+"/tokens", `{"name":"chat","scopes":["tasks:read"]}`, "Authorization", "Bearer "+jwt).json(t)
	a, _ := h.exchange(t, "web", webSecret, map[string]string{"subject_token": made["token"].(string), "subject_token_type": typeAPIToken})
	_, acted := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": a.json(t)["access_token"].(string)})
	if acted.Actor.Actor.Subject != "chat (agent)" {
		t.Errorf("an API token: %+v", acted.Actor)
	}
	g := h.agent(t)
	g.id = h.ask(t, "POST", "/oauth/register", `{"client_name":" Chat","redirect_uris":["http://127.0.0.1/back?x=1"]}`).json(t)["client_id"].(string)
	g.query.Set("client_id", g.id)
	_, given := g.tokens(t, redeem(g.allow(t, cookies)))
	_, acted = h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": given["access_token"].(string)})
	if acted.Actor.Actor.Subject != "Chat (agent)" {
		t.Errorf("an agent's program: %+v", acted.Actor)
	}
}

func TestWhoActsMakesNoTokens(t *testing.T) {
	h := build(t, nil)
	_, id, jwt := h.somebody(t, "ada@local.host")
	a, _ := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": jwt})
	acting := a.json(t)["access_token"].(string)
	if a := h.ask(t, "POST", "/api/"+id+"/tokens", `{"name":"x","scopes":["tasks:read"]}`, "Authorization", "Bearer "+acting); a.status != http.StatusForbidden {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The document names each call of the router, and no other.
func TestTheContractHasEveryRoute(t *testing.T) {
	h := build(t, nil)
	want := map[string]bool{}
	for _, call := range h.door.calls() {
		want[call.method+" /auth"+call.path] = true
	}
	for _, own := range []string{"GET /api/:user_id/settings", "PATCH /api/:user_id/settings", "GET /api/:user_id/tokens", "POST /api/:user_id/tokens", "DELETE /api/:user_id/tokens/:id", "POST /token",
		"GET /api/:user_id/tokens/agents", "DELETE /api/:user_id/tokens/agents/:id", "GET /oauth-authorization-server", "GET /authorize", "POST /authorize", "POST /register", "POST /revoke"} {
		want[own] = true
	}
	for _, not := range []string{"POST /auth/get-session", "GET /auth/error", "GET /auth/reset-password/:token", "GET /auth/verify-email"} {
		delete(want, not) // a refusal, a page, and what is followed from a letter
	}
	got := h.contract.Routes()
	slices.Sort(got)
	if wanted := slices.Sorted(maps.Keys(want)); !slices.Equal(got, wanted) {
		t.Errorf("in the document %q\nwanted %q", got, wanted)
	}
}
