package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Purge removes what has served its time: tasks that lay in the trash for 30 days, images of
// what was before, and keys that ran out. DB connects as api_work. Two replicas that purge
// at the same time do no harm.
type Purge struct {
	DB    *sqlx.DB
	Log   *slog.Logger
	Every time.Duration
}

// purgeBatch bounds the rows of one transaction.
const purgeBatch = 1000

// emptyTrash also remembers how far the person's sequence was forgotten, since a client
// whose sync token is older can no longer be told that a task is gone.
const emptyTrash = `
	WITH gone AS (
		DELETE FROM tasks WHERE deleted_at < $1 AND (user_id, id) IN
			(SELECT user_id, id FROM tasks WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2)
		RETURNING user_id, id, seq
	), unsearched AS (
		DELETE FROM task_search s USING gone WHERE s.user_id = gone.user_id AND s.task_id = gone.id
	)
	UPDATE people SET forgotten_seq = greatest(forgotten_seq, last.seq)
	FROM (SELECT user_id, max(seq) AS seq FROM gone GROUP BY user_id) last
	WHERE people.user_id = last.user_id`

const dropChanges = `
	DELETE FROM task_changes WHERE (user_id, seq) IN (SELECT user_id, seq FROM task_changes WHERE at < $1 ORDER BY at LIMIT $2)`

const dropKeys = `
	DELETE FROM idempotency_keys WHERE (user_id, key) IN
		(SELECT user_id, key FROM idempotency_keys WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`

const dropInbox = `
	DELETE FROM inbox WHERE event_id IN (SELECT event_id FROM inbox WHERE at < $1 ORDER BY at LIMIT $2)`

// inboxDays is longer than any topic that the inbox hears keeps its records.
const inboxDays = 45

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
	old := now.AddDate(0, 0, -task.TrashDays)
	for _, step := range []struct {
		statement string
		before    time.Time
	}{{emptyTrash, old}, {dropChanges, old}, {dropKeys, now}, {dropInbox, now.AddDate(0, 0, -inboxDays)}} {
		for {
			var n int64
			if err := postgres.InTx(ctx, p.DB, func(tx postgres.Tx) error {
				result, err := tx.ExecContext(ctx, step.statement, step.before, purgeBatch)
				if err != nil {
					return err
				}
				n, err = result.RowsAffected()
				return err
			}); err != nil {
				return fmt.Errorf("purge: %w", err)
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}
