// Package client is how this service reaches identity and mcp.
package client

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
)

// Identity exchanges the tokens that people show for ones that say that this service acts for
// them (RFC 8693).
type Identity struct {
	URL    string // of identity
	Secret string // of the client chat
	Reach  *reach.Client
	Now    func() time.Time

	mu     sync.Mutex
	known  map[[32]byte]exchanged
	flight singleflight.Group
}

// exchanged is a token, and until when it is used.
type exchanged struct {
	token string
	until time.Time
}

// Bounds of what is kept.
const (
	spare    = 30 * time.Second // of its life that is not used: a turn may take long
	maxKnown = 10_000
)

// errToken says what every service says of a bad token.
var errToken = fault.New(fault.Unauthorized, "sign in: a valid bearer token for this path is needed")

// Exchange returns a token to call mcp with. The error is fault.Unauthorized for one that is no
// longer good, fault.Unavailable while identity is away.
func (i *Identity) Exchange(ctx context.Context, token string) (string, error) {
	key := sha256.Sum256([]byte(token))
	if made, ok := i.look(key); ok {
		return made, nil
	}
	got, err, _ := i.flight.Do(string(key[:]), func() (any, error) {
		made, life, err := i.ask(context.WithoutCancel(ctx), token)
		if err == nil {
			i.keep(key, exchanged{made, i.Now().Add(life - spare)})
		}
		return made, err
	})
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

// Drop forgets what a token was exchanged for: somebody said that it is no longer good.
func (i *Identity) Drop(token string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.known, sha256.Sum256([]byte(token)))
}

func (i *Identity) look(key [32]byte) (string, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	made, ok := i.known[key]
	return made.token, ok && i.Now().Before(made.until)
}

// keep remembers a token. Where there are too many, those whose time is over are forgotten, or
// else all: they are a saving only.
func (i *Identity) keep(key [32]byte, made exchanged) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.known) >= maxKnown {
		now := i.Now()
		for other, e := range i.known {
			if now.After(e.until) {
				delete(i.known, other)
			}
		}
	}
	if i.known == nil || len(i.known) >= maxKnown {
		i.known = map[[32]byte]exchanged{}
	}
	i.known[key] = made
}

func (i *Identity) ask(ctx context.Context, token string) (made string, life time.Duration, err error) {
	form := url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {token},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, fmt.Errorf("exchange a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("chat", url.QueryEscape(i.Secret))
	res, err := i.Reach.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return "", 0, fault.Wrap(fault.Unavailable, err, "tokens cannot be exchanged now")
	}
	switch {
	case res.StatusCode == http.StatusBadRequest:
		return "", 0, errToken
	case res.StatusCode != http.StatusOK:
		return "", 0, fault.Wrap(fault.Unavailable, fmt.Errorf("identity answered %s", res.Status), "tokens cannot be exchanged now")
	}
	var answer struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" {
		return "", 0, fault.Wrap(fault.Unavailable, fmt.Errorf("identity answered no token: %v", err), "tokens cannot be exchanged now")
	}
	return answer.Token, time.Duration(answer.Seconds) * time.Second, nil
}
