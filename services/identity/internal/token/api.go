package token

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
)

// Errors of API tokens.
var (
	ErrNotFound = fault.New(fault.NotFound, "no such token")
	ErrAPIToken = fault.New(fault.Unauthorized, "no such API token, or no longer")
	ErrTooMany  = fault.New(fault.Conflict, "at most 100 API tokens: remove one first")
	ErrReused   = fault.New(fault.Conflict, "the idempotency key was used with another body")
)

// Prefix begins every API token, so that one that leaks is recognised.
const Prefix = "tkl_"

// Scopes are what an API token can be for.
var Scopes = []string{"tasks:read", "tasks:write", "audit:read"}

// Bounds of API tokens.
const (
	most        = 100 // of one person
	longestName = 100
	usualLife   = 90 * 24 * time.Hour // where nothing is wished for
	longestLife = 366 * 24 * time.Hour
)

// API is an API token of a person, without the token itself.
type API struct {
	ID        string     `db:"id"` // UUIDv7
	UserID    string     `db:"user_id"`
	Name      string     `db:"name"`
	Scopes    []string   `db:"-"`
	CreatedAt time.Time  `db:"created_at"`
	ExpiresAt time.Time  `db:"expires_at"`
	UsedAt    *time.Time `db:"used_at"`
}

// Wish is what a person asks for.
type Wish struct {
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// Once is an Idempotency-Key, the request it came with, and the answer, sealed, which a
// repetition gets again. The zero Once is none.
type Once struct {
	Key     string
	Request []byte // hash
	Answer  string
	Until   time.Time
}

// Kept is what became of an API token that was added: the answer of the first request with
// its Idempotency-Key, sealed, if it was a repetition.
type Kept struct{ Before string }

// Make decides on a wish: it returns the API token and its secret, or all that is wrong.
func Make(userID string, w Wish, now time.Time) (API, string, error) {
	var wrong []fault.Field
	name := strings.TrimSpace(w.Name)
	if n := utf8.RuneCountInString(name); n < 1 || n > longestName || strings.ContainsRune(name, 0) {
		wrong = append(wrong, fault.Field{Name: "/name", Code: "length", Detail: "1 to 100 characters"})
	}
	if len(w.Scopes) == 0 {
		wrong = append(wrong, fault.Field{Name: "/scopes", Code: "required", Detail: "at least one of " + strings.Join(Scopes, ", ")})
	}
	for _, scope := range w.Scopes {
		if !slices.Contains(Scopes, scope) {
			wrong = append(wrong, fault.Field{Name: "/scopes", Code: "unknown", Detail: "only " + strings.Join(Scopes, ", ")})
			break
		}
	}
	expires := now.Add(usualLife)
	if w.ExpiresAt != nil {
		expires = w.ExpiresAt.UTC().Truncate(time.Microsecond)
		if !expires.After(now) || expires.After(now.Add(longestLife)) {
			wrong = append(wrong, fault.Field{Name: "/expires_at", Code: "range", Detail: "in the future, and within 366 days"})
		}
	}
	if len(wrong) > 0 {
		return API{}, "", fault.Fields(wrong...)
	}
	t := API{ID: uuid.Must(uuid.NewV7()).String(), UserID: userID, Name: name, CreatedAt: now, ExpiresAt: expires}
	for _, scope := range Scopes { // in one order, each once
		if slices.Contains(w.Scopes, scope) {
			t.Scopes = append(t.Scopes, scope)
		}
	}
	return t, Prefix + secret.Text(43), nil
}

// Add makes an API token and keeps its hash. The text of the token is known to the caller
// alone. answer renders what once is to remember.
func (s *Service) Add(ctx context.Context, userID string, w Wish, once Once, answer func(API, string) (string, error)) (API, string, Kept, error) {
	t, text, err := Make(userID, w, s.Now())
	if err != nil {
		return API{}, "", Kept{}, err
	}
	if once.Key != "" {
		if once.Answer, err = answer(t, text); err != nil {
			return API{}, "", Kept{}, err
		}
	}
	kept, err := s.Store.Add(ctx, t, secret.Hash(text), most, once)
	return t, text, kept, err
}

// List returns a page of the person's API tokens after the one with that id, newest first, and
// whether there are more.
func (s *Service) List(ctx context.Context, userID, after string, limit int) ([]API, bool, error) {
	found, err := s.Store.List(ctx, userID, after, limit+1)
	if len(found) > limit {
		return found[:limit], true, err
	}
	return found, false, err
}

// Remove revokes an API token: it is exchanged no more.
func (s *Service) Remove(ctx context.Context, userID, id string) error {
	return s.Store.Remove(ctx, userID, id)
}
