package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Timers arms the timers of reminders again.
type Timers struct{ DB *sqlx.DB }

// resyncBatch bounds the tasks of one transaction.
const resyncBatch = 500

// Resync sends the command of every reminder that is pending once more, with the rev that it
// has: the scheduler knows most of them, and doing so twice changes nothing. It returns how
// many tasks it went through.
func (s *Timers) Resync(ctx context.Context) (met int, err error) {
	var last struct {
		User string
		ID   uuid.UUID
	}
	for {
		var found []task.Task
		if err := postgres.InTx(ctx, s.DB, func(tx postgres.Tx) error {
			var rows []row
			if err := tx.SelectContext(ctx, &rows, `
				SELECT `+columns+` FROM tasks t
				WHERE t.rings_at IS NOT NULL AND (t.user_id, t.id) > ($1, $2) ORDER BY t.user_id, t.id LIMIT $3`,
				last.User, last.ID, resyncBatch); err != nil {
				return fmt.Errorf("find pending reminders: %w", err)
			}
			found, err = tasks(rows)
			return err
		}); err != nil {
			return met, err
		}
		for _, t := range found {
			if err := s.again(ctx, t); err != nil {
				return met, err
			}
			last.User, last.ID = t.UserID, t.ID
			met++
		}
		if len(found) < resyncBatch {
			return met, nil
		}
	}
}

// Watch resyncs once a day: it arms reminders that lay too far ahead for a timer and have
// come near, and whatever the scheduler may have lost.
func (s *Timers) Watch(log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(24 * time.Hour):
			}
			if n, err := s.Resync(ctx); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "timers not armed again", "tasks", n, "error", err)
			}
		}
	}
}

// again sends a task's commands under the person's lock, as the task is then.
func (s *Timers) again(ctx context.Context, t task.Task) error {
	author := task.Author{UserID: t.UserID}
	return postgres.LockedTx(ctx, s.DB, lockOf(t.UserID), func(tx postgres.Tx) error {
		if _, err := load(ctx, tx, &author); err != nil {
			return err
		}
		now, err := find(ctx, tx, t.UserID, t.ID)
		if errors.Is(err, task.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		var commands []outbox.Event
		for i := range now.Reminders {
			if r := &now.Reminders[i]; r.Status == task.Scheduled {
				if commands, err = arm(commands, &now, r, author); err != nil {
					return err
				}
			}
		}
		return outbox.Append(ctx, tx, t.UserID, commands...)
	})
}
