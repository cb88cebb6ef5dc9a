package route

import "testing"

func TestEveryPathHasTheServiceOfTheTable(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/mcp": MCP, "/mcp/x": MCP, "/mcpx": Page, "/.well-known/oauth-protected-resource": MCP, "/.well-known/oauth-protected-resource/mcp": MCP,
		"/api/auth/sign-in/email": Identity, "/api/auth": Identity, "/oauth/token": Identity, "/.well-known/oauth-authorization-server": Identity,
		"/api/u/settings": Identity, "/api/u/tokens": Identity, "/api/u/tokens/1": Identity,
		"/api/u/chat": Chat, "/api/u/conversations": Chat, "/api/u/conversations/1/stream": Chat,
		"/api/u/audit-logs": Audit,
		"/api/u/notices":    Notification, "/api/u/notices/1/read": Notification, "/api/u/preferences": Notification, "/api/u/push/key": Notification,
		"/api/u/webhooks/1/deliveries": Notification, "/unsubscribe/secret": Notification,
		"/api/u/tasks": API, "/api/u/tasks/1/complete": API, "/api/u/sync": API, "/api/u/settings/x": API, "/api/u": API, "/api/": API, "/calendar/x.ics": API,
		"/docs": Docs, "/openapi.json": Docs, "/docs/start.js": Docs, "/ws": Realtime, "/ws/x": Realtime, "/wsx": Page,
		"/": Page, "/tasks": Page, "/tasks/1": Page, "/assets/index.js": Page, "/api": API, "/apix": Page, "": Page,
		"/livez": Nowhere, "/readyz": Nowhere, "/health": Nowhere, "/metrics": Nowhere, "/metrics/": Nowhere, "/%6detrics": Nowhere,
		// An escaped slash does not part, an escaped letter is that letter, and dots lead nowhere.
		"/api/a%2Fb/settings": Identity, "/api/a%2Ftokens/tasks": API, "/api/u/%73ettings": Identity, "/api/u/tags/a%2Fb": API,
		"/api/../livez": Nowhere, "/api/u/%2e%2e/x": Nowhere, "/api/x%2F..%2F..%2Fmetrics": Nowhere, "/./x": Nowhere, "/api/%zz": Nowhere,
	} {
		if got := Of(path); got != want {
			t.Errorf("%s is %s's, want %s", path, got, want)
		}
	}
}
