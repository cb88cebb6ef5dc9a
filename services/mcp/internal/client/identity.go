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

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
)

// Identity exchanges what a caller shows for a token that says that we act for the person
// (RFC 8693). Neither is passed on in the other's place.
type Identity struct {
	URL      string // of identity
	Audience string // of the services that are called with it
	Secret   string // of the client mcp
	Reach    *reach.Client
	Now      func() time.Time

	mu     sync.Mutex
	known  map[[sha256.Size]byte]exchanged
	order  [][sha256.Size]byte // in which known ones came, the oldest first
	flight singleflight.Group
}

// exchanged is a token and until when it is given out again without asking.
type exchanged struct {
	token string
	until time.Time
}

// Bounds of what is kept. A token is not given out in its last seconds, since the call that
// is made with it takes time, too.
const (
	maxKnown   = 10_000
	lastMoment = 10 * time.Second
)

// scopes are all that a tool may need; a caller whose token names none gets no more than these.
const scopes = auth.TasksRead + " " + auth.TasksWrite + " " + auth.AuditRead

// Exchange returns a token for the services in place of the caller's, which was checked
// before. The error is fault.Unauthorized if what it stands for has ended, fault.Unavailable
// while identity is away.
func (i *Identity) Exchange(ctx context.Context, shown string, who auth.Principal) (string, error) {
	key := sha256.Sum256([]byte(shown))
	if token, ok := i.look(key); ok {
		return token, nil
	}
	got, err, _ := i.flight.Do(string(key[:]), func() (any, error) {
		token, life, err := i.ask(context.WithoutCancel(ctx), shown, who)
		if err == nil {
			i.keep(key, exchanged{token, i.Now().Add(life - lastMoment)})
		}
		return token, err
	})
	if err != nil {
		return "", err
	}
	return got.(string), nil
}

func (i *Identity) look(key [sha256.Size]byte) (string, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	e, ok := i.known[key]
	return e.token, ok && i.Now().Before(e.until)
}

// keep remembers a token, and forgets the oldest where there are too many: their time is over
// first, too.
func (i *Identity) keep(key [sha256.Size]byte, e exchanged) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil {
		i.known = map[[sha256.Size]byte]exchanged{}
	}
	if _, again := i.known[key]; !again {
		i.order = append(i.order, key)
	}
	i.known[key] = e
	for len(i.order) > maxKnown {
		delete(i.known, i.order[0])
		i.order = i.order[1:]
	}
}

func (i *Identity) ask(ctx context.Context, shown string, who auth.Principal) (token string, life time.Duration, err error) {
	form := url.Values{
		"grant_type":         {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token":      {shown},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
		"audience":           {i.Audience},
	}
	if who.Scopes == nil {
		form.Set("scope", scopes)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, fmt.Errorf("exchange a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("mcp", url.QueryEscape(i.Secret))
	req.Header.Set("Idempotency-Key", "exchange") // it changes nothing, so it may be tried again
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
		return "", 0, auth.ErrUnauthorized
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
