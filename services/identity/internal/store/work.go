package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Work is what is done without a person asking: letters, sweeping, replay. Its pool is the work
// role's, which sees everybody.
type Work struct {
	DB  *sqlx.DB
	Log *slog.Logger
}

// Take returns up to n letters that are due, and puts each off until its next attempt: if this
// process ends while it sends one, another does it again.
func (s *Work) Take(ctx context.Context, now time.Time, n int) (letters []letter.Letter, err error) {
	err = postgres.InTx(ctx, s.DB, func(tx postgres.Tx) error {
		if err := tx.SelectContext(ctx, &letters, `
			SELECT id, kind, email, new_email, back, created_at, attempts FROM mails
			WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, now, n); err != nil {
			return fmt.Errorf("take letters: %w", err)
		}
		for i := range letters {
			l := &letters[i]
			if _, err := tx.ExecContext(ctx, `UPDATE mails SET due_at = $2, attempts = attempts + 1 WHERE id = $1`, l.ID, now.Add(l.Pause())); err != nil {
				return fmt.Errorf("put a letter off: %w", err)
			}
			l.Attempts++
		}
		return nil
	})
	return letters, err
}

// Done takes a letter out of the tray: it was sent, or there is no use in it.
func (s *Work) Done(ctx context.Context, id uuid.UUID) error {
	_, err := s.DB.ExecContext(ctx, `DELETE FROM mails WHERE id = $1`, id)
	return postgres.Fault(err)
}

// Addressee returns whose address that is, or user.ErrNotFound.
func (s *Work) Addressee(ctx context.Context, email string) (u user.User, err error) {
	var a user.Account
	err = s.DB.GetContext(ctx, &a, `
		SELECT `+accountColumns+` FROM users u LEFT JOIN accounts a ON a.user_id = u.id WHERE u.email = $1`, email)
	if errors.Is(err, sql.ErrNoRows) {
		return user.User{}, user.ErrNotFound
	}
	return a.User, postgres.Fault(err)
}

// Grant lets whoever has the token of a letter choose a new password. Doing so twice is doing
// so once.
func (s *Work) Grant(ctx context.Context, userID string, tokenHash []byte, until time.Time) error {
	return postgres.LockedTx(ctx, s.DB, lock(userID), func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO verifications (token_hash, user_id, expires_at) SELECT $1, id, $3 FROM users WHERE id = $2
			ON CONFLICT (token_hash) DO NOTHING`, tokenHash, userID, until)
		return err
	})
}

// sweepEvery is how often what has ended is deleted. Nothing counts on it: every query looks at
// the time itself.
const sweepEvery = 10 * time.Minute

// Run sweeps until ctx ends.
func (s *Work) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(sweepEvery):
		}
		if err := s.Sweep(ctx, postgres.Now()); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "not swept", "error", err)
		}
	}
}

// Sweep deletes what has ended. Each statement is a transaction of its own.
func (s *Work) Sweep(ctx context.Context, now time.Time) error {
	for _, old := range []struct {
		statement string
		before    time.Time
	}{
		{`DELETE FROM sessions WHERE expires_at < $1`, now},
		{`DELETE FROM verifications WHERE expires_at < $1`, now},
		{`DELETE FROM idempotency_keys WHERE expires_at < $1`, now},
		{`DELETE FROM api_tokens WHERE expires_at < $1`, now.Add(-30 * 24 * time.Hour)},
		{`DELETE FROM jwks WHERE expires_at < $1`, now},
		{`DELETE FROM codes WHERE expires_at < $1`, now.Add(-time.Hour)},
		{`DELETE FROM refresh_tokens WHERE expires_at < $1`, now},
		{`DELETE FROM grants g WHERE g.created_at < $1 AND NOT EXISTS (SELECT FROM refresh_tokens r WHERE r.grant_id = g.id AND NOT r.used AND r.expires_at > $1)`, now},
		{`DELETE FROM clients c WHERE c.created_at < $1 AND NOT EXISTS (SELECT FROM grants g WHERE g.client_id = c.id)`, now.Add(-24 * time.Hour)},
		{`DELETE FROM limits WHERE since < $1`, now.Add(-time.Hour)},
	} {
		if _, err := s.DB.ExecContext(ctx, old.statement, old.before); err != nil {
			return postgres.Fault(fmt.Errorf("sweep: %w", err))
		}
	}
	return nil
}

// replayed is how many people are told again in one transaction.
const replayed = 100

// Replay tells of everybody again, and returns of how many.
func (s *Work) Replay(ctx context.Context) (n int, err error) {
	after := ""
	for {
		var ids []string
		if err := s.DB.SelectContext(ctx, &ids, `SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2`, after, replayed); err != nil {
			return n, postgres.Fault(fmt.Errorf("list people: %w", err))
		}
		if len(ids) == 0 {
			return n, nil
		}
		for _, id := range ids {
			told, err := s.replay(ctx, id)
			if err != nil {
				return n, err
			}
			n += told
		}
		after = ids[len(ids)-1]
	}
}

// replay tells of one person again, behind their lock: nothing newer is told before it.
func (s *Work) replay(ctx context.Context, id string) (told int, err error) {
	err = postgres.LockedTx(ctx, s.DB, lock(id), func(tx postgres.Tx) error {
		a, err := find(ctx, tx, id)
		if errors.Is(err, user.ErrNotFound) {
			return nil // gone meanwhile
		} else if err != nil {
			return err
		}
		told = 1
		return tell(ctx, tx, id, user.Replayed(a.User))
	})
	return told, err
}
