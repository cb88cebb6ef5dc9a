// Package seal encrypts what must not be readable in the database or its backups.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Keys are the keys of SECRET_KEY_FILE. The first one seals; all of them open, so that a new
// key is put before the old one, and the old one is taken away once nothing is sealed with it.
type Keys struct {
	first string
	by    map[string]cipher.AEAD
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// Parse reads keys, one a line: an id, a colon, and 32 bytes in base64 or hex. A line without
// an id is a key whose id is the beginning of its SHA-256. No error tells any of a key.
func Parse(text string) (*Keys, error) {
	keys := &Keys{by: map[string]cipher.AEAD{}}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, encoded, named := strings.Cut(line, ":")
		if !named {
			id, encoded = "", line
		}
		raw, err := decode(encoded)
		if err != nil {
			return nil, err
		}
		if !named {
			sum := sha256.Sum256(raw)
			id = hex.EncodeToString(sum[:4])
		}
		if !keyID.MatchString(id) || keys.by[id] != nil {
			return nil, errors.New("SECRET_KEY: the id of a key is none, or is there twice")
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, err
		}
		if keys.by[id], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
		if keys.first == "" {
			keys.first = id
		}
	}
	if keys.first == "" {
		return nil, errors.New("SECRET_KEY: there is no key in it")
	}
	return keys, nil
}

func decode(encoded string) ([]byte, error) {
	if raw, err := hex.DecodeString(encoded); err == nil && len(raw) == 32 {
		return raw, nil
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(encoded); err == nil && len(raw) == 32 {
			return raw, nil
		}
	}
	return nil, errors.New("SECRET_KEY: a key is not 32 bytes in base64 or hex")
}

// Seal encrypts plain with the first key (AES-256-GCM). place says where the result is kept,
// table and row say: nothing sealed for one place can be passed off in another.
func (k *Keys) Seal(plain []byte, place string) string {
	aead := k.by[k.first]
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return k.first + ":" + base64.RawStdEncoding.EncodeToString(aead.Seal(nonce, nonce, plain, []byte(place)))
}

// Open decrypts what Seal made for that place.
func (k *Keys) Open(sealed, place string) ([]byte, error) {
	id, encoded, _ := strings.Cut(sealed, ":")
	aead := k.by[id]
	if aead == nil {
		return nil, fmt.Errorf("what is sealed needs the secret key %q, which is not there", id)
	}
	raw, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || len(raw) < aead.NonceSize() {
		return nil, errors.New("what is sealed is damaged")
	}
	plain, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], []byte(place))
	if err != nil {
		return nil, errors.New("what is sealed does not open with its key")
	}
	return plain, nil
}

// Outdated reports whether something should be sealed again with the first key.
func (k *Keys) Outdated(sealed string) bool { return !strings.HasPrefix(sealed, k.first+":") }
