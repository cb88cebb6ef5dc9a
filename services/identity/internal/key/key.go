// Package key is the signing keys of tokens: which are published, and which one signs.
package key

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// Key is an Ed25519 signing key. It is published from CreatedAt, signs from SignsFrom until
// the next one does, and stays published until ExpiresAt, when its last token has ended.
type Key struct {
	ID        string // RFC 7638 thumbprint of the public key: the kid
	Public    ed25519.PublicKey
	Private   ed25519.PrivateKey
	CreatedAt time.Time
	SignsFrom time.Time
	ExpiresAt *time.Time // nil while no newer key takes over
}

// Lead is how long a new key is published before it signs. Everybody's copy of the JWKS is
// younger than that by then: ours is reloaded every Reload, the verifiers' every few minutes.
const Lead = 10 * time.Minute

// Grace is how much longer than the longest token an old key is published: clocks differ.
const Grace = time.Hour

// New returns a new key that signs from signsFrom on.
func New(now, signsFrom time.Time) (Key, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return Key{}, err
	}
	return Key{ID: thumbprint(public), Public: public, Private: private, CreatedAt: now, SignsFrom: signsFrom}, nil
}

// thumbprint is the key's name by RFC 7638, section 3, and RFC 8037, appendix A.3.
func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Next decides what becomes of the keys when a new one is made: the first one signs at once,
// a later one after Lead. The others expire when the last token that they may yet sign has
// ended. tokenLife is the longest that a token lives.
func Next(keys []Key, now time.Time, tokenLife time.Duration) (made Key, othersExpire time.Time, err error) {
	signsFrom := now
	if len(keys) > 0 {
		signsFrom = now.Add(Lead)
	}
	made, err = New(now, signsFrom)
	return made, signsFrom.Add(tokenLife + Grace), err
}

// signing picks the key that signs now: of those whose time has come, the one whose time came
// last.
func signing(keys []Key, now time.Time) (Key, bool) {
	var best Key
	found := false
	for _, k := range keys {
		if k.published(now) && !now.Before(k.SignsFrom) && (!found || k.SignsFrom.After(best.SignsFrom)) {
			best, found = k, true
		}
	}
	return best, found
}

func (k *Key) published(now time.Time) bool { return k.ExpiresAt == nil || now.Before(*k.ExpiresAt) }

// Public is a key as the JWKS shows it (RFC 8037), with exactly the members of better-auth.
type Public struct {
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Type      string `json:"kty"`
	ID        string `json:"kid"`
}

func (k *Key) show() Public {
	return Public{Algorithm: "EdDSA", Curve: "Ed25519", X: base64.RawURLEncoding.EncodeToString(k.Public), Type: "OKP", ID: k.ID}
}
