package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/tickler-app/tickler/pkg/auth"
)

// checks is how many tokens are looked at.
const checks = 20_000

// token measures what every request pays for its token: with the keys at hand, and for a
// key that is not known yet, beside the bare signature check.
func token(ctx context.Context, _ *bench) ([]Row, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	minted, keys, err := mint(public, private)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(keys) }))
	defer server.Close()
	settings := auth.Settings{Issuer: "bench", Audience: "bench", JWKSURL: server.URL}
	var unknown, known, bare times
	for range 50 { // a new verifier knows no key
		v := auth.New(settings, slog.New(slog.DiscardHandler), nil)
		began := time.Now()
		if _, err := v.Verify(ctx, minted); err != nil {
			return nil, err
		}
		unknown.add(time.Since(began))
	}
	v := auth.New(settings, slog.New(slog.DiscardHandler), nil)
	for range checks {
		began := time.Now()
		if _, err := v.Verify(ctx, minted); err != nil {
			return nil, err
		}
		known.add(time.Since(began))
	}
	message := []byte(minted)
	signature := ed25519.Sign(private, message)
	for range checks {
		began := time.Now()
		if !ed25519.Verify(public, message, signature) {
			return nil, errors.New("a signature does not hold")
		}
		bare.add(time.Since(began))
	}
	return []Row{
		{"token check, keys cached", "p99 ≤ 1 ms", known.String(), "the signature alone: p99 " + milli(bare.at(99)), ""},
		{"token check, unknown kid", "p99 ≤ 100 ms", unknown.String(), "", ""},
	}, nil
}

// mint makes a token and the keys to check it with.
func mint(public ed25519.PublicKey, private ed25519.PrivateKey) (token string, keys []byte, err error) {
	named := func(raw any) (jwk.Key, error) {
		key, err := jwk.FromRaw(raw)
		if err != nil {
			return nil, err
		}
		return key, errors.Join(key.Set(jwk.KeyIDKey, "bench"), key.Set(jwk.AlgorithmKey, jwa.EdDSA))
	}
	open, err1 := named(public)
	secret, err2 := named(private)
	if err := errors.Join(err1, err2); err != nil {
		return "", nil, err
	}
	set := jwk.NewSet()
	if err := set.AddKey(open); err != nil {
		return "", nil, err
	}
	if keys, err = json.Marshal(set); err != nil {
		return "", nil, err
	}
	claims, err := jwt.NewBuilder().Issuer("bench").Audience([]string{"bench"}).Subject("ada").Expiration(time.Now().Add(time.Hour)).Build()
	if err != nil {
		return "", nil, err
	}
	signed, err := jwt.Sign(claims, jwt.WithKey(jwa.EdDSA, secret))
	return string(signed), keys, err
}
