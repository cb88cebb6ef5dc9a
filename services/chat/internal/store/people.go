package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// Work implements conversation.People. DB connects as chat_work: events are about everybody.
type Work struct{ DB *sqlx.DB }

var _ conversation.People = (*Work)(nil)

// Know implements conversation.People. What is older than what is known changes nothing.
func (w *Work) Know(ctx context.Context, p conversation.Known) error {
	return postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO people (user_id, time_zone, locale, version) VALUES ($1, $2, $3, $4)
			ON CONFLICT (user_id) DO UPDATE SET time_zone = EXCLUDED.time_zone, locale = EXCLUDED.locale, version = EXCLUDED.version
			WHERE people.version < EXCLUDED.version AND NOT people.gone`, p.UserID, p.Zone, p.Locale, p.Version); err != nil {
			return fmt.Errorf("keep person: %w", err)
		}
		return nil
	})
}

// Forget implements conversation.People. It remembers only that they are gone, so that a token
// that comes late brings nothing back; that stands first, so that no turn begins meanwhile.
func (w *Work) Forget(ctx context.Context, userID string) error {
	return postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		for _, statement := range []string{
			`INSERT INTO people (user_id, gone) VALUES ($1, true) ON CONFLICT (user_id) DO UPDATE SET gone = true, time_zone = '', locale = ''`,
			`DELETE FROM conversations WHERE user_id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, statement, userID); err != nil {
				return fmt.Errorf("forget person: %w", err)
			}
		}
		return nil
	})
}

// keyTime is how long an Idempotency-Key is good (wire-api.md §4).
const keyTime = 24 * time.Hour

// Tidy forgets keys that are past their time. It may run anywhere, and twice.
func (w *Work) Tidy(ctx context.Context, now time.Time) error {
	return postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE messages SET once = NULL, print = NULL WHERE id IN (
				SELECT id FROM messages WHERE once IS NOT NULL AND created_at < $1 LIMIT 1000)`, now.Add(-keyTime))
		return err
	})
}

// Upkeep tidies now and then.
type Upkeep struct {
	*Work
	Log   *slog.Logger
	Every time.Duration
}

// Run tidies until ctx ends. What fails is tried again the next time.
func (u *Upkeep) Run(ctx context.Context) error {
	ticker := time.NewTicker(u.Every)
	defer ticker.Stop()
	for {
		if err := u.Tidy(ctx, time.Now()); err != nil && ctx.Err() == nil {
			u.Log.WarnContext(ctx, "upkeep", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
