package jwt

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

type claims struct {
	Subject string `json:"sub"`
}

func TestATokenIsOfItsSignerAlone(t *testing.T) {
	t.Parallel()
	public, private, _ := ed25519.GenerateKey(nil)
	other, _, _ := ed25519.GenerateKey(nil)
	token, err := SignEdDSA(Header{KeyID: "k", Type: "at+jwt"}, claims{"ada"}, private)
	if err != nil {
		t.Fatal(err)
	}
	keyOf := func(key ed25519.PublicKey) func(Header) ed25519.PublicKey {
		return func(h Header) ed25519.PublicKey {
			if h.KeyID != "k" || h.Type != "at+jwt" {
				return nil
			}
			return key
		}
	}
	var got claims
	if err := ReadEdDSA(token, &got, keyOf(public)); err != nil || got.Subject != "ada" {
		t.Errorf("its own: %+v, %v", got, err)
	}
	parts := strings.Split(token, ".")
	head := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	hmacOfPublic, _ := SignHS256(claims{"eve"}, public) // the classic confusion: the public key as a secret
	for name, forged := range map[string]string{
		"nothing": "", "one part": "x", "two parts": parts[0] + "." + parts[1], "four parts": token + ".x",
		"no algorithm":       head(`{"alg":"none","kid":"k","typ":"at+jwt"}`) + "." + parts[1] + ".",
		"another algorithm":  hmacOfPublic,
		"an extension":       resign(private, `{"alg":"EdDSA","kid":"k","typ":"at+jwt","crit":["b64"],"b64":false}`, parts[1]),
		"another type":       resign(private, `{"alg":"EdDSA","kid":"k","typ":"JWT"}`, parts[1]),
		"unknown key":        resign(private, `{"alg":"EdDSA","kid":"../k","typ":"at+jwt"}`, parts[1]),
		"other claims":       parts[0] + "." + head(`{"sub":"eve"}`) + "." + parts[2],
		"padded":             token + "=",
		"bits at the end":    token[:len(token)-1] + string(token[len(token)-1]+1),
		"claims of a number": resign(private, `{"alg":"EdDSA","kid":"k","typ":"at+jwt"}`, head("1")),
	} {
		if err := ReadEdDSA(forged, &got, keyOf(public)); !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ReadEdDSA(token, &got, keyOf(other)); !errors.Is(err, ErrToken) {
		t.Errorf("with another key: %v", err)
	}
}

func resign(key ed25519.PrivateKey, header, body string) string {
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + body
	return input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(input)))
}

// Captured from a better-auth 1.7.25 server: the link of a verification letter.
func TestALinkOfBetterAuthIsRead(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFkYUBsb2NhbC5ob3N0IiwidXNlcklkIjoiTE5ZU1pQaVZuTThvbFcwUHdvc29UTEY2dVREVmVWZFkiLCJpYXQiOjE3OTU1MTcyMDEsImV4cCI6MTc5NTUyMDgwMX0.42EQjJzb7HEmQMtSlj2wcztRVhhoCaS8JbZxSyJhw2w"
	var got struct {
		Email, UserID string
		Iat, Exp      int64
	}
	if err := ReadHS256(token, &got, []byte("0123456789abcdef0123456789abcdef")); err != nil || got.Email != "ada@local.host" || got.Exp-got.Iat != 3600 {
		t.Errorf("read %+v, %v", got, err)
	}
	if err := ReadHS256(token, &got, []byte("another secret")); !errors.Is(err, ErrToken) {
		t.Errorf("with another secret: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	public, private, _ := ed25519.GenerateKey(nil)
	token, _ := SignEdDSA(Header{}, claims{"ada"}, private)
	f.Add(token)
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, text string) {
		var got claims
		if err := ReadEdDSA(text, &got, func(Header) ed25519.PublicKey { return public }); err == nil && text != token {
			t.Errorf("%q was taken", text)
		}
	})
}
