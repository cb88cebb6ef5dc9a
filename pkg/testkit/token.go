package testkit

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

// TokenIssuer signs tokens as identity does, and shows the key to check them with. Its
// fields are the values of auth.Settings.
type TokenIssuer struct {
	Issuer   string // iss of its tokens
	Audience string // aud of its tokens
	JWKSURL  string // where its public key is

	t   testing.TB
	key jwk.Key
}

// Tokens starts an issuer of tokens for this test alone.
func Tokens(t testing.TB) *TokenIssuer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := jwk.NewSet()
	if err := set.AddKey(withID(t, public)); err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(keys) // a caller that is gone needs none
	}))
	t.Cleanup(server.Close)
	return &TokenIssuer{
		Issuer: "http://tickler.test", Audience: "http://tickler.test", JWKSURL: server.URL + "/api/auth/jwks",
		t: t, key: withID(t, private),
	}
}

// Mint returns a token for a person, good for 15 minutes, with the claims that identity
// makes. More claims replace them; one that is nil is left out.
func (i *TokenIssuer) Mint(userID string, more map[string]any) string {
	i.t.Helper()
	now := time.Now()
	claims := map[string]any{
		"iss": i.Issuer, "aud": i.Audience, "sub": userID, "id": userID, "user_id": userID, "name": userID,
		"time_zone": "UTC", "sid": "session-of-" + userID, "iat": now, "exp": now.Add(15 * time.Minute),
	}
	maps.Copy(claims, more)
	token := jwt.New()
	token.Options().Enable(jwt.FlattenAudience)
	for name, value := range claims {
		if value == nil {
			continue
		}
		if err := token.Set(name, value); err != nil {
			i.t.Fatal(err)
		}
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.EdDSA, i.key))
	if err != nil {
		i.t.Fatal(err)
	}
	return string(signed)
}

// withID is a key of the kind that our JWKS has, with its id and algorithm.
func withID(t testing.TB, raw any) jwk.Key {
	t.Helper()
	key, err := jwk.FromRaw(raw)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{jwk.KeyIDKey: "test", jwk.AlgorithmKey: jwa.EdDSA} {
		if err := key.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return key
}
