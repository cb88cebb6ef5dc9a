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

var errToken = fault.New(fault.Unauthorized, "sign in: the API token is not good, or not any more")

// Exchange returns a token that the services take in place of an API token. The error is
// fault.Unauthorized for one that is not good, fault.Unavailable while identity is away.
func (i *Identity) Exchange(ctx context.Context, apiToken string) (string, error) {
	key := sha256.Sum256([]byte(apiToken))
	if token, ok := i.look(key); ok {
		return token, nil
	}
	got, err, _ := i.flight.Do(string(key[:]), func() (any, error) {
		token, err := i.ask(context.WithoutCancel(ctx), apiToken)
		if err == nil {
			i.keep(key, token)
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

func (i *Identity) keep(key [32]byte, token string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil || len(i.known) >= maxKnown {
		i.known = map[[32]byte]swapped{} // they are soon had again
	}
	i.known[key] = swapped{token, i.Now().Add(keepFor)}
}

func (i *Identity) ask(ctx context.Context, apiToken string) (string, error) {
	form := url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {apiToken},
		"subject_token_type": {"urn:tickler:api-token"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("exchange a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("web", url.QueryEscape(i.Secret))
	res, err := i.Reach.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "tokens cannot be exchanged now")
	}
	switch {
	case res.StatusCode == http.StatusBadRequest:
		return "", errToken
	case res.StatusCode != http.StatusOK:
		return "", fault.Wrap(fault.Unavailable, fmt.Errorf("identity answered %s", res.Status), "tokens cannot be exchanged now")
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" {
		return "", fault.Wrap(fault.Unavailable, fmt.Errorf("identity answered no token: %v", err), "tokens cannot be exchanged now")
	}
	return answer.Token, nil
}
