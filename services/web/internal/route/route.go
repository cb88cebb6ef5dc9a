// Package route says which service answers a path of the public origin.
package route

import (
	"net/url"
	"slices"
	"strings"
)

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

// internal are probes and metrics, which are nobody's business outside.
var internal = []string{"livez", "readyz", "health", "metrics"}

// Of returns who answers a path (wire-api.md §1): the first that matches. The path is as it
// stands in the request, escaped: an escaped slash is a part of a person's id, or of a tag.
// One with . or .. is nowhere: a router behind us might follow it to where we would not have
// sent it.
func Of(escaped string) string {
	parts := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || slices.ContainsFunc(strings.Split(plain, "/"), dots) {
			return Nowhere
		}
		parts[i] = plain
	}
	switch first, second := parts[0], at(parts, 1); {
	case first == "mcp", first == ".well-known" && strings.HasPrefix(second, "oauth-protected-resource"):
		return MCP
	case first == "api" && second == "auth", first == "oauth", first == ".well-known":
		return Identity
	case first == "api":
		return ofPerson(parts[1:])
	case first == "calendar":
		return API
	case first == "unsubscribe":
		return Notification
	case first == "openapi.json", first == "docs":
		return Docs
	case first == "ws":
		return Realtime
	case slices.Contains(internal, first):
		return Nowhere
	}
	return Page
}

// ofPerson is for what follows /api/: a person's id, then the call.
func ofPerson(parts []string) string {
	noun := at(parts, 1)
	if service, ok := below[noun+"*"]; ok {
		return service
	}
	if service, ok := below[noun]; ok && len(parts) == 2 {
		return service
	}
	return API
}

func at(parts []string, n int) string {
	if n < len(parts) {
		return parts[n]
	}
	return ""
}

func dots(part string) bool { return part == "." || part == ".." }
