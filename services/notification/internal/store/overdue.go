package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

var _ notice.Due = (*Work)(nil)

// silent bounds how many tasks one statement passes over.
const silent = 1000

// Overdue passes over the tasks of people who did not ask, so that they do not come again, and
// returns those of people who did.
func (w *Work) Overdue(ctx context.Context, now time.Time, n int) (found []notice.Task, err error) {
	const open = `t.closed_at IS NULL AND t.due_at <= $1 AND t.overdue_told IS DISTINCT FROM t.due_at`
	const wanted = `EXISTS (SELECT FROM preferences p WHERE p.user_id = t.user_id AND jsonb_array_length(coalesce(p.channels->'task.overdue', '[]')) > 0)`
	err = postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			UPDATE tasks t SET overdue_told = t.due_at FROM (
				SELECT t.user_id, t.id FROM tasks t WHERE `+open+` AND NOT `+wanted+` ORDER BY t.due_at LIMIT $2 FOR UPDATE SKIP LOCKED
			) over WHERE t.user_id = over.user_id AND t.id = over.id`, now, silent); err != nil {
			return fmt.Errorf("pass over overdue tasks: %w", err)
		}
		var rows []struct {
			UserID string `db:"user_id"`
			ID     string
		}
		if err := tx.SelectContext(ctx, &rows, `SELECT t.user_id, t.id FROM tasks t WHERE `+open+` AND `+wanted+` ORDER BY t.due_at LIMIT $2`, now, n); err != nil {
			return fmt.Errorf("find overdue tasks: %w", err)
		}
		for _, row := range rows {
			found = append(found, notice.Task{UserID: row.UserID, ID: row.ID})
		}
		return nil
	})
	return found, err
}
