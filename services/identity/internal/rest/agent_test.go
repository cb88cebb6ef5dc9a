package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/identity/internal/token"
)

const verifier = "a-verifier-of-at-least-forty-three-characters-0123456789"

// agent is a program that registered, and what it asks for.
type agent struct {
	*house
	id    string
	query url.Values
}

func (h *house) agent(t *testing.T) agent {
	t.Helper()
	a := h.ask(t, "POST", "/oauth/register", `{"client_name":"Helper <b>","redirect_uris":["http://127.0.0.1/back?x=1"],"token_endpoint_auth_method":"none","software_id":"ignored"}`, "Origin", "https://anywhere.example")
	if a.status != http.StatusCreated || a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	sum := sha256.Sum256([]byte(verifier))
	id := a.json(t)["client_id"].(string)
	return agent{h, id, url.Values{
		"client_id": {id}, "redirect_uri": {"http://127.0.0.1:4711/back?x=1"}, "response_type": {"code"}, "state": {"s&t"}, "scope": {"tasks:read tasks:write"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "resource": {public + "/mcp"},
	}}
}

var hidden = regexp.MustCompile(`name="(request|proof)" value="([^"]*)"`)

// form is what the page would send with an answer.
func form(page, said string) string {
	values := url.Values{"answer": {said}}
	for _, field := range hidden.FindAllStringSubmatch(page, -1) {
		values.Set(field[1], html.UnescapeString(field[2]))
	}
	return values.Encode()
}

// allow goes through the page and returns the code.
func (g agent) allow(t *testing.T, cookies string) string {
	t.Helper()
	page := g.ask(t, "GET", pathAuthorize+"?"+g.query.Encode(), "", "Cookie", cookies)
	back := g.ask(t, "POST", pathAuthorize, form(page.body, "allow"), "Cookie", cookies, "Content-Type", typeForm)
	to, err := url.Parse(back.header.Get("Location"))
	if err != nil || back.status != http.StatusFound || to.Query().Get("state") != "s&t" || to.Query().Get("iss") != public || to.Query().Get("x") != "1" || to.Host != "127.0.0.1:4711" {
		t.Fatalf("%d %s %s", back.status, back.header.Get("Location"), back.body)
	}
	return to.Query().Get("code")
}

func (g agent) tokens(t *testing.T, more url.Values) (answer, map[string]any) {
	t.Helper()
	values := url.Values{"client_id": {g.id}}
	for name, value := range more {
		values[name] = value
	}
	a := g.ask(t, "POST", "/oauth/token", values.Encode(), "Content-Type", typeForm, "Origin", "")
	return a, a.json(t)
}

func redeem(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"http://127.0.0.1:4711/back?x=1"}, "code_verifier": {verifier}}
}

func turn(refresh any) url.Values {
	text, _ := refresh.(string)
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {text}}
}

func TestAnAgentIsLetInByThePersonAndPutOutAgain(t *testing.T) {
	h := build(t, nil)
	cookies, id, jwt := h.somebody(t, "ada@local.host")
	g := h.agent(t)
	page := h.ask(t, "GET", pathAuthorize+"?"+g.query.Encode(), "", "Cookie", cookies)
	if page.status != http.StatusOK || !strings.Contains(page.body, "Helper &lt;b&gt;") || !strings.Contains(page.body, "change, complete and delete") || strings.Contains(page.body, "history") ||
		!strings.Contains(page.header.Get("Content-Security-Policy"), "form-action 'self' http://127.0.0.1:4711; frame-ancestors 'none'") {
		t.Errorf("asked %d %s %v", page.status, page.body, page.header)
	}
	a, given := g.tokens(t, redeem(g.allow(t, cookies)))
	var claims token.Claims
	if text, _ := given["access_token"].(string); h.door.Ring.Verify(text, &claims) != nil || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if claims.UserID != id || claims.Audience != public+"/mcp" || *claims.Scope != "tasks:read tasks:write" || claims.ClientID != g.id || claims.Actor.Subject != "Helper <b>" || claims.Email != "" {
		t.Errorf("%+v", claims)
	}
	_, acted := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": given["access_token"].(string)})
	if acted.Actor == nil || acted.Actor.Subject != "mcp" || acted.Actor.Actor.Subject != "Helper <b>" || acted.Audience != public || *acted.Scope != *claims.Scope {
		t.Errorf("exchanged: %+v", acted)
	}
	listed := h.ask(t, "GET", "/api/"+id+"/tokens/agents", "", "Authorization", "Bearer "+jwt).json(t)["agents"].([]any)
	if len(listed) != 1 || listed[0].(map[string]any)["name"] != "Helper <b>" {
		t.Fatalf("listed %v", listed)
	}
	path := "/api/" + id + "/tokens/agents/" + listed[0].(map[string]any)["id"].(string)
	_, _, stranger := h.somebody(t, "bob@local.host")
	if a := h.ask(t, "DELETE", path, "", "Authorization", "Bearer "+stranger); a.status != http.StatusUnauthorized {
		t.Errorf("put out by a stranger: %d", a.status)
	}
	if a := h.ask(t, "DELETE", path, "", "Authorization", "Bearer "+jwt); a.status != http.StatusNoContent {
		t.Errorf("put out: %d %s", a.status, a.body)
	}
	if a, _ := g.tokens(t, turn(given["refresh_token"])); a.status != http.StatusBadRequest {
		t.Errorf("refreshed after it: %d %s", a.status, a.body)
	}
	if a, _ := h.exchange(t, "mcp", mcpSecret, map[string]string{"subject_token": given["access_token"].(string)}); a.status != http.StatusBadRequest {
		t.Errorf("exchanged after it: %d %s", a.status, a.body)
	}
}

func TestARefreshTokenWorksOnceAndItsSecondUseEndsAll(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	g := h.agent(t)
	_, first := g.tokens(t, redeem(g.allow(t, cookies)))
	narrow := turn(first["refresh_token"])
	narrow.Set("scope", "tasks:read")
	_, second := g.tokens(t, narrow)
	if second["scope"] != "tasks:read" || second["refresh_token"] == first["refresh_token"] {
		t.Errorf("turned: %v", second)
	}
	if _, third := g.tokens(t, turn(second["refresh_token"])); third["scope"] != "tasks:read tasks:write" {
		t.Errorf("without a wish: %v", third)
	} else if _, again := g.tokens(t, turn(second["refresh_token"])); again["error"] != "invalid_grant" {
		t.Errorf("used twice: %v", again)
	} else if _, after := g.tokens(t, turn(third["refresh_token"])); after["error"] != "invalid_grant" {
		t.Errorf("the other holder's, after it: %v", after)
	}
}

func TestACodeWorksOnceForItsClientAndItsProof(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	g := h.agent(t)
	for name, change := range map[string]func(url.Values){
		"another client":   func(v url.Values) { v.Set("client_id", "somebody") },
		"another redirect": func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:4712/back?x=1") },
		"another proof":    func(v url.Values) { v.Set("code_verifier", strings.Replace(verifier, "a", "b", 1)) },
		"no proof":         func(v url.Values) { v.Del("code_verifier") },
		"no code":          func(v url.Values) { v.Del("code") },
	} {
		values := redeem(g.allow(t, cookies))
		change(values)
		if _, got := g.tokens(t, values); got["error"] != "invalid_grant" {
			t.Errorf("%s: %v", name, got)
		}
	}
	late := g.allow(t, cookies)
	h.pass(2 * time.Minute)
	if _, got := g.tokens(t, redeem(late)); got["error"] != "invalid_grant" {
		t.Errorf("too late: %v", got)
	}
	code := g.allow(t, cookies)
	_, given := g.tokens(t, redeem(code))
	if _, got := g.tokens(t, redeem(code)); got["error"] != "invalid_grant" {
		t.Errorf("used twice: %v", got)
	}
	if _, got := g.tokens(t, turn(given["refresh_token"])); got["error"] != "invalid_grant" {
		t.Errorf("what the first use gave lives on: %v", got)
	}
}

func TestWhoAsksWronglyIsToldWhereItIsSafe(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	g := h.agent(t)
	for name, test := range map[string]struct{ field, value, code string }{
		"unknown client":      {"client_id", "nobody", ""},
		"no document":         {"client_id", "https://evil.example/client.json", ""},
		"foreign redirect":    {"redirect_uri", "https://evil.example/back", ""},
		"another path":        {"redirect_uri", "http://127.0.0.1:4711/other?x=1", ""},
		"a host that is like": {"redirect_uri", "http://127.0.0.1.evil.example/back?x=1", ""},
		"no PKCE":             {"code_challenge", "", "invalid_request"},
		"plain PKCE":          {"code_challenge_method", "plain", "invalid_request"},
		"implicit":            {"response_type", "token", "unsupported_response_type"},
		"unknown scope":       {"scope", "everything", "invalid_scope"},
		"another resource":    {"resource", public, "invalid_target"},
	} {
		query := url.Values{}
		for field, values := range g.query {
			query[field] = values
		}
		query.Set(test.field, test.value)
		a := h.ask(t, "GET", pathAuthorize+"?"+query.Encode(), "", "Cookie", cookies)
		to, _ := url.Parse(a.header.Get("Location"))
		if test.code == "" && (a.status != http.StatusBadRequest || to.String() != "") || test.code != "" && (a.status != http.StatusFound || to.Query().Get("error") != test.code || to.Query().Get("state") != "s&t") {
			t.Errorf("%s: %d %s", name, a.status, a.header.Get("Location"))
		}
	}
	if a := h.ask(t, "GET", pathAuthorize+"?"+g.query.Encode(), ""); a.status != http.StatusFound || !strings.HasPrefix(a.header.Get("Location"), "/signin?next=%2Foauth%2Fauthorize%3F") {
		t.Errorf("not signed in: %d %s", a.status, a.header.Get("Location"))
	}
	for _, bad := range []string{`{}`, `{"redirect_uris":["http://evil.example/"]}`, `{"redirect_uris":["javascript:alert(1)"]}`, `{"redirect_uris":["https://a.example/#x"]}`, `{"redirect_uris":["https://a.example"],"token_endpoint_auth_method":"client_secret_basic"}`, `[`} {
		if a := h.ask(t, "POST", "/oauth/register", bad); a.status != http.StatusBadRequest {
			t.Errorf("registered %s: %d %s", bad, a.status, a.body)
		}
	}
}

func TestOnlyThePersonsOwnAnswerCounts(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	other, _, _ := h.somebody(t, "bob@local.host")
	g := h.agent(t)
	page := h.ask(t, "GET", pathAuthorize+"?"+g.query.Encode(), "", "Cookie", cookies)
	for name, test := range map[string]struct{ body, cookies, origin string }{
		"from another site":    {form(page.body, "allow"), cookies, "https://evil.example"},
		"in another session":   {form(page.body, "allow"), other, public},
		"without a session":    {form(page.body, "allow"), "", public},
		"to another question":  {strings.Replace(form(page.body, "allow"), "tasks%253Aread", "audit%253Aread", 1), cookies, public},
		"without the question": {"answer=allow", cookies, public},
	} {
		if a := h.ask(t, "POST", pathAuthorize, test.body, "Cookie", test.cookies, "Content-Type", typeForm, "Origin", test.origin); a.status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, a.status, a.header.Get("Location"))
		}
	}
	if a := h.ask(t, "POST", pathAuthorize, form(page.body, "deny"), "Cookie", cookies, "Content-Type", typeForm); !strings.Contains(a.header.Get("Location"), "error=access_denied") {
		t.Errorf("denied: %d %s", a.status, a.header.Get("Location"))
	}
}

func TestAClientMayBeADocument(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	g := h.agent(t)
	g.query.Set("client_id", "https://agent.example/client.json")
	g.query.Set("redirect_uri", "https://agent.example/back")
	a := h.ask(t, "GET", pathAuthorize+"?"+g.query.Encode(), "", "Cookie", cookies)
	if a.status != http.StatusOK || !strings.Contains(a.body, "Agent (agent.example)") {
		t.Errorf("%d %s", a.status, a.body)
	}
	meta := h.ask(t, "GET", "/.well-known/oauth-authorization-server", "").json(t)
	if meta["issuer"] != public || meta["client_id_metadata_document_supported"] != true || meta["authorization_response_iss_parameter_supported"] != true {
		t.Errorf("metadata %v", meta)
	}
}

func TestARevokedRefreshTokenEndsItsGrant(t *testing.T) {
	h := build(t, nil)
	cookies, _, _ := h.somebody(t, "ada@local.host")
	g := h.agent(t)
	_, given := g.tokens(t, redeem(g.allow(t, cookies)))
	for _, text := range []string{"nonsense", given["refresh_token"].(string)} {
		if a := h.ask(t, "POST", "/oauth/revoke", url.Values{"token": {text}}.Encode(), "Content-Type", typeForm); a.status != http.StatusOK {
			t.Errorf("revoked %.5s…: %d %s", text, a.status, a.body)
		}
	}
	if _, got := g.tokens(t, turn(given["refresh_token"])); got["error"] != "invalid_grant" {
		t.Errorf("after it: %v", got)
	}
}
