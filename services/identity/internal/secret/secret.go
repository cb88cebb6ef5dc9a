// Package secret makes what only its holder may know, and what may be kept of it.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
)

// alphabet of better-auth's ids and tokens.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// Text returns n random characters of [A-Za-z0-9], each with 5.95 bits: 32 of them are an id
// or a session token of better-auth, 24 a token for resetting a password.
func Text(n int) string {
	text := make([]byte, 0, n)
	var random [64]byte
	for len(text) < n {
		_, _ = rand.Read(random[:]) // never fails
		text = appendUnbiased(text, random[:], n)
	}
	return string(text)
}

// From returns n characters of [A-Za-z0-9] that follow from seed, which must be secret and at
// least 4·n bytes long: whoever has the seed makes the same text again.
func From(seed []byte, n int) string {
	return string(appendUnbiased(make([]byte, 0, n), seed, n))
}

// appendUnbiased turns bytes into characters until there are n. It leaves out the bytes that
// would make the first characters of the alphabet more frequent than the others.
func appendUnbiased(text, random []byte, n int) []byte {
	const whole = 256 - 256%len(alphabet)
	for _, b := range random {
		if len(text) == n {
			break
		}
		if int(b) < whole {
			text = append(text, alphabet[int(b)%len(alphabet)])
		}
	}
	return text
}

// Hash is what the database keeps instead of a token. Tokens are random and long, so one round
// of SHA-256 is enough: nobody can try them all.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
