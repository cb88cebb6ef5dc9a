package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"golang.org/x/sync/singleflight"
)

// Settings say whose tokens count.
type Settings struct {
	Issuer   string `env:"AUTH_ISSUER" about:"who must have issued a token, e.g. https://todo.example"`
	Audience string `env:"AUTH_AUDIENCE" about:"whom a token must be for; by default the house gives PUBLIC_URL"`
	JWKSURL  string `env:"AUTH_JWKS_URL" form:"url" about:"where the public keys are, e.g. http://identity:8007/api/auth/jwks"`
}

// ErrUnauthorized is the one answer to no token, a bad one, and another person's path.
var ErrUnauthorized = fault.New(fault.Unauthorized, "sign in: a valid bearer token for this path is needed")

// Verifier checks tokens against keys that it keeps. Unknown key ids make it ask again, but
// not more often than every refetch: made-up ids must not become load for identity.
type Verifier struct {
	settings  Settings
	audiences []string
	client    *reach.Client
	log       *slog.Logger
	refetch   time.Duration
	now       func() time.Time

	keys    atomic.Pointer[jwk.Set]
	seen    cache[sight]
	flight  singleflight.Group
	mu      sync.Mutex
	fetched time.Time // the last attempt
}

// A sight is whom a verified token speaks for: a page sends the same one for 15 minutes, and a
// signature costs more than the rest of a request's way to the database. It counts only for
// the very keys that checked it, so keys that are withdrawn take effect when they are fetched
// again, as for a token that is new.
type sight struct {
	keys      *jwk.Set
	principal Principal
}

// Cache times of the keys.
const (
	keysFreshFor = 10 * time.Minute
	keysRefetch  = 2 * time.Second
	leeway       = 5 * time.Second // between two machines' clocks
	maxToken     = 8 << 10
	remembered   = 8192 // tokens, twice, at about 400 bytes
)

// New returns a verifier of tokens for settings.Audience, and for more audiences if given.
// It fetches no keys until it needs them.
func New(settings Settings, log *slog.Logger, metrics prometheus.Registerer, more ...string) *Verifier {
	return &Verifier{
		settings: settings, audiences: append([]string{settings.Audience}, more...), log: log,
		client:  reach.New(reach.Config{Target: "jwks", Timeout: 2 * time.Second, Retries: 2, Metrics: metrics}),
		refetch: keysRefetch, now: time.Now, seen: cache[sight]{capacity: remembered},
	}
}

// Verify checks a token's signature, algorithm, issuer, audience and times. The error is
// ErrUnauthorized, or fault.Unavailable if no keys can be had.
func (v *Verifier) Verify(ctx context.Context, raw string) (Principal, error) {
	if raw == "" || len(raw) > maxToken {
		return Principal{}, ErrUnauthorized
	}
	if keys := v.keys.Load(); keys != nil && v.age() < keysFreshFor {
		if s, ok := v.seen.find(raw); ok && s.keys == keys && v.now().Before(s.principal.Expires.Add(leeway)) {
			return s.principal, nil
		}
	}
	keys, err := v.keysFor(ctx, raw)
	if err != nil {
		return Principal{}, err
	}
	p, err := v.check(raw, *keys)
	if err == nil {
		v.seen.add(raw, sight{keys: keys, principal: p})
	}
	return p, err
}

func (v *Verifier) check(raw string, keys jwk.Set) (Principal, error) {
	token, err := jwt.Parse([]byte(raw),
		jwt.WithKeySet(keys, jws.WithRequireKid(true)),
		jwt.WithIssuer(v.settings.Issuer), jwt.WithAcceptableSkew(leeway), jwt.WithClock(jwt.ClockFunc(v.now)),
		jwt.WithRequiredClaim("exp"), jwt.WithRequiredClaim("sub"),
	)
	if err != nil || !slices.ContainsFunc(token.Audience(), func(aud string) bool { return slices.Contains(v.audiences, aud) }) {
		return Principal{}, ErrUnauthorized
	}
	return principal(token)
}

func principal(token jwt.Token) (Principal, error) {
	p := Principal{UserID: token.Subject(), Expires: token.Expiration()}
	p.Name, p.Email = text(token, "name"), text(token, "email")
	p.TimeZone, p.SessionID = text(token, "time_zone"), text(token, "sid")
	if scope, ok := token.Get("scope"); ok {
		p.Scopes = strings.Fields(fmt.Sprint(scope)) // empty, not nil: it reaches nothing
		if p.Scopes == nil {
			p.Scopes = []string{}
		}
	}
	if act, ok := token.Get("act"); ok {
		if p.Actors = actors(act); p.Actors == nil {
			return Principal{}, ErrUnauthorized
		}
	}
	if p.UserID == "" || len(p.UserID) > 255 {
		return Principal{}, ErrUnauthorized
	}
	return p, nil
}

// maxActors bounds how long a chain of clients may be.
const maxActors = 4

// actors reads an act claim, in which each client names the one that it acts for (RFC 8693,
// section 4.1). It returns nil for one that cannot be read: who acts must be known.
func actors(act any) (chain []string) {
	for act != nil {
		claims, _ := act.(map[string]any)
		name, _ := claims["sub"].(string)
		if chain = append(chain, name); name == "" || len(chain) > maxActors {
			return nil
		}
		act = claims["act"]
	}
	return chain
}

func text(token jwt.Token, name string) string {
	value, _ := token.Get(name)
	s, _ := value.(string)
	return s
}

// keysFor returns keys among which the token's is, if it can be had.
func (v *Verifier) keysFor(ctx context.Context, raw string) (*jwk.Set, error) {
	message, err := jws.ParseString(raw)
	if err != nil || len(message.Signatures()) != 1 {
		return nil, ErrUnauthorized
	}
	header := message.Signatures()[0].ProtectedHeaders()
	if header.Algorithm() != jwa.EdDSA || header.KeyID() == "" {
		return nil, ErrUnauthorized
	}
	cached := v.keys.Load()
	if cached != nil {
		_, known := (*cached).LookupKeyID(header.KeyID())
		if known && v.age() < keysFreshFor {
			return cached, nil
		}
		if !v.mayFetch() {
			return cached, nil
		}
	}
	fetched, err, _ := v.flight.Do("", func() (any, error) { return v.fetch(context.WithoutCancel(ctx)) })
	if err != nil && cached != nil {
		v.log.WarnContext(ctx, "keys not fetched, the old ones serve on", "error", err)
		return cached, nil
	} else if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "tokens cannot be checked: the keys are not to be had")
	}
	return fetched.(*jwk.Set), nil
}

func (v *Verifier) age() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now().Sub(v.fetched)
}

// mayFetch reports whether it is time to ask again.
func (v *Verifier) mayFetch() bool { return v.age() >= v.refetch }

// fetch asks for the keys and keeps those that can check an EdDSA signature.
func (v *Verifier) fetch(ctx context.Context) (*jwk.Set, error) {
	v.mu.Lock()
	v.fetched = v.now()
	v.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.settings.JWKSURL, nil)
	if err != nil {
		return nil, err
	}
	res, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil || res.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s: %s", v.settings.JWKSURL, res.Status), err)
	}
	all, err := jwk.Parse(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.settings.JWKSURL, err)
	}
	keys := jwk.NewSet()
	for i := range all.Len() {
		key, _ := all.Key(i)
		if key.KeyType() == jwa.OKP && (key.Algorithm() == jwa.EdDSA || key.Algorithm().String() == "") {
			if err := errors.Join(key.Set(jwk.AlgorithmKey, jwa.EdDSA), keys.AddKey(key)); err != nil {
				return nil, err
			}
		}
	}
	v.keys.Store(&keys)
	return &keys, nil
}
