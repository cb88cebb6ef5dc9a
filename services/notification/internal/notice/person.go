package notice

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Person is what is known of somebody from their events.
type Person struct {
	UserID  string
	Email   string
	Name    string
	Zone    string // IANA
	Locale  string
	Version int64 // of the last event; 0 while none was heard
	// Unsubscribe is the secret of the link in their mail.
	Unsubscribe string
}

// Location is the person's zone; UTC where that is not known.
func (p Person) Location() *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// NewSecret makes 256 bits that nobody guesses, as text for a URL.
func NewSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// HashSecret is by what a secret is found. It is long and random, so that no salt is needed.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// ErrNoSuchLink is the error of a secret that is nobody's.
var ErrNoSuchLink = fault.New(fault.NotFound, "this link is nobody's, or no more")
