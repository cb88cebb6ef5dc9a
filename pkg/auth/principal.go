// Package auth tells who is asking: it checks the tokens that identity signs.
package auth

import (
	"context"
	"slices"
	"time"
)

// Principal is who a verified token speaks for.
type Principal struct {
	UserID    string
	Name      string
	Email     string
	TimeZone  string    // IANA; "" if the token says none
	Scopes    []string  // what the token reaches; nil for everything
	Actors    []string  // the clients that act for the person, the nearest first (RFC 8693, act)
	SessionID string    // "" if no session stands behind the token
	Expires   time.Time // of the token
}

// Scopes of wire-api.md §4.
const (
	TasksRead  = "tasks:read"
	TasksWrite = "tasks:write"
	AuditRead  = "audit:read"
)

// May reports whether the token reaches what scope names.
func (p Principal) May(scope string) bool { return p.Scopes == nil || slices.Contains(p.Scopes, scope) }

type key struct{}

// With returns a context of a request that p makes.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From returns who makes the request. It is the zero Principal, which owns nothing, where
// nobody was asked for.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(key{}).(Principal)
	return p
}
