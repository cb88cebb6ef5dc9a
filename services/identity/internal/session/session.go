// Package session is how long somebody stays signed in.
package session

import (
	"time"

	"github.com/tickler-app/tickler/services/identity/internal/secret"
)

// Times of better-auth, the session's own life apart (AUTH_SESSION_TTL).
const (
	// UpdateAge is the age from which using a session prolongs it.
	UpdateAge = 24 * time.Hour
	// FreshAge is how long after signing in one may do what is delicate without the password.
	FreshAge = 24 * time.Hour
	// BriefLife is the life of a session that is not remembered: it is never prolonged.
	BriefLife = 24 * time.Hour
)

// TokenLength in characters, as better-auth's.
const TokenLength = 32

// Session is one signed-in browser or program.
type Session struct {
	ID        string `db:"session_id"`
	UserID    string `db:"user_id"`
	TokenHash []byte `db:"token_hash"` // the token itself is nowhere kept
	Address   string `db:"ip_address"`
	Agent     string `db:"user_agent"`
	Brief     bool   `db:"brief"` // signed in with rememberMe=false

	CreatedAt time.Time `db:"session_created_at"`
	UpdatedAt time.Time `db:"session_updated_at"`
	ExpiresAt time.Time `db:"expires_at"`
}

// Visit is what is known of whoever is at the door.
type Visit struct {
	Address   string // of the client, empty if unknown
	Agent     string // User-Agent
	RequestID string
}

// Begin returns a new session of the person and its token, which is told once.
func Begin(userID string, brief bool, visit Visit, now time.Time, life time.Duration) (Session, string) {
	if brief {
		life = min(life, BriefLife)
	}
	token := secret.Text(TokenLength)
	return Session{
		ID: secret.Text(32), UserID: userID, TokenHash: secret.Hash(token),
		Address: visit.Address, Agent: clip(visit.Agent, 500), Brief: brief,
		CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(life),
	}, token
}

// Ended reports whether the session's time is over.
func (s *Session) Ended(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// Fresh reports whether signing in was recent enough for what is delicate.
func (s *Session) Fresh(now time.Time) bool { return now.Sub(s.CreatedAt) < FreshAge }

// Stale reports whether use should prolong the session: it is older than UpdateAge since it
// was last prolonged.
func (s *Session) Stale(now time.Time, life time.Duration) bool {
	return !s.Brief && !now.Before(s.ExpiresAt.Add(UpdateAge-life))
}

// Prolong gives the session its whole life again.
func (s *Session) Prolong(now time.Time, life time.Duration) {
	s.UpdatedAt, s.ExpiresAt = now, now.Add(life)
}

// clip shortens text that a client sent to at most n bytes, on a boundary of characters.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && text[n]&0xC0 == 0x80 {
		n--
	}
	return text[:n]
}
