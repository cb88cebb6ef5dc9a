package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Undo lets revert take changes back, the latest first, in one transaction.
func (s *Tasks) Undo(ctx context.Context, author task.Author, once task.Once, which task.Which, revert func(task.Past, task.Author) (*task.Change, error)) (task.Result, error) {
	return s.write(ctx, author, once, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
		ids, err := undoable(ctx, tx, author.UserID, which)
		if err != nil {
			return task.Result{}, err
		}
		result := task.Result{Found: task.Found{Zone: author.Zone}}
		at := map[uuid.UUID]int{}       // where a task stands in the result
		behind := map[uuid.UUID]int64{} // the version that a task is back at, by its own count
		for _, id := range ids {
			past, err := pastOf(ctx, tx, author.UserID, id)
			if err != nil {
				return task.Result{}, err
			}
			version := past.Version
			if back, ours := behind[past.Now.ID]; ours && back == version {
				past.Version = past.Now.Version // nobody but this undo came after it
			}
			behind[past.Now.ID] = version - 1
			change, err := revert(past, author)
			if err != nil {
				return task.Result{}, err
			}
			if err := withdraw(ctx, tx, who, author, change); err != nil {
				return task.Result{}, err
			}
			saved, err := save(ctx, tx, who, author, change)
			if err != nil {
				return task.Result{}, err
			}
			if i, again := at[saved.Task.ID]; again {
				result.Tasks[i] = saved.Task
			} else {
				at[saved.Task.ID] = len(result.Tasks)
				result.Tasks = append(result.Tasks, saved.Task)
			}
		}
		result.Undone = ids
		_, err = tx.ExecContext(ctx, `UPDATE task_changes SET undone = true WHERE user_id = $1 AND event_id = ANY($2::uuid[])`, author.UserID, pq.Array(texts(ids)))
		if err != nil {
			return task.Result{}, fmt.Errorf("mark what was undone: %w", err)
		}
		return result, nil
	})
}

// undoable finds the changes to take back, the latest first. The system's are never among
// them, nor those that were taken back already.
func undoable(ctx context.Context, tx postgres.Tx, userID string, which task.Which) (ids []uuid.UUID, err error) {
	const from = `SELECT event_id FROM task_changes WHERE user_id = $1 AND actor_type <> 'system' AND NOT undone `
	switch {
	case which.EventID != uuid.Nil:
		err = tx.SelectContext(ctx, &ids, from+`AND event_id = $2`, userID, which.EventID)
	case which.RequestID != "":
		err = tx.SelectContext(ctx, &ids, from+`AND request_id = $2 AND undoes IS NULL ORDER BY seq DESC LIMIT 1000`, userID, which.RequestID)
	default: // an undo is taken back by its own id alone
		err = tx.SelectContext(ctx, &ids, from+`AND undoes IS NULL ORDER BY seq DESC LIMIT 1`, userID)
	}
	if err != nil {
		return nil, fmt.Errorf("find what to undo: %w", err)
	}
	if len(ids) == 0 {
		return nil, task.ErrNothing
	}
	return ids, nil
}

// pastOf reads a change, what was before it, and the task as it is now.
func pastOf(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (past task.Past, err error) {
	var kept struct {
		TaskID  uuid.UUID `db:"task_id"`
		Version int64
		Known   bool
	}
	if err := tx.GetContext(ctx, &kept, `
		SELECT task_id, version, before IS NOT NULL AS known FROM task_changes WHERE user_id = $1 AND event_id = $2`, userID, id); err != nil {
		return past, fmt.Errorf("load change: %w", err)
	}
	past.EventID, past.Version = id, kept.Version
	if past.Now, err = find(ctx, tx, userID, kept.TaskID); err != nil || !kept.Known {
		return past, err
	}
	var r row
	err = tx.GetContext(ctx, &r, `
		SELECT `+columns+` FROM task_changes c, jsonb_populate_record(NULL::tasks, c.before) t WHERE c.user_id = $1 AND c.event_id = $2`, userID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return past, task.ErrNothing
	} else if err != nil {
		return past, fmt.Errorf("load change: %w", err)
	}
	before, err := r.task()
	past.Before = &before
	return past, err
}

func texts(ids []uuid.UUID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}
