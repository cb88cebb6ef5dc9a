// Package token is what a person's programs and our own services show for the person: JWTs
// that live for minutes, API tokens that live for months, and the exchange of one for another.
package token

import (
	"context"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/session"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Claims are what our JWTs say. Person is better-auth's user object, as its JWT plugin puts it
// there; a token made by exchange leaves the address out.
type Claims struct {
	Person

	Issuer    string `json:"iss"`
	Audience  string `json:"aud"` // one, and never an array: better-auth's are texts
	Subject   string `json:"sub"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	NotBefore int64  `json:"nbf,omitempty"` // never set by us
	ID        string `json:"jti"`

	UserID    string  `json:"user_id"`   // equal to Subject
	TimeZone  string  `json:"time_zone"` // IANA
	SessionID string  `json:"sid,omitempty"`
	TokenID   string  `json:"token_id,omitempty"` // of the API token behind it
	TokenName string  `json:"token_name,omitempty"`
	GrantID   string  `json:"grant_id,omitempty"` // of what the person allowed an agent's program
	Scope     *string `json:"scope,omitempty"`    // nil: all
	ClientID  string  `json:"client_id,omitempty"`
	Actor     *Actor  `json:"act,omitempty"`
}

// Person is the user object of better-auth.
type Person struct {
	UserID        string  `json:"id"`
	Name          string  `json:"name"`
	Email         string  `json:"email,omitempty"`
	EmailVerified *bool   `json:"emailVerified,omitempty"`
	Image         *string `json:"image"`
	CreatedAt     string  `json:"createdAt,omitempty"`
	UpdatedAt     string  `json:"updatedAt,omitempty"`
	TimeZone      string  `json:"timeZone"`
}

// Actor is who acts for the person (RFC 8693, section 4.1); Actor.Actor is for whom that one
// acted in turn.
type Actor struct {
	Subject string `json:"sub"`
	Name    string `json:"name,omitempty"`
	Actor   *Actor `json:"act,omitempty"`
}

// ErrBearer is the error of a token that is not for identity, or no longer.
var ErrBearer = fault.New(fault.Unauthorized, "no valid token")

// Signer makes tokens of claims and reads them again.
type Signer interface {
	Sign(claims any) (string, error)
	Verify(token string, claims any) error
}

// Service makes, keeps and exchanges tokens.
type Service struct {
	Store  Store
	Signer Signer
	Now    func() time.Time

	Issuer   string
	Audience string        // of the person's own tokens: every service of ours but mcp
	Life     time.Duration // of the person's own tokens
	Clients  map[string]Client
}

// Store finds what a token stands for, and keeps API tokens.
type Store interface {
	// ByHash returns the API token and its person, or ErrAPIToken.
	ByHash(ctx context.Context, hash []byte, now time.Time) (API, user.User, error)
	// Alive returns the person if what a token stands for has not ended, or ErrEnded.
	Alive(ctx context.Context, userID string, of Source, now time.Time) (user.User, error)
	// Add keeps a new API token. It returns ErrTooMany above most live ones.
	Add(ctx context.Context, t API, hash []byte, most int, once Once) (Kept, error)
	// List returns the person's API tokens after one of them, newest first.
	List(ctx context.Context, userID, after string, limit int) ([]API, error)
	// Remove returns ErrNotFound if the person has no such token.
	Remove(ctx context.Context, userID, id string) error
}

// Source is what a token stands for: the one that is not empty, or nothing.
type Source struct{ SessionID, TokenID, GrantID string }

func (c Claims) source() Source { return Source{c.SessionID, c.TokenID, c.GrantID} }

// ForSession makes the token of somebody who is signed in.
func (s *Service) ForSession(u user.User, in session.Session) (string, error) {
	claims := s.claims(u, s.Audience, s.Life)
	claims.Email, claims.EmailVerified = u.Email, &u.EmailVerified
	claims.CreatedAt, claims.UpdatedAt = stamp(u.CreatedAt), stamp(u.UpdatedAt)
	claims.SessionID = in.ID
	return s.Signer.Sign(claims)
}

// Read checks a token that a person shows to identity itself.
func (s *Service) Read(given string) (Claims, error) {
	var c Claims
	if err := s.Signer.Verify(given, &c); err != nil {
		return Claims{}, err
	}
	if !s.current(c) || c.Audience != s.Audience {
		return Claims{}, ErrBearer
	}
	return c, nil
}

// current reports whether a token that we signed is ours in name, too, and its time is now.
func (s *Service) current(c Claims) bool {
	now := s.Now().Unix()
	return c.Issuer == s.Issuer && now < c.ExpiresAt && c.NotBefore <= now && c.UserID != "" && c.UserID == c.Subject
}

// claims are those that all tokens of a person have.
func (s *Service) claims(u user.User, audience string, life time.Duration) Claims {
	now := s.Now()
	return Claims{
		Person: Person{UserID: u.ID, Name: u.Name, Image: u.Image, TimeZone: u.TimeZone},
		Issuer: s.Issuer, Audience: audience, Subject: u.ID, ID: secret.Text(22),
		IssuedAt: now.Unix(), ExpiresAt: now.Add(life).Unix(),
		UserID: u.ID, TimeZone: u.TimeZone,
	}
}

// stamp is how better-auth writes an instant: with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// scopes are the words of a scope claim; nil for no claim, which is all.
func scopes(claim *string) []string {
	if claim == nil {
		return nil
	}
	return strings.Fields(*claim)
}
