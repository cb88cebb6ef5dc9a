package task

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Calendars are the feeds that people subscribe to with a secret address.
type Calendars struct {
	Store CalendarStore
	Now   func() time.Time
}

// CalendarStore keeps whose a feed's secret is, by the secret's hash alone.
type CalendarStore interface {
	// Publish puts a secret in the place of the person's last one, and returns sealed in its
	// result, or under a Once that was used before what was returned then.
	Publish(ctx context.Context, author Author, once Once, hash [32]byte, sealed []byte) (Result, error)

	// Revoke forgets the person's secret, if there is one.
	Revoke(ctx context.Context, author Author) error

	// Owner returns whose secret has a hash, and the number of that person's last change. It
	// returns ErrNoCalendar if nobody's has.
	Owner(ctx context.Context, hash [32]byte) (Author, int64, error)

	// Know returns the author with the zone that the person is known to be in.
	Know(ctx context.Context, author Author) (Author, error)
}

// ErrNoCalendar is of an address that is nobody's, or nobody's any more.
var ErrNoCalendar = fault.New(fault.NotFound, "no such calendar")

// secretSize is that of a secret, in bytes.
const secretSize = 32

// Publish makes a feed's secret, which replaces the one before. It is nowhere kept as it is; the
// same answer for the same key is kept sealed under that key, of which the database has the hash.
func (c *Calendars) Publish(ctx context.Context, author Author, once Once) (secret string, replayed bool, err error) {
	fresh := make([]byte, secretSize)
	if _, err := rand.Read(fresh); err != nil {
		return "", false, fmt.Errorf("make a secret: %w", err)
	}
	var box cipher.AEAD
	var sealed []byte
	if once.Key != "" {
		if box, err = boxOf(author.UserID, once.Key); err != nil {
			return "", false, err
		}
		nonce := make([]byte, box.NonceSize()) // of a key that seals one thing in its life, or again the next day
		if _, err := rand.Read(nonce); err != nil {
			return "", false, fmt.Errorf("make a secret: %w", err)
		}
		sealed = box.Seal(nonce, nonce, fresh, nil)
		sum := sha256.Sum256([]byte(once.Key))
		once.Key = "calendar:" + hex.EncodeToString(sum[:])
	}
	result, err := c.Store.Publish(ctx, author, once, sha256.Sum256(fresh), sealed)
	if err != nil {
		return "", false, err
	}
	if result.Replayed {
		n := box.NonceSize()
		if fresh, err = box.Open(nil, result.Sealed[:n], result.Sealed[n:], nil); err != nil {
			return "", false, fmt.Errorf("open the kept answer: %w", err)
		}
	}
	return base64.RawURLEncoding.EncodeToString(fresh), result.Replayed, nil
}

func boxOf(userID, key string) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, []byte(key), []byte(userID), "tickler calendar", secretSize)
	if err != nil {
		return nil, fmt.Errorf("seal the answer: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("seal the answer: %w", err)
	}
	return cipher.NewGCM(block)
}

// Revoke ends the person's feed.
func (c *Calendars) Revoke(ctx context.Context, author Author) error {
	return c.Store.Revoke(ctx, author)
}

// Subscription is whom a secret's feed is of, and which state of it.
type Subscription struct {
	Author Author
	State  string // another after each change, in another zone, and in another year
	Now    time.Time
}

// Find returns the feed of a secret.
func (c *Calendars) Find(ctx context.Context, secret string) (Subscription, error) {
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil || len(raw) != secretSize {
		return Subscription{}, ErrNoCalendar
	}
	author, seq, err := c.Store.Owner(ctx, sha256.Sum256(raw))
	if err != nil {
		return Subscription{}, err
	}
	s := Subscription{Author: author, Now: c.Now()}
	s.State = fmt.Sprintf("%d-%d", seq, s.Now.Year()) // zones are written from the year on
	return s, nil
}
