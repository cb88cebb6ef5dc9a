package store

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/services/identity/internal/key"
)

// Keys implements key.Store. Its pool is the work role's: who answers requests has no right to
// the table.
type Keys struct {
	DB   *sqlx.DB
	Seal *seal.Keys
}

var _ key.Store = (*Keys)(nil)

type keyRow struct {
	ID        string     `db:"id"`
	Public    []byte     `db:"public_key"`
	Private   string     `db:"private_key"`
	CreatedAt time.Time  `db:"created_at"`
	SignsFrom time.Time  `db:"signs_from"`
	ExpiresAt *time.Time `db:"expires_at"`
}

// place binds a sealed key to its row.
func place(id string) string { return "jwks/" + id }

// Keys implements key.Store.
func (s *Keys) Keys(ctx context.Context, now time.Time) (keys []key.Key, err error) {
	err = postgres.InTx(ctx, s.DB, func(tx postgres.Tx) error {
		keys, err = s.published(ctx, tx, now)
		return err
	})
	return keys, err
}

func (s *Keys) published(ctx context.Context, tx postgres.Tx, now time.Time) ([]key.Key, error) {
	var rows []keyRow
	if err := tx.SelectContext(ctx, &rows, `
		SELECT id, public_key, private_key, created_at, signs_from, expires_at FROM jwks
		WHERE expires_at IS NULL OR expires_at > $1 ORDER BY created_at, signs_from, id`, now); err != nil {
		return nil, fmt.Errorf("load signing keys: %w", err)
	}
	keys := make([]key.Key, len(rows))
	for i, r := range rows {
		private, err := s.Seal.Open(r.Private, place(r.ID))
		if err != nil {
			return nil, fmt.Errorf("signing key %s: %w", r.ID, err)
		}
		if len(private) != ed25519.PrivateKeySize || len(r.Public) != ed25519.PublicKeySize {
			return nil, errors.New("a signing key has the wrong size")
		}
		keys[i] = key.Key{ID: r.ID, Public: r.Public, Private: private, CreatedAt: r.CreatedAt, SignsFrom: r.SignsFrom, ExpiresAt: r.ExpiresAt}
	}
	return keys, nil
}

// Change implements key.Store. A key that was on its way out keeps its time.
func (s *Keys) Change(ctx context.Context, now time.Time, decide func([]key.Key) (*key.Key, time.Time, error)) error {
	return postgres.LockedTx(ctx, s.DB, "identity.keys", func(tx postgres.Tx) error {
		keys, err := s.published(ctx, tx, now)
		if err != nil {
			return err
		}
		made, othersExpire, err := decide(keys)
		if err != nil || made == nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE jwks SET expires_at = $1 WHERE expires_at IS NULL`, othersExpire); err != nil {
			return fmt.Errorf("let signing keys expire: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO jwks (id, public_key, private_key, created_at, signs_from) VALUES ($1, $2, $3, $4, $5)`,
			made.ID, []byte(made.Public), s.Seal.Seal(made.Private, place(made.ID)), made.CreatedAt, made.SignsFrom); err != nil {
			return fmt.Errorf("add signing key: %w", err)
		}
		return nil
	})
}

// Reseal implements key.Store.
func (s *Keys) Reseal(ctx context.Context) (n int, err error) {
	err = postgres.LockedTx(ctx, s.DB, "identity.keys", func(tx postgres.Tx) error {
		var rows []keyRow
		if err := tx.SelectContext(ctx, &rows, `SELECT id, public_key, private_key, created_at, signs_from, expires_at FROM jwks`); err != nil {
			return fmt.Errorf("load signing keys: %w", err)
		}
		for _, r := range rows {
			if !s.Seal.Outdated(r.Private) {
				continue
			}
			private, err := s.Seal.Open(r.Private, place(r.ID))
			if err != nil {
				return fmt.Errorf("signing key %s: %w", r.ID, err)
			}
			if _, err := tx.ExecContext(ctx, `UPDATE jwks SET private_key = $2 WHERE id = $1`, r.ID, s.Seal.Seal(private, place(r.ID))); err != nil {
				return fmt.Errorf("seal signing key: %w", err)
			}
			n++
		}
		return nil
	})
	return n, err
}
