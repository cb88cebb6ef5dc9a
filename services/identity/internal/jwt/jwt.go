// Package jwt writes and reads the compact form of signed tokens (RFC 7515, section 7.1), in the
// two algorithms that identity speaks. It judges no claims. The standard library has all that it
// takes; jose and jwx read what it writes (see the tests of main).
package jwt

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Algorithms (RFC 8037 and RFC 7518).
const (
	EdDSA = "EdDSA"
	HS256 = "HS256"
)

// ErrToken is the error of a token that is not what it should be.
var ErrToken = errors.New("not a token of this signer")

// Header is the JOSE header of a token.
type Header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid,omitempty"`
	Type      string `json:"typ,omitempty"`
	// Critical names extensions that a reader must understand. We know none.
	Critical any `json:"crit,omitempty"`
}

// encoding is base64url without padding, and strict: one token has one text.
var encoding = base64.RawURLEncoding.Strict()

// SignEdDSA makes a token of claims with an Ed25519 key.
func SignEdDSA(header Header, claims any, key ed25519.PrivateKey) (string, error) {
	header.Algorithm = EdDSA
	return sign(header, claims, func(input []byte) []byte { return ed25519.Sign(key, input) })
}

// SignHS256 makes a token of claims with a secret.
func SignHS256(claims any, secret []byte) (string, error) {
	return sign(Header{Algorithm: HS256}, claims, func(input []byte) []byte { return mac(secret, input) })
}

func sign(header Header, claims any, seal func([]byte) []byte) (string, error) {
	head, err1 := json.Marshal(header)
	body, err2 := json.Marshal(claims)
	if err := errors.Join(err1, err2); err != nil {
		return "", fmt.Errorf("write token: %w", err)
	}
	input := encoding.EncodeToString(head) + "." + encoding.EncodeToString(body)
	return input + "." + encoding.EncodeToString(seal([]byte(input))), nil
}

// ReadEdDSA reads the claims of a token that keyOf knows the key of. keyOf decides by the
// header; a nil key refuses. No other algorithm is taken, whatever the header says.
func ReadEdDSA(token string, claims any, keyOf func(Header) ed25519.PublicKey) error {
	return read(token, EdDSA, claims, func(header Header, input, signature []byte) bool {
		key := keyOf(header)
		return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, input, signature)
	})
}

// ReadHS256 reads the claims of a token that was made with the secret.
func ReadHS256(token string, claims any, secret []byte) error {
	return read(token, HS256, claims, func(_ Header, input, signature []byte) bool { return hmac.Equal(signature, mac(secret, input)) })
}

func read(token, algorithm string, claims any, genuine func(h Header, input, signature []byte) bool) error {
	input, last, ok1 := cutLast(token)
	head, body, ok2 := strings.Cut(input, ".")
	if !ok1 || !ok2 || strings.Contains(body, ".") {
		return ErrToken
	}
	signature, err := encoding.DecodeString(last)
	if err != nil {
		return ErrToken
	}
	var header Header
	if err := part(head, &header); err != nil || header.Algorithm != algorithm || header.Critical != nil {
		return ErrToken
	}
	if !genuine(header, []byte(input), signature) {
		return ErrToken
	}
	return part(body, claims)
}

func part(text string, into any) error {
	raw, err := encoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, into) != nil {
		return ErrToken
	}
	return nil
}

func cutLast(token string) (before, after string, ok bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return "", "", false
	}
	return token[:i], token[i+1:], true
}

func mac(secret, input []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(input)
	return h.Sum(nil)
}
