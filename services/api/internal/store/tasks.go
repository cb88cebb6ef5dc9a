package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

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
		if change.Given {
			if _, err := who.find(ctx, tx, author.UserID, change.After.ID); !errors.Is(err, task.ErrNotFound) {
				return task.Result{}, cmp.Or(err, task.ErrExists)
			}
		}
		return save(ctx, tx, who, author, change)
	})
}

// Change lets decide change a task of the person. It needs no lock on the task: whoever
// writes it holds the person's.
func (s *Tasks) Change(ctx context.Context, author task.Author, once task.Once, id uuid.UUID, decide task.Decide) (task.Result, error) {
	return s.write(ctx, author, once, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
		t, err := who.find(ctx, tx, author.UserID, id)
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
	if err := withdraw(ctx, tx, who, author, change); err != nil {
		return task.Result{}, err
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
						AND search_keys(user_id, text, tags) @> keys_of($1, ARRAY[$5::text])
					ORDER BY task_id LIMIT $4
				)
				SELECT `+columns+` FROM tasks t JOIN hits ON hits.task_id = t.id WHERE t.user_id = $1 ORDER BY t.id`,
				author.UserID, tag, last, maxTagged, label(tag)); err != nil {
				return task.Result{}, fmt.Errorf("find tagged tasks: %w", err)
			}
			found, err := tasks(rows)
			if err != nil {
				return task.Result{}, err
			}
			for _, t := range found {
				if _, err := decided(ctx, tx, who, author, t, decide); err != nil {
					return task.Result{}, err
				}
				last = t.ID
			}
			n = len(rows)
			return task.Result{}, nil
		}); err != nil {
			return met, err
		}
	}
	return met, nil
}

// Know returns the author with the zone that the person is known to be in.
func (s *Tasks) Know(ctx context.Context, author task.Author) (task.Author, error) {
	err := s.read(ctx, &author, func(postgres.Tx, *person) error { return nil })
	return author, err
}

// Find returns a task of the person, also one in the trash.
func (s *Tasks) Find(ctx context.Context, author task.Author, id uuid.UUID) (found task.Found, err error) {
	err = s.read(ctx, &author, func(tx postgres.Tx, _ *person) error {
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
	return r.task()
}
