package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// People implements task.People. DB connects as api_work: events are about everybody.
type People struct{ DB *sqlx.DB }

var _ task.People = (*People)(nil)

// maxMoved is how many tasks follow a person in one transaction.
const maxMoved = 500

// Settle writes the zone first, so that whatever is written from now on is in it, then lets
// the tasks follow in parts, and the version last: a call that was cut short is done again.
func (p *People) Settle(ctx context.Context, told task.Told, decide task.Decide) error {
	old := false
	if err := postgres.LockedTx(ctx, p.DB, lockOf(told.UserID), func(tx postgres.Tx) error {
		var known struct {
			Version int64 `db:"told_version"`
			Gone    bool
		}
		if err := tx.GetContext(ctx, &known, `
			INSERT INTO people (user_id) VALUES ($1) ON CONFLICT (user_id) DO UPDATE SET user_id = EXCLUDED.user_id
			RETURNING told_version, gone`, told.UserID); err != nil {
			return fmt.Errorf("load person: %w", err)
		}
		if old = known.Gone || known.Version >= told.Version; old {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE people SET time_zone = $2 WHERE user_id = $1`, told.UserID, told.Zone.String())
		return err
	}); err != nil || old {
		return err
	}
	if err := p.follow(ctx, told, decide); err != nil {
		return err
	}
	return postgres.InTx(ctx, p.DB, func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE people SET told_version = $2 WHERE user_id = $1 AND told_version < $2`, told.UserID, told.Version)
		return err
	})
}

// follow lets decide change each task with a due date that floats.
func (p *People) follow(ctx context.Context, told task.Told, decide task.Decide) error {
	var last uuid.UUID
	author := task.Author{UserID: told.UserID, Zone: told.Zone, ActorType: "system", ActorName: "time zone", Source: "api"}
	for n := maxMoved; n == maxMoved; {
		if err := postgres.LockedTx(ctx, p.DB, lockOf(told.UserID), func(tx postgres.Tx) error {
			who, err := load(ctx, tx, &author)
			if err != nil {
				return err
			}
			var rows []row
			if err := tx.SelectContext(ctx, &rows, `
				SELECT `+columns+` FROM tasks t
				WHERE t.user_id = $1 AND t.id > $2 AND t.time_zone = '' AND t.due_wall IS NOT NULL AND t.deleted_at IS NULL
				ORDER BY t.id LIMIT $3`, told.UserID, last, maxMoved); err != nil {
				return fmt.Errorf("find floating tasks: %w", err)
			}
			found, err := tasks(rows)
			if err != nil {
				return err
			}
			for _, t := range found {
				if _, err := decided(ctx, tx, who, author, t, decide); err != nil {
					return err
				}
				last = t.ID
			}
			n = len(rows)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// Forget removes everything of a person, and remembers only that they are gone, so that a
// token which still lives for some minutes brings nothing back.
func (p *People) Forget(ctx context.Context, userID string) error {
	return postgres.LockedTx(ctx, p.DB, lockOf(userID), func(tx postgres.Tx) error {
		for _, statement := range []string{
			`DELETE FROM calendars WHERE user_id = $1`,
			`DELETE FROM task_search WHERE user_id = $1`,
			`DELETE FROM task_changes WHERE user_id = $1`,
			`DELETE FROM idempotency_keys WHERE user_id = $1`,
			`DELETE FROM tasks WHERE user_id = $1`,
			`INSERT INTO people (user_id, gone) VALUES ($1, true)
				ON CONFLICT (user_id) DO UPDATE SET gone = true, time_zone = NULL`,
		} {
			if _, err := tx.ExecContext(ctx, statement, userID); err != nil {
				return fmt.Errorf("forget person: %w", err)
			}
		}
		return nil
	})
}
