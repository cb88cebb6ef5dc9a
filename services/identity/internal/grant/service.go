package grant

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Lives of what is handed out.
const (
	codeLife    = 2 * time.Minute
	refreshLife = 30 * 24 * time.Hour // from its last use
)

// Grant is what a person allowed a client.
type Grant struct {
	ID         string    `db:"id"` // UUIDv7
	UserID     string    `db:"user_id"`
	ClientID   string    `db:"client_id"`
	ClientName string    `db:"client_name"`
	Scope      string    `db:"scope"`
	Audience   string    `db:"audience"`
	CreatedAt  time.Time `db:"created_at"`
	UsedAt     time.Time `db:"used_at"`
}

// Pending is a code that waits for its client: a grant to be.
type Pending struct {
	Grant
	Hash      []byte
	Redirect  string
	Challenge string
	ExpiresAt time.Time
	Used      bool
}

// Clients keeps the programs that registered here.
type Clients interface {
	AddClient(ctx context.Context, c Client) error
	// Client returns ErrClient if there is none.
	Client(ctx context.Context, id string) (Client, error)
}

// Store keeps codes and what became of them. Writes of one person happen one after another.
type Store interface {
	// AddCode keeps a code until it ends.
	AddCode(ctx context.Context, p Pending) error
	// Redeem gives decide the code's grant to be, and keeps the grant with its first refresh
	// token. A code that was used before ends the grant that it led to, and is ErrGrant.
	Redeem(ctx context.Context, code []byte, decide func(Pending) (refresh []byte, until time.Time, err error)) (Grant, user.User, error)
	// Turn puts a new refresh token in the place of one. One that was used before ends its
	// grant, since two hold it, and is ErrGrant.
	Turn(ctx context.Context, old []byte, now time.Time, decide func(Grant) (refresh []byte, until time.Time, err error)) (Grant, user.User, error)
	// Grants returns what the person allowed, newest first.
	Grants(ctx context.Context, userID string) ([]Grant, error)
	// End returns ErrNotFound if the person has no such grant.
	End(ctx context.Context, userID, id string) error
	// EndOf ends the grant of a refresh token, or returns ErrGrant.
	EndOf(ctx context.Context, refresh []byte) error
}

// ErrNotFound is the error of a grant that is not there, or not the person's.
var ErrNotFound = fault.New(fault.NotFound, "no such grant")

// Documents fetches what a client says of itself at the address that is its id.
type Documents interface {
	Fetch(ctx context.Context, address string) (name string, redirects []string, err error)
}

// Service is what the doors may ask for.
type Service struct {
	Clients   Clients
	Store     Store
	Documents Documents
	Tokens    *token.Service
	Now       func() time.Time
	Audience  string // of agents: mcp
}

// Register keeps a client that tells us of itself (RFC 7591).
func (s *Service) Register(ctx context.Context, name string, redirects []string) (Client, error) {
	c, err := NewClient("", name, redirects, s.Now())
	if err != nil {
		return Client{}, err
	}
	return c, s.Clients.AddClient(ctx, c)
}

// Judge finds the client and checks what it asks for. While the error is ErrClient or
// ErrRedirect, nothing may be sent to the redirect address; of others, Code is what it is told.
func (s *Service) Judge(ctx context.Context, ask *Ask) (Client, error) {
	c, err := s.client(ctx, ask.ClientID)
	if err != nil {
		return Client{}, err
	}
	if ask.Redirect == "" && len(c.Redirects) == 1 {
		ask.Redirect = c.Redirects[0]
	}
	if !c.leads(ask.Redirect) {
		return Client{}, ErrRedirect
	}
	return c, ask.settle(s.Audience)
}

func (s *Service) client(ctx context.Context, id string) (Client, error) {
	if !IsDocument(id) {
		return s.Clients.Client(ctx, id)
	}
	name, redirects, err := s.Documents.Fetch(ctx, id)
	if err != nil {
		return Client{}, err
	}
	c, err := NewClient(id, name, redirects, s.Now())
	if err != nil {
		return Client{}, err
	}
	return c.at(hostOf(id)), nil
}

// Allow makes a code for a request that was judged and that the person allowed.
func (s *Service) Allow(ctx context.Context, userID string, c Client, ask Ask) (code string, err error) {
	now := s.Now()
	code = secret.Text(43)
	return code, s.Store.AddCode(ctx, Pending{
		Grant: Grant{
			ID: uuid.Must(uuid.NewV7()).String(), UserID: userID, ClientID: c.ID, ClientName: c.Name, Scope: ask.Scope, Audience: ask.Resource,
			CreatedAt: now, UsedAt: now,
		},
		Hash: secret.Hash(code), Redirect: ask.Redirect, Challenge: ask.Challenge, ExpiresAt: now.Add(codeLife),
	})
}

// Given is what a client gets for a code or a refresh token.
type Given struct {
	token.Made
	Refresh string
}

// Redeem gives a client tokens for its code.
func (s *Service) Redeem(ctx context.Context, clientID, code, redirect, verifier string) (Given, error) {
	refresh, now := secret.Text(43), s.Now()
	g, u, err := s.Store.Redeem(ctx, secret.Hash(code), func(p Pending) ([]byte, time.Time, error) {
		if p.ClientID != clientID || p.Redirect != redirect || !now.Before(p.ExpiresAt) || !proves(verifier, p.Challenge) {
			return nil, time.Time{}, ErrGrant
		}
		return secret.Hash(refresh), now.Add(refreshLife), nil
	})
	if err != nil {
		return Given{}, err
	}
	return s.give(g, u, g.Scope, refresh)
}

// Turn gives a client new tokens for its refresh token, which is used up.
func (s *Service) Turn(ctx context.Context, clientID, old, scope string) (Given, error) {
	refresh, now := secret.Text(43), s.Now()
	wanted := ""
	g, u, err := s.Store.Turn(ctx, secret.Hash(old), now, func(g Grant) ([]byte, time.Time, error) {
		if g.ClientID != clientID {
			return nil, time.Time{}, ErrGrant
		}
		if wanted = scope; scope == "" {
			wanted = g.Scope
		}
		for _, word := range strings.Fields(wanted) {
			if !slices.Contains(strings.Fields(g.Scope), word) {
				return nil, time.Time{}, refuse("invalid_scope", "wider than what was allowed")
			}
		}
		return secret.Hash(refresh), now.Add(refreshLife), nil
	})
	if err != nil {
		return Given{}, err
	}
	return s.give(g, u, wanted, refresh)
}

func (s *Service) give(g Grant, u user.User, scope, refresh string) (Given, error) {
	made, err := s.Tokens.ForAgent(u, token.Agent{GrantID: g.ID, ClientID: g.ClientID, Name: g.ClientName, Audience: g.Audience, Scope: scope})
	return Given{made, refresh}, err
}

// Revoke ends the grant of a refresh token (RFC 7009). What is none ends nothing.
func (s *Service) Revoke(ctx context.Context, refresh string) error {
	err := s.Store.EndOf(ctx, secret.Hash(refresh))
	if errors.Is(err, ErrGrant) {
		return nil
	}
	return err
}
