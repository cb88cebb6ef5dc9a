package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
)

// The types of what is shown in exchange.
const (
	AccessToken = "urn:ietf:params:oauth:token-type:access_token" // RFC 8693, section 3
	APIToken    = "urn:tickler:api-token"
)

// Exchanger swaps what a caller showed for a token to call other services with (RFC 8693), so
// that neither is passed on in the other's place. It gives a token out again until its time
// comes near. Set its fields before use; its methods may be called side by side.
type Exchanger struct {
	URL        string        // of the token endpoint
	ID, Secret string        // of this client, shown as HTTP Basic (RFC 6749, section 2.3.1)
	Type       string        // of what is shown
	Audience   string        // whom the token is to be for; "" is the server's default
	KeepFor    time.Duration // a token at most, whatever its life
	Spare      time.Duration // of a token's life that is not used, since a call with it takes time, too
	Reach      *reach.Client
	Now        func() time.Time

	known  cache[exchanged]
	flight singleflight.Group
}

// exchanged is a token and until when it is given out again without asking.
type exchanged struct {
	token string
	until time.Time
}

// Exchange returns a token in place of the one shown, with this scope, or what the server
// gives where that is empty. The error is ErrUnauthorized if what was shown is not good, or
// what it stands for has ended; fault.Unavailable while the server is away.
func (e *Exchanger) Exchange(ctx context.Context, shown, scope string) (string, error) {
	if token, ok := e.look(shown); ok {
		return token, nil
	}
	got, err, _ := e.flight.Do(shown, func() (any, error) {
		if token, ok := e.look(shown); ok { // another one asked between our look and this
			return token, nil
		}
		token, life, err := e.ask(context.WithoutCancel(ctx), shown, scope)
		if err == nil {
			e.known.add(shown, exchanged{token, e.Now().Add(min(e.KeepFor, life-e.Spare))})
		}
		return token, err
	})
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

// Forget drops what was got for a token: somebody said that it is no longer good.
func (e *Exchanger) Forget(shown string) { e.known.forget(shown) }

func (e *Exchanger) look(shown string) (string, bool) {
	found, ok := e.known.find(shown)
	return found.token, ok && e.Now().Before(found.until)
}

func (e *Exchanger) ask(ctx context.Context, shown, scope string) (token string, life time.Duration, err error) {
	form := url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {shown},
		"subject_token_type": {e.Type},
	}
	for name, value := range map[string]string{"audience": e.Audience, "scope": scope} {
		if value != "" {
			form.Set(name, value)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, fmt.Errorf("exchange a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(e.ID), url.QueryEscape(e.Secret))
	req.Header.Set("Idempotency-Key", "exchange") // it changes nothing, so it may be tried again
	res, err := e.Reach.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	away := func(err error) (string, time.Duration, error) {
		return "", 0, fault.Wrap(fault.Unavailable, err, "tokens cannot be exchanged now")
	}
	var answer struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	switch {
	case err != nil:
		return away(err)
	case res.StatusCode == http.StatusBadRequest:
		return "", 0, ErrUnauthorized
	case res.StatusCode != http.StatusOK:
		return away(fmt.Errorf("the server answered %s", res.Status))
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" {
		return away(fmt.Errorf("the server answered no token: %v", err))
	}
	return answer.Token, time.Duration(answer.Seconds) * time.Second, nil
}
