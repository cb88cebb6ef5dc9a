package key

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/jwt"
)

// Reload is how often the ring looks for keys that another process made.
const Reload = 30 * time.Second

// TokenType is the header typ of our tokens (RFC 9068).
const TokenType = "at+jwt"

var (
	errNoKey = fault.New(fault.Unavailable, "there is no signing key yet")

	// ErrToken is the error of a token that is not ours.
	ErrToken = fault.New(fault.Unauthorized, "no valid token")
)

// Store keeps the keys, the private parts sealed.
type Store interface {
	// Keys returns the keys that are published at now, oldest first.
	Keys(ctx context.Context, now time.Time) ([]Key, error)
	// Change gives decide the published keys, keeps the one that it makes, and lets the others
	// expire. One process at a time changes keys. A nil key changes nothing.
	Change(ctx context.Context, now time.Time, decide func([]Key) (made *Key, othersExpire time.Time, err error)) error
	// Reseal seals again whatever is sealed with an old secret key, and returns how many.
	Reseal(ctx context.Context) (int, error)
}

// Ring holds the keys in memory and signs with them.
type Ring struct {
	Store  Store
	Now    func() time.Time
	Life   time.Duration // of the longest token
	MaxAge time.Duration // of a key before the ring makes a new one by itself; 0: never
	Failed func(error)   // is told when a reload fails; the keys that are there go on

	keys atomic.Pointer[[]Key]
}

// Run loads the keys, makes the first one where there is none, and keeps up with changes.
func (r *Ring) Run(ctx context.Context) error {
	pause := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = Reload
		if err := r.Load(ctx); err != nil && ctx.Err() == nil {
			r.Failed(err)
			pause = time.Second
		}
	}
}

// Load reads the keys, after making one if there is none or the newest is too old.
func (r *Ring) Load(ctx context.Context) error {
	keys, err := r.Store.Keys(ctx, r.Now())
	if err != nil {
		return fmt.Errorf("load signing keys: %w", err)
	}
	if r.due(keys) {
		if err := r.rotate(ctx, r.due); err != nil {
			return err
		}
		if keys, err = r.Store.Keys(ctx, r.Now()); err != nil {
			return fmt.Errorf("load signing keys: %w", err)
		}
	}
	r.keys.Store(&keys)
	return nil
}

// due reports whether a key has to be made without being asked for.
func (r *Ring) due(keys []Key) bool {
	return len(keys) == 0 || r.MaxAge > 0 && r.Now().Sub(keys[len(keys)-1].CreatedAt) > r.MaxAge
}

// Rotate makes a new key, which signs after Lead, and seals all keys with the first secret key.
func (r *Ring) Rotate(ctx context.Context) (resealed int, err error) {
	if err := r.rotate(ctx, func([]Key) bool { return true }); err != nil {
		return 0, err
	}
	return r.Store.Reseal(ctx)
}

// rotate asks due again with the store's lock held: another process may have been faster.
func (r *Ring) rotate(ctx context.Context, due func([]Key) bool) error {
	now := r.Now()
	err := r.Store.Change(ctx, now, func(keys []Key) (*Key, time.Time, error) {
		if !due(keys) {
			return nil, time.Time{}, nil
		}
		made, expire, err := Next(keys, now, r.Life)
		return &made, expire, err
	})
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	return nil
}

func (r *Ring) all() []Key {
	if keys := r.keys.Load(); keys != nil {
		return *keys
	}
	return nil
}

// Ready fails while there is no key to sign with.
func (r *Ring) Ready(context.Context) error {
	if _, ok := signing(r.all(), r.Now()); !ok {
		return errNoKey
	}
	return nil
}

// JWKS are the published keys, newest last.
func (r *Ring) JWKS() ([]Public, error) {
	now := r.Now()
	shown := []Public{}
	for _, k := range r.all() {
		if k.published(now) {
			shown = append(shown, k.show())
		}
	}
	if len(shown) == 0 {
		return nil, errNoKey
	}
	return shown, nil
}

// Age is how long ago the key that signs was made.
func (r *Ring) Age() time.Duration {
	k, ok := signing(r.all(), r.Now())
	if !ok {
		return 0
	}
	return r.Now().Sub(k.CreatedAt)
}

// Sign makes a token of claims, which are marshalled as they are.
func (r *Ring) Sign(claims any) (string, error) {
	k, ok := signing(r.all(), r.Now())
	if !ok {
		return "", errNoKey
	}
	return jwt.SignEdDSA(jwt.Header{KeyID: k.ID, Type: TokenType}, claims, k.Private)
}

// Verify checks that one of the published keys signed the token, and reads its claims. It does
// not judge them. Only EdDSA and our own type are taken, whatever else the header says.
func (r *Ring) Verify(token string, claims any) error {
	now := r.Now()
	if err := jwt.ReadEdDSA(token, claims, func(header jwt.Header) ed25519.PublicKey {
		for _, k := range r.all() {
			if k.ID == header.KeyID && header.Type == TokenType && k.published(now) {
				return k.Public
			}
		}
		return nil
	}); err != nil {
		return ErrToken
	}
	return nil
}
