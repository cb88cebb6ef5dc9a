package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Feed implements task.Feed. DB connects as api_work: events are about everybody.
type Feed struct {
	DB        *sqlx.DB
	Committed func() // as of Tasks
}

var _ task.Feed = (*Feed)(nil)

// Relay passes an event on under its own id. The inbox row, the outcome on the task, and the
// record are one transaction.
func (f *Feed) Relay(ctx context.Context, ev task.Relayed) error {
	author := task.Author{UserID: ev.Event.GetUserId()}
	err := postgres.LockedTx(ctx, f.DB, lockOf(author.UserID), func(tx postgres.Tx) error {
		who, err := load(ctx, tx, &author)
		if errors.Is(err, errGone) {
			return nil
		} else if err != nil {
			return err
		}
		seen, err := tx.ExecContext(ctx, `INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING`, ev.Event.GetEventId())
		if err != nil {
			return fmt.Errorf("note event: %w", err)
		}
		if n, err := seen.RowsAffected(); err != nil || n == 0 {
			return err
		}
		var t *task.Task
		if ev.Outcome != nil {
			if t, err = settle(ctx, tx, author, *ev.Outcome, who.Seq+1); err != nil || t == nil {
				return err
			}
		}
		return pass(ctx, tx, author, ev.Event, t, who.Seq+1)
	})
	if err == nil && f.Committed != nil {
		f.Committed()
	}
	return err
}

// settle writes a reminder's outcome to its task, or returns nil where there is none to tell:
// the task is gone for ever, or the reminder was armed again.
func settle(ctx context.Context, tx postgres.Tx, author task.Author, outcome task.Outcome, seq int64) (*task.Task, error) {
	t, err := find(ctx, tx, author.UserID, outcome.TaskID)
	if errors.Is(err, task.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if !outcome.Apply(&t) {
		return nil, nil
	}
	t.Seq = seq
	reminders, err := json.Marshal(t.Reminders)
	if err != nil {
		return nil, fmt.Errorf("write reminders: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		WITH searched AS (UPDATE task_search SET seq = $5 WHERE user_id = $1 AND task_id = $2)
		UPDATE tasks SET reminders = $3::jsonb, rings_at = $4, seq = $5 WHERE user_id = $1 AND id = $2`,
		author.UserID, t.ID, string(reminders), t.RingsAt(), seq); err != nil {
		return nil, fmt.Errorf("save reminders: %w", err)
	}
	return &t, nil
}

// pass appends the event to the outbox, for the feed alone.
func pass(ctx context.Context, tx postgres.Tx, author task.Author, ev events.Event, t *task.Task, seq int64) error {
	var shown *taskv1.Task
	if t != nil {
		shown = t.Message(author.Zone)
	}
	switch ev := ev.(type) {
	case *reminderv1.ReminderSent:
		ev.Seq, ev.Task, ev.Version = seq, shown, shown.GetVersion()
	case *reminderv1.ReminderFailed:
		ev.Seq, ev.Task, ev.Version = seq, shown, shown.GetVersion()
	case *noticev1.NoticeCreated:
		ev.Seq = seq
	default:
		return fmt.Errorf("%s is not passed on", events.Type(ev))
	}
	rec, err := events.Encode(ev, source, "")
	if err != nil {
		return fmt.Errorf("pass an event on: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO people (user_id, seq) VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq`,
		author.UserID, seq); err != nil {
		return fmt.Errorf("count event: %w", err)
	}
	out := outgoing(rec)
	out.Topics = []string{events.TaskUpdates}
	return outbox.Append(ctx, tx, author.UserID, out)
}
