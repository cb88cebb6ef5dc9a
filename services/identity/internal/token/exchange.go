package token

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Errors of the exchange, of which the door makes RFC 6749's and 8693's codes.
var (
	ErrClient  = fault.New(fault.Unauthorized, "unknown client or wrong secret")
	ErrSubject = fault.New(fault.Invalid, "the subject token is not valid")
	ErrEnded   = fault.New(fault.Invalid, "what the subject token stands for has ended")
	ErrTarget  = fault.New(fault.Invalid, "not for that audience")
	ErrScope   = fault.New(fault.Invalid, "the scope is wider than the subject token's")
)

// Lives of tokens that are made by exchange.
const (
	exchangedLife = 5 * time.Minute
	LongestLife   = 15 * time.Minute // of one that stands for an API token
)

// longestChain bounds how many may act for one another.
const longestChain = 4

// Client is a service of ours that may exchange tokens.
type Client struct {
	secret  [sha256.Size]byte
	acts    bool     // it acts for the person; else it only passes the person's request on
	takes   []string // audiences of the tokens that it is shown
	gets    []string // audiences that it may ask for, the usual one first
	swapper bool     // it may bring API tokens
}

// NewClients returns the clients that have a secret in pairs (name:secret). audience is that of
// the person's tokens, and agents that of tokens for mcp.
func NewClients(pairs []string, audience, agents string) (map[string]Client, error) {
	known := map[string]Client{
		"web":  {takes: []string{audience, agents}, gets: []string{audience, agents}, swapper: true},
		"chat": {acts: true, takes: []string{audience}, gets: []string{audience, agents}},
		"mcp":  {acts: true, takes: []string{agents, audience}, gets: []string{audience}},
	}
	clients := map[string]Client{}
	for _, pair := range pairs {
		name, text, ok := strings.Cut(pair, ":")
		client, is := known[name]
		if !ok || !is {
			return nil, fmt.Errorf("%q is not one of the clients web, chat and mcp, each with a colon and its secret", name)
		}
		if len(text) < 16 {
			return nil, fmt.Errorf("the secret of client %s is shorter than 16 characters", name)
		}
		client.secret = sha256.Sum256([]byte(text))
		clients[name] = client
	}
	return clients, nil
}

// Exchange is a request of a client: a token for another one (RFC 8693).
type Exchange struct {
	Client, Secret string
	Subject        string // a JWT of ours, or an API token
	Audience       string // empty: the client's usual one
	Scope          string // empty: the subject token's
}

// Made is a token that was made by exchange.
type Made struct {
	Token string
	Life  time.Duration
	Scope *string
}

// Known reports whether the client's secret is right.
func (s *Service) Known(client, given string) bool {
	c, ok := s.Clients[client]
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], c.secret[:]) == 1 && ok
}

// Exchange makes a token that says no more than the one it is made of: for the same person, no
// wider in scope, for an audience that the client may speak to.
func (s *Service) Exchange(ctx context.Context, e Exchange) (Made, error) {
	if !s.Known(e.Client, e.Secret) {
		return Made{}, ErrClient
	}
	client := s.Clients[e.Client]
	if e.Audience == "" {
		e.Audience = client.gets[0]
	}
	if !slices.Contains(client.gets, e.Audience) {
		return Made{}, ErrTarget
	}
	if strings.HasPrefix(e.Subject, Prefix) {
		return s.swap(ctx, client, e)
	}
	var subject Claims
	if err := s.Signer.Verify(e.Subject, &subject); err != nil {
		if fault.KindOf(err) == fault.Unauthorized {
			err = ErrSubject
		}
		return Made{}, err
	}
	if err := s.judge(subject, client); err != nil {
		return Made{}, err
	}
	u, err := s.Store.Alive(ctx, subject.UserID, subject.source(), s.Now())
	if err != nil {
		return Made{}, err
	}
	scope, err := narrow(subject.Scope, e.Scope)
	if err != nil {
		return Made{}, err
	}
	claims := s.claims(u, e.Audience, exchangedLife)
	claims.SessionID, claims.TokenID, claims.GrantID = subject.SessionID, subject.TokenID, subject.GrantID
	claims.Scope, claims.ClientID = scope, e.Client
	claims.Actor = subject.Actor
	if client.acts {
		claims.Actor = &Actor{Subject: e.Client, Actor: subject.Actor}
		if subject.Actor == nil && subject.TokenName != "" {
			claims.Actor.Actor = &Actor{Subject: apart(subject.TokenName)}
		}
	}
	return s.made(claims, exchangedLife)
}

// judge checks the claims of a subject token that is signed by us.
func (s *Service) judge(c Claims, client Client) error {
	depth := 0
	for a := c.Actor; a != nil; a = a.Actor {
		depth++
	}
	switch {
	case !s.current(c), depth >= longestChain:
		return ErrSubject
	case !slices.Contains(client.takes, c.Audience):
		return ErrTarget
	}
	return nil
}

// swap makes a token of an API token, which stands for the person's own program: nobody acts.
func (s *Service) swap(ctx context.Context, client Client, e Exchange) (Made, error) {
	if !client.swapper {
		return Made{}, ErrSubject
	}
	now := s.Now()
	t, u, err := s.Store.ByHash(ctx, secret.Hash(e.Subject), now)
	if err != nil {
		return Made{}, err
	}
	whole := strings.Join(t.Scopes, " ")
	scope, err := narrow(&whole, e.Scope)
	if err != nil {
		return Made{}, err
	}
	life := min(LongestLife, t.ExpiresAt.Sub(now))
	claims := s.claims(u, e.Audience, life)
	claims.TokenID, claims.TokenName, claims.Scope, claims.ClientID = t.ID, t.Name, scope, e.Client
	return s.made(claims, life)
}

func (s *Service) made(claims Claims, life time.Duration) (Made, error) {
	text, err := s.Signer.Sign(claims)
	return Made{Token: text, Life: life, Scope: claims.Scope}, err
}

// narrow is the scope of the new token: what is wished for, if the subject token has all of it.
func narrow(has *string, wished string) (*string, error) {
	if strings.TrimSpace(wished) == "" {
		return has, nil
	}
	words := strings.Fields(wished)
	for _, word := range words {
		if !slices.Contains(Scopes, word) || has != nil && !slices.Contains(scopes(has), word) {
			return nil, ErrScope
		}
	}
	scope := strings.Join(words, " ")
	return &scope, nil
}

// apart is a name that a person or a program chose, so that it is not one of ours: who acts, and
// through what, is read from names.
func apart(name string) string {
	if slices.Contains([]string{"web", "chat", "mcp"}, strings.ToLower(strings.TrimSpace(name))) {
		return name + " (agent)"
	}
	return name
}

// Agent is a program that a person allowed something.
type Agent struct{ GrantID, ClientID, Name, Audience, Scope string }

// ForAgent makes a token for an agent's program, which says who acts: the name under which the
// person allowed it.
func (s *Service) ForAgent(u user.User, a Agent) (Made, error) {
	claims := s.claims(u, a.Audience, s.Life)
	claims.GrantID, claims.ClientID, claims.Scope, claims.Actor = a.GrantID, a.ClientID, &a.Scope, &Actor{Subject: apart(a.Name)}
	return s.made(claims, s.Life)
}
