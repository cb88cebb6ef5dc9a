package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// Purge removes what has served its time. DB connects as notification_work. Two replicas that
// purge at the same time do no harm.
type Purge struct {
	DB    *sqlx.DB
	Log   *slog.Logger
	Every time.Duration
}

const (
	// purgeBatch bounds the rows of one transaction.
	purgeBatch = 1000
	// inboxDays is longer than any topic that the inbox hears keeps its records, and so is as
	// long as a task that is closed must be known to be.
	inboxDays = 45
	// deliveryDays is how long a delivery that ended may be looked at and replayed.
	deliveryDays = 30
)

// Run purges now and then until ctx ends. What fails is tried again the next time.
func (p *Purge) Run(ctx context.Context) error {
	for {
		if err := p.Once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			p.Log.WarnContext(ctx, "purge", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(p.Every):
		}
	}
}

// Once removes all that has served its time at now.
func (p *Purge) Once(ctx context.Context, now time.Time) error {
	for _, step := range []struct {
		statement string
		days      int
	}{
		{`DELETE FROM inbox WHERE key IN (SELECT key FROM inbox WHERE at < $1 ORDER BY at LIMIT $2)`, inboxDays},
		{`DELETE FROM tasks WHERE (user_id, id) IN (SELECT user_id, id FROM tasks WHERE closed_at < $1 ORDER BY closed_at LIMIT $2)`, inboxDays},
		// Keep takes no lock, and so may have come just after Forget.
		{`DELETE FROM tasks WHERE (user_id, id) IN
			(SELECT t.user_id, t.id FROM people p JOIN tasks t USING (user_id) WHERE p.gone AND $1::timestamptz IS NOT NULL LIMIT $2)`, 0},
		{`DELETE FROM answers WHERE (user_id, key) IN (SELECT user_id, key FROM answers WHERE until < $1 ORDER BY until LIMIT $2)`, 0},
		{`DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE settled_at < $1 ORDER BY settled_at LIMIT $2)`, deliveryDays},
	} {
		for n := int64(purgeBatch); n == purgeBatch; {
			if err := postgres.InTx(ctx, p.DB, func(tx postgres.Tx) error {
				result, err := tx.ExecContext(ctx, step.statement, now.AddDate(0, 0, -step.days), purgeBatch)
				if err != nil {
					return err
				}
				n, err = result.RowsAffected()
				return err
			}); err != nil {
				return fmt.Errorf("purge: %w", err)
			}
		}
	}
	return nil
}
