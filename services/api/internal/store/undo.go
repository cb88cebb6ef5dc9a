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

// undoRound is how many changes are taken back in one transaction. An agent's turn has fewer.
const undoRound = 200

var errRounds = errors.New("more changes than one transaction takes back")

// Undo lets revert take changes back, the latest first, in one transaction: all or none. More than
// undoRound of one request, such as an import's, are looked at first, and then taken back in rounds:
// one that is cut short is finished by asking again.
func (s *Tasks) Undo(ctx context.Context, author task.Author, once task.Once, which task.Which, revert func(task.Past, task.Author) (*task.Change, error)) (task.Result, error) {
	u := &undoing{which: which, revert: revert, at: map[uuid.UUID]int{}, behind: map[uuid.UUID]int64{}}
	result, err := s.write(ctx, author, once, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
		more, err := u.round(ctx, tx, who, author, !author.DryRun) // of a dry one the first round is shown
		if err == nil && more && !author.DryRun {
			err = errRounds // before anything was changed
		}
		return u.result, err
	})
	if !errors.Is(err, errRounds) {
		return result, err
	}
	for more := true; more; {
		if _, err := s.write(ctx, author, task.Once{}, func(tx postgres.Tx, who *person, author task.Author) (task.Result, error) {
			more, err = u.round(ctx, tx, who, author, false)
			return u.result, err
		}); err != nil {
			return task.Result{}, err
		}
	}
	if once.Key != "" {
		err = s.Keep(ctx, author, once, u.result)
	} else {
		err = nil
	}
	return u.result, err
}

// undoing is an undo on its way.
type undoing struct {
	which  task.Which
	revert func(task.Past, task.Author) (*task.Change, error)
	result task.Result
	at     map[uuid.UUID]int   // where a task stands in the result
	behind map[uuid.UUID]int64 // the version that a task is back at, by its own count
}

// round takes back as many changes as a transaction may hold, and tells if there are more. The
// first does nothing then but to see that none was overtaken.
func (u *undoing) round(ctx context.Context, tx postgres.Tx, who *person, author task.Author, first bool) (more bool, err error) {
	ids, err := undoable(ctx, tx, author.UserID, u.which)
	if err != nil {
		return false, err
	}
	if more = len(ids) > undoRound; more && first {
		return more, overtaken(ctx, tx, author.UserID, u.which.RequestID)
	}
	ids = ids[:min(len(ids), undoRound)]
	u.result.Zone = author.Zone
	for _, id := range ids {
		if err := u.back(ctx, tx, who, author, id); err != nil {
			return false, err
		}
	}
	u.result.Undone = append(u.result.Undone, ids...)
	if _, err := tx.ExecContext(ctx, `UPDATE task_changes SET undone = true WHERE user_id = $1 AND event_id = ANY($2::uuid[])`,
		author.UserID, pq.Array(texts(ids))); err != nil {
		return false, fmt.Errorf("mark what was undone: %w", err)
	}
	return more, nil
}

// back takes one change back.
func (u *undoing) back(ctx context.Context, tx postgres.Tx, who *person, author task.Author, id uuid.UUID) error {
	past, err := pastOf(ctx, tx, author.UserID, id)
	if err != nil {
		return err
	}
	version := past.Version
	if back, ours := u.behind[past.Now.ID]; ours && back == version {
		past.Version = past.Now.Version // nobody but this undo came after it
	}
	u.behind[past.Now.ID] = version - 1
	change, err := u.revert(past, author)
	if err != nil {
		return err
	}
	if err := withdraw(ctx, tx, who, author, change); err != nil {
		return err
	}
	saved, err := save(ctx, tx, who, author, change)
	if err != nil {
		return err
	}
	if i, again := u.at[saved.Task.ID]; again {
		u.result.Tasks[i] = saved.Task
		return nil
	}
	u.at[saved.Task.ID] = len(u.result.Tasks)
	u.result.Tasks = append(u.result.Tasks, saved.Task)
	return nil
}

// overtaken fails if a task of the request's changes was changed since.
func overtaken(ctx context.Context, tx postgres.Tx, userID, request string) error {
	var later bool
	if err := tx.GetContext(ctx, &later, `
		SELECT EXISTS (
			SELECT FROM (
				SELECT task_id, max(version) AS version FROM task_changes
				WHERE user_id = $1 AND request_id = $2 AND undoes IS NULL AND NOT undone GROUP BY task_id
			) c JOIN tasks t ON t.user_id = $1 AND t.id = c.task_id WHERE t.version <> c.version
		)`, userID, request); err != nil {
		return fmt.Errorf("look for later changes: %w", err)
	}
	if later {
		return task.ErrOvertaken
	}
	return nil
}

// undoable finds the changes to take back, the latest first. The system's are never among
// them, nor those that were taken back already.
func undoable(ctx context.Context, tx postgres.Tx, userID string, which task.Which) (ids []uuid.UUID, err error) {
	const from = `SELECT event_id FROM task_changes WHERE user_id = $1 AND actor_type <> 'system' AND NOT undone `
	switch {
	case which.EventID != uuid.Nil:
		err = tx.SelectContext(ctx, &ids, from+`AND event_id = $2`, userID, which.EventID)
	case which.RequestID != "":
		err = tx.SelectContext(ctx, &ids, from+`AND request_id = $2 AND undoes IS NULL ORDER BY seq DESC LIMIT $3`, userID, which.RequestID, undoRound+1)
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
