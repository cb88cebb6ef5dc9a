package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Add writes the task of a change that decide makes.
func (s *Tasks) Add(ctx context.Context, author task.Author, once task.Once, decide func(task.Author) (*task.Change, error)) (task.Result, error) {
	return s.write(ctx, author, once, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
		change, err := decide(author)
		if err != nil {
			return task.Result{}, err
		}
		return save(ctx, tx, who, author, change)
	})
}

// Change lets decide change a task of the person. It needs no lock on the task: whoever
// writes it holds the person's.
func (s *Tasks) Change(ctx context.Context, author task.Author, once task.Once, id uuid.UUID, decide task.Decide) (task.Result, error) {
	return s.write(ctx, author, once, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
		t, err := find(ctx, tx, author.UserID, id)
		if err != nil {
			return task.Result{}, err
		}
		return decided(ctx, tx, who, author, t, decide)
	})
}

// decided applies a decision; without a change the task is as it was.
func decided(ctx context.Context, tx postgres.Tx, who *person, author task.Author, t task.Task, decide task.Decide) (task.Result, error) {
	change, err := decide(t, author)
	if err != nil {
		return task.Result{}, err
	}
	if change == nil {
		return task.Result{Found: task.Found{Task: t, Zone: author.Zone}}, nil
	}
	return save(ctx, tx, who, author, change)
}

// maxTagged bounds one renaming of a tag; its transaction must stay short.
const maxTagged = 2000

// ChangeTagged lets decide change the tasks that have a tag, in transactions of at most
// maxTagged: a call that is cut short has changed the first of them, and may be repeated.
func (s *Tasks) ChangeTagged(ctx context.Context, author task.Author, tag string, decide task.Decide) (met int, err error) {
	var last uuid.UUID
	for n := maxTagged; n == maxTagged; met += n {
		if _, err := s.write(ctx, author, task.Once{}, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
			var rows []row
			if err := tx.SelectContext(ctx, &rows, `
				WITH hits AS MATERIALIZED (
					SELECT task_id FROM task_search WHERE user_id = $1 AND tags @> ARRAY[$2::text] AND task_id > $3
					ORDER BY task_id LIMIT $4
				)
				SELECT `+columns+` FROM tasks t JOIN hits ON hits.task_id = t.id WHERE t.user_id = $1 ORDER BY t.id`,
				author.UserID, tag, last, maxTagged); err != nil {
				return task.Result{}, fmt.Errorf("find tagged tasks: %w", err)
			}
			for _, r := range rows {
				if _, err := decided(ctx, tx, who, author, r.task(), decide); err != nil {
					return task.Result{}, err
				}
				last = r.ID
			}
			n = len(rows)
			return task.Result{}, nil
		}); err != nil {
			return met, err
		}
	}
	return met, nil
}

// Find returns a task of the person, also one in the trash.
func (s *Tasks) Find(ctx context.Context, author task.Author, id uuid.UUID) (found task.Found, err error) {
	err = postgres.ReadAs(ctx, s.DB, author.UserID, func(tx postgres.Tx) error {
		if _, err := load(ctx, tx, &author); err != nil {
			return err
		}
		t, err := find(ctx, tx, author.UserID, id)
		found = task.Found{Task: t, Zone: author.Zone}
		return err
	})
	return found, err
}

func find(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (task.Task, error) {
	var r row
	err := tx.GetContext(ctx, &r, `SELECT `+columns+` FROM tasks t WHERE t.user_id = $1 AND t.id = $2`, userID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return task.Task{}, task.ErrNotFound
	} else if err != nil {
		return task.Task{}, fmt.Errorf("load task: %w", err)
	}
	return r.task(), nil
}

// save gives the change the person's next number, and writes the row, what it was before,
// what is searched, and the event.
func save(ctx context.Context, tx postgres.Tx, who *person, author task.Author, change *task.Change) (task.Result, error) {
	t := &change.After
	t.Seq = who.Seq + 1
	id := uuid.Must(uuid.NewV7())
	if _, err := tx.ExecContext(ctx, saveTask, arguments(t, change, author, id)...); err != nil {
		return task.Result{}, fmt.Errorf("save task: %w", err)
	}
	who.Seq = t.Seq
	if err := send(ctx, tx, author, event{id: id, change: change, seq: t.Seq}); err != nil {
		return task.Result{}, err
	}
	return task.Result{Found: task.Found{Task: *t, Zone: author.Zone}}, nil
}

// saveTask is one statement, since each round trip holds the person's lock longer. All its
// parts see the row as it was before.
const saveTask = `
	WITH counted AS (
		INSERT INTO people (user_id, seq) VALUES ($1, $14)
		ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq
	), kept AS (
		INSERT INTO task_changes (user_id, seq, event_id, type, task_id, version, before, actor_type, request_id, at)
		SELECT $1, $14, $18, $19, $2, $13, (SELECT to_jsonb(t) FROM tasks t WHERE t.user_id = $1 AND t.id = $2), $20, $21, $16
	), searched AS (
		INSERT INTO task_search (user_id, task_id, text, tags) VALUES ($1, $2, $22, $23)
		ON CONFLICT (user_id, task_id) DO UPDATE SET text = EXCLUDED.text, tags = EXCLUDED.tags
		WHERE (task_search.text, task_search.tags) IS DISTINCT FROM (EXCLUDED.text, EXCLUDED.tags)
	)
	INSERT INTO tasks AS t (user_id, id, title, title_key, description, completed_at, priority, tags,
		due_wall, due_timed, due_at, time_zone, version, seq, created_at, updated_at, deleted_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamp, $10, $11, $12, $13, $14, $15, $16, $17)
	ON CONFLICT (user_id, id) DO UPDATE SET title = EXCLUDED.title, title_key = EXCLUDED.title_key,
		description = EXCLUDED.description, completed_at = EXCLUDED.completed_at, priority = EXCLUDED.priority,
		tags = EXCLUDED.tags, due_wall = EXCLUDED.due_wall, due_timed = EXCLUDED.due_timed, due_at = EXCLUDED.due_at,
		time_zone = EXCLUDED.time_zone, version = EXCLUDED.version, seq = EXCLUDED.seq,
		updated_at = EXCLUDED.updated_at, deleted_at = EXCLUDED.deleted_at`

func arguments(t *task.Task, change *task.Change, author task.Author, event uuid.UUID) []any {
	folded := make([]string, len(t.Tags))
	for i, tag := range t.Tags {
		folded[i] = task.FoldTag(tag)
	}
	return []any{
		t.UserID, t.ID, t.Title, t.TitleKey(), t.Description, t.CompletedAt, int(t.Priority), pq.Array(t.Tags),
		wall(t.Due), t.Due.Wall.Timed, t.DueAt, t.TimeZone, t.Version, t.Seq, t.CreatedAt, t.UpdatedAt, t.DeletedAt,
		event, change.Type, author.ActorType, author.RequestID, t.SearchText(), pq.Array(folded),
	}
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
