package mcp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

const greeting = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

func TestOnlyATokenForUsOpensTheDoor(t *testing.T) {
	t.Parallel()
	tokens := testkit.Tokens(t)
	server, err := NewServer(&tool.Service{}, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	settings := auth.Settings{Issuer: tokens.Issuer, Audience: tokens.Audience, JWKSURL: tokens.JWKSURL}
	door := &Door{
		Server: server, Public: "https://todo.example", Issuer: tokens.Issuer,
		Verify: auth.New(settings, slog.New(slog.DiscardHandler), nil, "https://todo.example/mcp").Verify,
		Exchange: func(_ context.Context, token string, who auth.Principal) (string, error) {
			switch who.UserID {
			case "ended":
				return "", auth.ErrUnauthorized
			case "unlucky":
				return "", fault.New(fault.Unavailable, "identity does not answer")
			}
			return "for the services", nil
		},
	}
	door.Origins = []string{"https://desk.example"}
	for name, test := range map[string]struct {
		token  string
		status int
		origin string
	}{
		"from our own page":      {token: tokens.Mint("ada", nil), status: 200, origin: "https://todo.example"},
		"from a page let in":     {token: tokens.Mint("ada", nil), status: 200, origin: "https://desk.example"},
		"from a foreign page":    {token: tokens.Mint("ada", nil), status: 403, origin: "https://evil.example"},
		"from nowhere":           {token: tokens.Mint("ada", nil), status: 403, origin: "null"},
		"for mcp":                {token: tokens.Mint("ada", map[string]any{"aud": "https://todo.example/mcp"}), status: 200},
		"the person's own":       {token: tokens.Mint("ada", nil), status: 200},
		"for somebody else":      {token: tokens.Mint("ada", map[string]any{"aud": "https://evil.example"}), status: 401},
		"expired":                {token: tokens.Mint("ada", map[string]any{"exp": time.Now().Add(-time.Minute)}), status: 401},
		"of another issuer":      {token: tokens.Mint("ada", map[string]any{"iss": "https://evil.example"}), status: 401},
		"signed by another":      {token: testkit.Tokens(t).Mint("ada", nil), status: 401},
		"whose session ended":    {token: tokens.Mint("ended", nil), status: 401},
		"while identity is away": {token: tokens.Mint("unlucky", nil), status: 503},
		"none":                   {token: "", status: 401},
		"of 9 KB":                {token: strings.Repeat("x", 9<<10), status: 401},
	} {
		req := httptest.NewRequestWithContext(t.Context(), "POST", "https://todo.example/mcp", strings.NewReader(greeting))
		req.Header.Set("Content-Type", jsonType)
		req.Header.Set("Authorization", "Bearer "+test.token)
		if test.origin != "" {
			req.Header.Set("Origin", test.origin)
		}
		record := httptest.NewRecorder()
		door.Handler().ServeHTTP(record, req)
		challenge := record.Header().Get("WWW-Authenticate")
		if record.Code != test.status || (challenge == `Bearer resource_metadata="https://todo.example/.well-known/oauth-protected-resource/mcp"`) != (test.status == 401) {
			t.Errorf("%s: %d %q %s", name, record.Code, challenge, record.Body)
		}
		if (record.Header().Get("Retry-After") != "") != (record.Code == http.StatusServiceUnavailable) {
			t.Errorf("%s: Retry-After %q", name, record.Header().Get("Retry-After"))
		}
	}
}

// Without a transport of its own, as a program does that has the server in it.
func TestACallWithoutACallerIsRefused(t *testing.T) {
	t.Parallel()
	server, err := NewServer(&tool.Service{}, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	here, there := sdk.NewInMemoryTransports()
	if _, err := server.Connect(As(t.Context(), tool.Caller{UserID: "ada", Scopes: []string{"tasks:read"}}), there, nil); err != nil {
		t.Fatal(err)
	}
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	got, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "add_task", Arguments: json.RawMessage(`{"title":"x"}`)})
	if err != nil || !got.IsError || !strings.Contains(got.Content[0].(*sdk.TextContent).Text, "lacks the scope tasks:write") {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "add_task", Arguments: map[string]any{"titel": "x"}}); err != nil || !strings.Contains(got.Content[0].(*sdk.TextContent).Text, "add_task takes") {
		t.Errorf("%+v, %v", got, err)
	}
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) != len(tool.Names()) {
		t.Errorf("%d tools, %v", len(tools.Tools), err)
	}
}
