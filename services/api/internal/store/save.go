package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// save gives the change the person's next number, and writes the row, what it was before,
// what is searched, and what is told: the events, and the timers of its reminders.
func save(ctx context.Context, tx postgres.Tx, who *person, author task.Author, change *task.Change) (task.Result, error) {
	t := &change.After
	seq := who.Seq + 1
	t.Seq = seq
	if change.Ends {
		t.Seq++ // series.ended follows
	}
	out, err := timers(change, author, seq)
	if err != nil {
		return task.Result{}, err
	}
	id := uuid.Must(uuid.NewV7())
	told := []event{{id: id, kind: change.Type, change: change, seq: seq}}
	if change.Ends {
		told = append(told, event{id: uuid.Must(uuid.NewV7()), kind: events.SeriesEnded, change: change, seq: t.Seq})
	}
	for _, ev := range told {
		rec, err := ev.encode(author)
		if err != nil {
			return task.Result{}, err
		}
		out = append(out, outgoing(rec))
	}
	args, err := arguments(change, author, id, seq)
	if err != nil {
		return task.Result{}, err
	}
	if err := who.alone(ctx, tx, t); err != nil {
		return task.Result{}, err
	}
	if err := who.saved(ctx, tx, *t, args, out); secondOpen(err) {
		return task.Result{}, task.ErrSeriesOpen
	} else if err != nil {
		return task.Result{}, fmt.Errorf("save task: %w", err)
	}
	who.Seq = t.Seq
	return task.Result{Found: task.Found{Task: *t, Zone: author.Zone}}, nil
}

// secondOpen tells that a series has an open occurrence already.
func secondOpen(err error) bool {
	refused, ok := errors.AsType[*pq.Error](err)
	return ok && refused.Constraint == "tasks_open_of_series"
}

// outgoing is a record as the outbox takes it.
func outgoing(rec events.Record) outbox.Event {
	out := outbox.Event{Topics: rec.Topics, Key: rec.Key, Value: rec.Value}
	for _, h := range rec.Headers {
		out.Headers = append(out.Headers, outbox.Header{Key: h.Key, Value: h.Value})
	}
	return out
}

// saveTask is one statement, behind WITH, since each round trip holds the person's lock longer. All
// its parts see the row as it was before. What is searched keeps the very text that lies there, if it
// is the same: a long one is then not written again, and its index has nothing new.
const saveTask = `
	counted AS (
		INSERT INTO people (user_id, seq) VALUES ($1, $14)
		ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq
	), kept AS (
		INSERT INTO task_changes (user_id, seq, event_id, type, task_id, version, before, actor_type, request_id, at, undoes, batch)
		SELECT $1, $28, $18, $19, $2, $13, (SELECT to_jsonb(t) FROM tasks t WHERE t.user_id = $1 AND t.id = $2), $20, $21, $16, $29::uuid, $30::uuid
	), searched AS (
		INSERT INTO task_search AS s (user_id, task_id, text, tags, title_key, completed_at, priority, due_at, seq, created_at, updated_at, deleted_at)
		VALUES ($1, $2, $22, $23, $4, $6, $7, $11, $14, $15, $16, $17)
		ON CONFLICT (user_id, task_id) DO UPDATE SET
			text = CASE WHEN s.text = EXCLUDED.text THEN s.text ELSE EXCLUDED.text END,
			tags = CASE WHEN s.tags = EXCLUDED.tags THEN s.tags ELSE EXCLUDED.tags END,
			title_key = EXCLUDED.title_key, completed_at = EXCLUDED.completed_at, priority = EXCLUDED.priority, due_at = EXCLUDED.due_at,
			seq = EXCLUDED.seq, updated_at = EXCLUDED.updated_at, deleted_at = EXCLUDED.deleted_at
	)
	INSERT INTO tasks AS t (user_id, id, title, title_key, description, completed_at, priority, tags,
		due_wall, due_timed, due_at, time_zone, version, seq, created_at, updated_at, deleted_at,
		reminders, rings_at, series, series_id, series_place)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamp, $10, $11, $12, $13, $14, $15, $16, $17,
		$24::jsonb, $25, $26::jsonb, ($26::jsonb ->> 'ID')::uuid, $27)
	ON CONFLICT (user_id, id) DO UPDATE SET title = EXCLUDED.title, title_key = EXCLUDED.title_key,
		description = EXCLUDED.description, completed_at = EXCLUDED.completed_at, priority = EXCLUDED.priority,
		tags = EXCLUDED.tags, due_wall = EXCLUDED.due_wall, due_timed = EXCLUDED.due_timed, due_at = EXCLUDED.due_at,
		time_zone = EXCLUDED.time_zone, version = EXCLUDED.version, seq = EXCLUDED.seq,
		updated_at = EXCLUDED.updated_at, deleted_at = EXCLUDED.deleted_at, reminders = EXCLUDED.reminders,
		rings_at = EXCLUDED.rings_at, series = EXCLUDED.series, series_id = EXCLUDED.series_id, series_place = EXCLUDED.series_place`

func arguments(change *task.Change, author task.Author, event uuid.UUID, seq int64) ([]any, error) {
	t := &change.After
	folded := make([]string, len(t.Tags))
	for i, tag := range t.Tags {
		folded[i] = task.FoldTag(tag)
	}
	reminders, err := json.Marshal(t.Reminders)
	if err != nil {
		return nil, fmt.Errorf("write reminders: %w", err)
	}
	var series, place *string
	if t.Series != nil {
		text, err := json.Marshal(t.Series)
		if err != nil {
			return nil, fmt.Errorf("write series: %w", err)
		}
		written, at := string(text), t.Series.Place()
		series, place = &written, &at
	}
	return []any{
		t.UserID, t.ID, t.Title, t.TitleKey(), t.Description, t.CompletedAt, int(t.Priority), pq.Array(t.Tags),
		wall(t.Due), t.Due.Wall.Timed, t.DueAt, t.TimeZone, t.Version, t.Seq, t.CreatedAt, t.UpdatedAt, t.DeletedAt,
		event, change.Type, author.ActorType, author.RequestID, spelled(t.SearchText()), pq.Array(folded),
		string(reminders), t.RingsAt(), series, place, seq, known(change.Undoes), known(author.Batch),
	}, nil
}

// known is nil of an id that is none.
func known(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// wall writes a due date for a timestamp without time zone.
func wall(due task.Due) *time.Time {
	if due.None() {
		return nil
	}
	w := due.Wall
	at := time.Date(w.Year, w.Month, w.Day, w.Hour, w.Minute, w.Sec, w.Nanos, time.UTC)
	return &at
}
