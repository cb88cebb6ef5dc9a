// Package client is how this service reaches identity.
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

// Identity swaps API tokens for short ones (RFC 8693).
type Identity struct {
	URL    string // of identity
	Secret string // of the client web
	Reach  *reach.Client
	Now    func() time.Time

	mu     sync.Mutex
	known  map[[32]byte]swapped
	order  [][32]byte // in which known ones came, the oldest first
	flight singleflight.Group
}

// swapped is a token and until when it is given out again without asking. A revoked API
// token stops within a minute, so it is never longer.
type swapped struct {
	token string
	until time.Time
}

// Bounds of what is kept.
const (
	keepFor  = 50 * time.Second
	maxKnown = 10_000
)

// errToken says what every service says of a bad token.
var errToken = fault.New(fault.Unauthorized, "sign in: a valid bearer token for this path is needed")

// Exchange returns a token that the services take in place of an API token. The error is
// fault.Unauthorized for one that is not good, fault.Unavailable while identity is away.
func (i *Identity) Exchange(ctx context.Context, apiToken string) (string, error) {
	key := sha256.Sum256([]byte(apiToken))
	if token, ok := i.look(key); ok {
		return token, nil
	}
	got, err, _ := i.flight.Do(string(key[:]), func() (any, error) {
		if token, ok := i.look(key); ok { // another one asked between our look and this
			return token, nil
		}
		token, life, err := i.ask(context.WithoutCancel(ctx), apiToken)
		if err == nil {
			i.keep(key, swapped{token, i.Now().Add(min(keepFor, life/2))})
		}
		return token, err
	})
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

func (i *Identity) look(key [32]byte) (string, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, ok := i.known[key]
	return s.token, ok && i.Now().Before(s.until)
}

// keep remembers a token, and forgets the oldest where there are too many: their time is over
// first, too.
func (i *Identity) keep(key [32]byte, s swapped) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil {
		i.known = map[[32]byte]swapped{}
	}
	if _, again := i.known[key]; !again {
		i.order = append(i.order, key)
	}
	i.known[key] = s
	for len(i.order) > maxKnown {
		delete(i.known, i.order[0])
		i.order = i.order[1:]
	}
}

func (i *Identity) ask(ctx context.Context, apiToken string) (token string, life time.Duration, err error) {
	form := url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {apiToken},
		"subject_token_type": {"urn:tickler:api-token"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, fmt.Errorf("exchange a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("web", url.QueryEscape(i.Secret))
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
