package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

var _ task.PorterStore = (*Tasks)(nil)

// Merge lets decide change what is there of a batch, and add to it, in one transaction under the
// person's lock. The events of all its changes are one statement.
func (s *Tasks) Merge(ctx context.Context, author task.Author, batch task.Batch, decide func(task.Author, []task.Task) ([]*task.Change, error)) error {
	if batch.Dry {
		return s.read(ctx, &author, func(tx postgres.Tx, _ *person) error {
			known, err := there(ctx, tx, author.UserID, batch)
			if err == nil {
				_, err = decide(author, known)
			}
			return err
		})
	}
	_, err := s.write(ctx, author, task.Once{}, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
		known, err := there(ctx, tx, author.UserID, batch)
		if err != nil {
			return task.Result{}, err
		}
		changes, err := decide(author, known)
		if err != nil {
			return task.Result{}, err
		}
		who.many, who.tasks = true, map[uuid.UUID]*task.Task{}
		for _, change := range changes {
			if _, err := save(ctx, tx, who, author, change); err != nil {
				return task.Result{}, err
			}
		}
		return task.Result{}, who.tell(ctx, tx, author.UserID)
	})
	return err
}

// there reads the tasks that a batch may be about. The policy's own comparison stands beside
// each, so that it is the index that finds them.
func there(ctx context.Context, tx postgres.Tx, userID string, batch task.Batch) ([]task.Task, error) {
	var rows []row
	if err := tx.SelectContext(ctx, &rows, `
		SELECT `+columns+` FROM tasks t WHERE t.user_id = $1 AND t.id = ANY($2::uuid[])
		UNION ALL
		SELECT `+columns+` FROM tasks t WHERE t.user_id = $1 AND t.series_id = ANY($3::uuid[]) AND t.id <> ALL($2::uuid[])`,
		userID, pq.Array(texts(batch.IDs)), pq.Array(texts(batch.Series))); err != nil {
		return nil, fmt.Errorf("read what is there: %w", err)
	}
	return tasks(rows)
}

// Recall returns the result that was kept under a key.
func (s *Tasks) Recall(ctx context.Context, author task.Author, once task.Once) (result task.Result, err error) {
	err = postgres.ReadAs(ctx, s.DB, author.UserID, func(tx postgres.Tx) error {
		result, err = replay(ctx, tx, author.UserID, once)
		return err
	})
	return result, err
}

// Keep keeps a result under a key.
func (s *Tasks) Keep(ctx context.Context, author task.Author, once task.Once, result task.Result) error {
	_, err := s.write(ctx, author, once, func(postgres.Tx, *person, task.Author) (task.Result, error) { return result, nil })
	return err
}

// Walk reads tasks in the order of their ids, which is that of the primary key.
func (s *Tasks) Walk(ctx context.Context, author task.Author, stop task.Stop, limit int) (found []task.Task, zone *time.Location, err error) {
	err = s.read(ctx, &author, func(tx postgres.Tx, _ *person) error {
		var rows []row
		if err := tx.SelectContext(ctx, &rows, `
			SELECT `+columns+` FROM tasks t
			WHERE t.user_id = $1 AND t.id > $2 AND t.deleted_at IS NULL AND (NOT $3 OR t.completed_at IS NULL)
			ORDER BY t.id LIMIT $4`, author.UserID, stop.After, stop.Open, limit); err != nil {
			return fmt.Errorf("walk through tasks: %w", err)
		}
		found, err = tasks(rows)
		return err
	})
	return found, author.Zone, err
}
