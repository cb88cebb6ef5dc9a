// Package route says which service answers a path of the public origin.
package route

import "strings"

// The services behind the origin. Page is the web app itself.
const (
	Page         = "page"
	Docs         = "docs"
	Nowhere      = "nowhere"
	API          = "api"
	Audit        = "audit"
	Chat         = "chat"
	Identity     = "identity"
	MCP          = "mcp"
	Notification = "notification"
	Realtime     = "realtime"
)

// Services are those that requests are passed on to.
func Services() []string {
	return []string{API, Audit, Chat, Identity, MCP, Notification, Realtime}
}

// below are the calls under /api/{user_id} that are not api's. One that ends in * has calls
// below it too.
var below = map[string]string{
	"settings": Identity, "tokens*": Identity,
	"chat": Chat, "conversations*": Chat,
	"audit-logs": Audit,
	"notices*":   Notification, "preferences": Notification, "push*": Notification, "webhooks*": Notification,
}

// internal paths are probes and metrics, which are nobody's business outside.
var internal = []string{"/livez", "/readyz", "/health", "/metrics"}

// Of returns who answers a path (wire-api.md §1): the first that matches.
func Of(path string) string {
	switch {
	case under(path, "/mcp"), strings.HasPrefix(path, "/.well-known/oauth-protected-resource"):
		return MCP
	case under(path, "/api/auth"), under(path, "/oauth"), under(path, "/.well-known"):
		return Identity
	case strings.HasPrefix(path, "/api/"):
		return ofPerson(strings.TrimPrefix(path, "/api/"))
	case under(path, "/calendar"):
		return API
	case under(path, "/unsubscribe"):
		return Notification
	case path == "/openapi.json", under(path, "/docs"):
		return Docs
	case path == "/ws":
		return Realtime
	}
	for _, probe := range internal {
		if under(path, probe) {
			return Nowhere
		}
	}
	return Page
}

// ofPerson is for what follows /api/: a person's id, then the call.
func ofPerson(rest string) string {
	_, call, _ := strings.Cut(rest, "/")
	noun, _, deeper := strings.Cut(call, "/")
	if service, ok := below[noun+"*"]; ok {
		return service
	}
	if service, ok := below[noun]; ok && !deeper {
		return service
	}
	return API
}

// under reports whether path is base or lies below it.
func under(path, base string) bool {
	return path == base || strings.HasPrefix(path, base+"/")
}
