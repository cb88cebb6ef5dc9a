package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// withdraw takes the next occurrence back when the one before it comes back: only one of a
// series is open. It does so before the change is saved, or the database would refuse it.
func withdraw(ctx context.Context, tx postgres.Tx, who *person, author task.Author, change *task.Change) error {
	if !change.ComesBack() {
		return nil
	}
	var r row
	err := tx.GetContext(ctx, &r, `
		SELECT `+columns+` FROM tasks t
		WHERE t.user_id = $1 AND t.series_id = $2 AND t.series ->> 'After' = $3 AND t.deleted_at IS NULL`,
		author.UserID, change.After.Series.ID, change.After.ID.String())
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return fmt.Errorf("find the next occurrence: %w", err)
	}
	next, err := r.task()
	if err != nil {
		return err
	}
	back, err := next.Withdraw(change.After.UpdatedAt)
	if err != nil {
		return err
	}
	_, err = save(ctx, tx, who, author.System("recurring"), back)
	return err
}

// alone refuses a second open occurrence of a series before the database does, which would take
// back all that many writes of one transaction did.
func (p *person) alone(ctx context.Context, tx postgres.Tx, t *task.Task) error {
	if !p.many || t.Series == nil || t.Completed() || t.Deleted() {
		return nil
	}
	var second bool
	if err := tx.GetContext(ctx, &second, `
		SELECT EXISTS (SELECT FROM tasks t
			WHERE t.user_id = $1 AND t.series_id = $2 AND t.completed_at IS NULL AND t.deleted_at IS NULL AND t.id <> $3)`,
		t.UserID, t.Series.ID, t.ID); err != nil {
		return fmt.Errorf("look for an open occurrence: %w", err)
	}
	if second {
		return task.ErrSeriesOpen
	}
	return nil
}

// Series implements task.SeriesStore. DB connects as api_work: commands are about everybody.
type Series struct {
	DB        *sqlx.DB
	Committed func() // as of Tasks
}

var _ task.SeriesStore = (*Series)(nil)

// Follow lets decide make what follows an occurrence, under the person's lock.
func (s *Series) Follow(ctx context.Context, author task.Author, cause uuid.UUID, decide task.Following) error {
	err := postgres.LockedTx(ctx, s.DB, lockOf(author.UserID), func(tx postgres.Tx) error {
		who, err := load(ctx, tx, &author)
		if errors.Is(err, errGone) {
			return nil
		} else if err != nil {
			return err
		}
		done, err := find(ctx, tx, author.UserID, cause)
		if errors.Is(err, task.ErrNotFound) {
			return nil // the trash was emptied, or the person is gone
		} else if err != nil {
			return err
		}
		change, err := decide(done, author, func(id uuid.UUID) (*task.Task, error) { return existing(ctx, tx, done, id) })
		if err != nil || change == nil {
			return err
		}
		_, err = save(ctx, tx, who, author, change)
		return err
	})
	if err == nil && s.Committed != nil {
		s.Committed()
	}
	return err
}

// existing finds the occurrence of that id, or else one of the series that is open.
func existing(ctx context.Context, tx postgres.Tx, done task.Task, id uuid.UUID) (*task.Task, error) {
	var rows []row
	if err := tx.SelectContext(ctx, &rows, `
		SELECT `+columns+` FROM tasks t
		WHERE t.user_id = $1 AND t.series_id = $2 AND (t.id = $3 OR t.completed_at IS NULL AND t.deleted_at IS NULL)
		ORDER BY t.id = $3 DESC LIMIT 1`, done.UserID, done.Series.ID, id); err != nil {
		return nil, fmt.Errorf("find occurrences: %w", err)
	}
	found, err := tasks(rows)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}
