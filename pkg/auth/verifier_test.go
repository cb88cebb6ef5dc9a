package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/tickler-app/tickler/pkg/fault"
)

// world is an issuer whose keys may be changed, and who counts how often they are asked for.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	keys    jwk.Set
	away    atomic.Bool
	fetches atomic.Int32
	url     string
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, keys: jwk.NewSet()}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		w.fetches.Add(1)
		if w.away.Load() {
			out.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		_ = json.NewEncoder(out).Encode(w.keys)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *world) verifier() *Verifier {
	return New(Settings{Issuer: "house", Audience: "house", JWKSURL: w.url}, slog.New(slog.DiscardHandler), nil, "house/mcp")
}

// publish makes a key, shows its public half, and returns the other.
func (w *world) publish(id string) jwk.Key {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.keys.AddKey(w.named(id, public)); err != nil {
		w.t.Fatal(err)
	}
	return w.named(id, private)
}

func (w *world) withdrawAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys = jwk.NewSet()
}

func (w *world) named(id string, raw any) jwk.Key {
	key, err := jwk.FromRaw(raw)
	if err == nil {
		err = errors.Join(key.Set(jwk.KeyIDKey, id), key.Set(jwk.AlgorithmKey, jwa.EdDSA))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

// sign makes a token; claims replace the usual ones, and nil leaves one out.
func (w *world) sign(key jwk.Key, claims map[string]any) string {
	token := jwt.New()
	token.Options().Enable(jwt.FlattenAudience)
	all := map[string]any{"iss": "house", "aud": "house", "sub": "ada", "name": "Ada", "time_zone": "Europe/Berlin", "sid": "s1", "exp": time.Now().Add(time.Hour)}
	for name, value := range claims {
		all[name] = value
	}
	for name, value := range all {
		if value == nil {
			continue
		}
		if err := token.Set(name, value); err != nil {
			w.t.Fatal(err)
		}
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.EdDSA, key))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(signed)
}

func TestATokenSaysWhoIsAskingWhatItReachesAndWhoActs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, v := w.publish("k1"), w.verifier()
	exp := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	raw := w.sign(key, map[string]any{"aud": "house/mcp", "scope": "tasks:read", "exp": exp, "act": map[string]any{"sub": "mcp", "act": map[string]any{"sub": "chat"}}})
	want := Principal{UserID: "ada", Name: "Ada", TimeZone: "Europe/Berlin", SessionID: "s1", Scopes: []string{"tasks:read"}, Actors: []string{"mcp", "chat"}, Expires: exp}
	for _, which := range []string{"first", "second"} {
		if got, err := v.Verify(t.Context(), raw); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the %s time: %+v, %v; want %+v", which, got, err, want)
		}
	}
	if want.May(TasksWrite) || !want.May(TasksRead) || !(Principal{}).May(TasksWrite) {
		t.Error("scopes are not what decides")
	}
}

func TestABadTokenIsRefusedEachTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, v := w.publish("k1"), w.verifier()
	good := w.sign(key, nil)
	parts := strings.Split(good, ".")
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	hmac, err := jwt.Sign(jwt.New(), jwt.WithKey(jwa.HS256, []byte("secret")))
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"none":           "",
		"not a token":    "x.y.z",
		"too long":       strings.Repeat("x", maxToken+1),
		"unsigned":       encode(`{"alg":"none","kid":"k1"}`) + "." + parts[1] + ".",
		"HS256":          string(hmac),
		"changed":        parts[0] + "." + encode(`{"iss":"house","aud":"house","sub":"bob","exp":9999999999}`) + "." + parts[2],
		"expired":        w.sign(key, map[string]any{"exp": time.Now().Add(-time.Minute)}),
		"without an end": w.sign(key, map[string]any{"exp": nil}),
		"not yet":        w.sign(key, map[string]any{"nbf": time.Now().Add(time.Minute)}),
		"another issuer": w.sign(key, map[string]any{"iss": "elsewhere"}),
		"another house":  w.sign(key, map[string]any{"aud": "elsewhere"}),
		"nobody":         w.sign(key, map[string]any{"sub": nil}),
		"a long name":    w.sign(key, map[string]any{"sub": strings.Repeat("x", 256)}),
		"actor unnamed":  w.sign(key, map[string]any{"act": map[string]any{"name": "x"}}),
		"another key":    w.sign(newWorld(t).publish("k1"), nil),
	}
	for what, raw := range bad {
		for range 2 {
			if p, err := v.Verify(t.Context(), raw); !errors.Is(err, ErrUnauthorized) {
				t.Errorf("%s: %+v, %v", what, p, err)
			}
		}
	}
	if _, err := v.Verify(t.Context(), good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestANewKeyIsFetchedAndMadeUpOnesAreNoStorm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.verifier()
	now := time.Now()
	v.now = func() time.Time { return now }
	old := w.sign(w.publish("k1"), nil)
	if _, err := v.Verify(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	stranger := newWorld(t).publish("made-up")
	for range 100 {
		if _, err := v.Verify(t.Context(), w.sign(stranger, nil)); !errors.Is(err, ErrUnauthorized) {
			t.Fatal(err)
		}
	}
	if n := w.fetches.Load(); n != 1 {
		t.Errorf("%d fetches for made-up keys", n-1)
	}
	fresh := w.sign(w.publish("k2"), nil)
	now = now.Add(v.refetch)
	if _, err := v.Verify(t.Context(), fresh); err != nil || w.fetches.Load() != 2 {
		t.Errorf("a new key: %v after %d fetches", err, w.fetches.Load())
	}
}

func TestAWithdrawnKeyEndsTokensThatWereSeenBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.verifier()
	now := time.Now()
	v.now = func() time.Time { return now }
	raw := w.sign(w.publish("k1"), nil)
	if _, err := v.Verify(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	w.withdrawAll()
	if _, err := v.Verify(t.Context(), raw); err != nil {
		t.Errorf("while the keys are fresh: %v", err)
	}
	now = now.Add(keysFreshFor)
	if _, err := v.Verify(t.Context(), raw); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("after they were fetched again: %v", err)
	}
}

func TestATokenThatWasSeenEndsAtItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.verifier()
	now := time.Now()
	v.now = func() time.Time { return now }
	raw := w.sign(w.publish("k1"), map[string]any{"exp": now.Add(time.Minute)})
	if _, err := v.Verify(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute + 2*leeway)
	if _, err := v.Verify(t.Context(), raw); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("after its end: %v", err)
	}
}

func TestWithoutKeysNothingCanBeSaidAndOldOnesServeOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, v := w.publish("k1"), w.verifier()
	now := time.Now()
	v.now = func() time.Time { return now }
	w.away.Store(true)
	if _, err := v.Verify(t.Context(), w.sign(key, nil)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("no keys yet: %v", err)
	}
	w.away.Store(false)
	now = now.Add(v.refetch)
	if _, err := v.Verify(t.Context(), w.sign(key, nil)); err != nil {
		t.Fatal(err)
	}
	w.away.Store(true)
	now = now.Add(keysFreshFor)
	if _, err := v.Verify(t.Context(), w.sign(key, nil)); err != nil {
		t.Errorf("identity is away, the keys are old: %v", err)
	}
}
