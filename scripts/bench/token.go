package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
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
const checks = 5000

// token measures what every request pays for its token: one that is new, with the keys at
// hand; one that was seen before; and one of a key that is not known yet, beside the bare
// signature check.
func token(ctx context.Context, _ *bench) ([]Row, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	minted, keys, err := mint(public, private, checks)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(keys) }))
	defer server.Close()
	settings := auth.Settings{Issuer: "bench", Audience: "bench", JWKSURL: server.URL}
	var unknown, known, again, bare times
	for range 50 { // a new verifier knows no key
		v := auth.New(settings, slog.New(slog.DiscardHandler), nil)
		began := time.Now()
		if _, err := v.Verify(ctx, minted[0]); err != nil {
			return nil, err
		}
		unknown.add(time.Since(began))
	}
	v := auth.New(settings, slog.New(slog.DiscardHandler), nil)
	for _, to := range []*times{&known, &again} {
		for _, one := range minted {
			began := time.Now()
			if _, err := v.Verify(ctx, one); err != nil {
				return nil, err
			}
			to.add(time.Since(began))
		}
	}
	message := []byte(minted[0])
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
		{"token check, seen before", "p99 ≤ 1 ms", again.String(), "", ""},
		{"token check, unknown kid", "p99 ≤ 100 ms", unknown.String(), "", ""},
	}, nil
}

// mint makes tokens, no two alike, and the keys to check them with.
func mint(public ed25519.PublicKey, private ed25519.PrivateKey, n int) (tokens []string, keys []byte, err error) {
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
		return nil, nil, err
	}
	set := jwk.NewSet()
	if err := set.AddKey(open); err != nil {
		return nil, nil, err
	}
	if keys, err = json.Marshal(set); err != nil {
		return nil, nil, err
	}
	for i := range n {
		claims, err := jwt.NewBuilder().Issuer("bench").Audience([]string{"bench"}).Subject(fmt.Sprintf("person-%d", i)).Expiration(time.Now().Add(time.Hour)).Build()
		if err != nil {
			return nil, nil, err
		}
		signed, err := jwt.Sign(claims, jwt.WithKey(jwa.EdDSA, secret))
		if err != nil {
			return nil, nil, err
		}
		tokens = append(tokens, string(signed))
	}
	return tokens, keys, nil
}
