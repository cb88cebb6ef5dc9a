// Package password is what may be a password, and how one is kept.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"
)

// Parameters of new hashes: ASVS 5.0, appendix C. A hash takes some 46 MiB and 40 ms.
const (
	memory  = 46 * 1024 // KiB
	passes  = 1
	threads = 1
	saltLen = 16
	keyLen  = 32
)

// Parameters of better-auth's scrypt.
const (
	scryptN, scryptR, scryptP = 16384, 16, 1
	scryptLen                 = 64
)

var errForm = errors.New("a stored password hash has an unknown form")

// hash makes a PHC string of argon2id with a new salt.
func hash(password string) string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails
	return phc(salt, argon2.IDKey(normal(password), salt, passes, memory, threads, keyLen))
}

func phc(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// verify compares a password with a stored hash: argon2id as a PHC string, whatever its
// parameters, or better-auth's scrypt.
func verify(stored, password string) (bool, error) {
	if strings.HasPrefix(stored, "$argon2id$") {
		return verifyArgon2(stored, password)
	}
	return verifyScrypt(stored, password)
}

func verifyArgon2(stored, password string) (bool, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return false, errForm
	}
	var m, t uint32
	var p uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil {
		return false, errForm
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if errors.Join(err1, err2) != nil || len(key) == 0 || t == 0 || p == 0 {
		return false, errForm
	}
	got := argon2.IDKey(normal(password), salt, t, m, p, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

// verifyScrypt checks a hash of better-auth: hex salt, a colon, hex key. The salt that goes
// into scrypt is the hex text itself, not the bytes that it stands for.
func verifyScrypt(stored, password string) (bool, error) {
	salt, keyText, ok := strings.Cut(stored, ":")
	key, err := hex.DecodeString(keyText)
	if !ok || err != nil || len(key) != scryptLen {
		return false, errForm
	}
	got, err := scrypt.Key(normal(password), []byte(salt), scryptN, scryptR, scryptP, scryptLen)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

// Outdated reports whether a stored hash should be replaced when the password is next known.
func Outdated(stored string) bool {
	return !strings.HasPrefix(stored, fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memory, passes, threads))
}

// normal is the form of a password that is hashed: NFKC, as better-auth, so that the same keys
// on another keyboard make the same password.
func normal(password string) []byte { return norm.NFKC.Bytes([]byte(password)) }
