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
	batch  uuid.UUID           // of the changes of the request, those that are one
	ids    []uuid.UUID         // of this round, the latest first
	from   int64               // the earliest of them
	since  *followed           // what came after that
}

// round takes back as many changes as a transaction may hold, and tells if there are more. The
// first does nothing then but to see that none was overtaken.
func (u *undoing) round(ctx context.Context, tx postgres.Tx, who *person, author task.Author, first bool) (more bool, err error) {
	ids, err := u.undoable(ctx, tx, author.UserID)
	if err != nil {
		return false, err
	}
	if more = len(ids) > undoRound; more && first {
		return more, u.overtaken(ctx, tx, author.UserID)
	}
	ids = ids[:min(len(ids), undoRound)]
	pasts, err := pastsOf(ctx, tx, who, author.UserID, ids)
	if err != nil {
		return false, err
	}
	u.result.Zone, u.since = author.Zone, nil
	u.ids, u.from = ids, pasts[len(pasts)-1].seq // the earliest
	for _, past := range pasts {
		if err := u.back(ctx, tx, who, author, past); err != nil {
			return false, err
		}
	}
	u.result.Undone = append(u.result.Undone, ids...)
	if err := who.tell(ctx, tx, author.UserID); err != nil {
		return false, err
	}
	return more, mark(ctx, tx, author.UserID, ids)
}

// back takes one change back.
func (u *undoing) back(ctx context.Context, tx postgres.Tx, who *person, author task.Author, past past) (err error) {
	if past.Now, err = who.find(ctx, tx, author.UserID, past.taskID); err != nil {
		return err
	}
	version := past.Version
	if back, ours := u.behind[past.taskID]; ours && back == version { // nobody but this undo came after it
		past.Version = past.Now.Version
	}
	if past.Version != past.Now.Version {
		if u.since == nil {
			if u.since, err = followedBy(ctx, tx, author.UserID, u.from, u.ids...); err != nil {
				return err
			}
		}
		if u.since.leaves(past.taskID, version, past.seq) {
			past.Version = past.Now.Version
		}
	}
	u.behind[past.taskID] = version - 1
	change, err := u.revert(past.Past, author)
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

// undoable finds the changes to take back, the latest first. The system's are never among them,
// nor those that were taken back already.
func (u *undoing) undoable(ctx context.Context, tx postgres.Tx, userID string) (ids []uuid.UUID, err error) {
	const from = `SELECT c.event_id FROM task_changes c WHERE c.user_id = $1 AND c.actor_type <> 'system' AND NOT c.undone `
	const last = ` ORDER BY c.seq DESC LIMIT $3`
	if u.which == (task.Which{}) {
		if err := u.last(ctx, tx, userID); err != nil {
			return nil, err
		}
	}
	switch which := u.which; {
	case which.EventID != uuid.Nil:
		err = tx.SelectContext(ctx, &ids, from+`AND c.event_id = $2`, userID, which.EventID)
	case u.batch != uuid.Nil:
		err = tx.SelectContext(ctx, &ids, from+`AND c.request_id = $2 AND c.undoes IS NULL AND c.batch = $4`+last, userID, which.RequestID, undoRound+1, u.batch)
	default: // of a request that did nothing but to take back, that; else its undos are only taken back by their own ids
		err = tx.SelectContext(ctx, &ids, from+`AND c.request_id = $2 AND (c.undoes IS NULL OR NOT EXISTS (
			SELECT FROM task_changes o WHERE o.user_id = $1 AND o.request_id = $2 AND o.actor_type <> 'system' AND o.undoes IS NULL))`+last,
			userID, which.RequestID, undoRound+1)
	}
	if err != nil {
		return nil, fmt.Errorf("find what to undo: %w", err)
	}
	if len(ids) == 0 {
		return nil, task.ErrNothing
	}
	return ids, nil
}

// last finds the person's last change, and what it is one with.
func (u *undoing) last(ctx context.Context, tx postgres.Tx, userID string) error {
	var c struct {
		EventID   uuid.UUID  `db:"event_id"`
		RequestID string     `db:"request_id"`
		Batch     *uuid.UUID `db:"batch"`
	}
	err := tx.GetContext(ctx, &c, `
		SELECT event_id, request_id, batch FROM task_changes
		WHERE user_id = $1 AND actor_type <> 'system' AND NOT undone AND undoes IS NULL ORDER BY seq DESC LIMIT 1`, userID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return task.ErrNothing
	case err != nil:
		return fmt.Errorf("find what to undo: %w", err)
	case c.Batch == nil:
		u.which.EventID = c.EventID
	default:
		u.which.RequestID, u.batch = c.RequestID, *c.Batch
	}
	return nil
}

// mark writes that changes were taken back, and of those that were undos themselves, that what they
// took back is in force again, and so on.
func mark(ctx context.Context, tx postgres.Tx, userID string, ids []uuid.UUID) error {
	if _, err := tx.ExecContext(ctx, `
		WITH RECURSIVE chain AS (
			SELECT seq, undoes, true AS undone FROM task_changes WHERE user_id = $1 AND event_id = ANY($2::uuid[])
			UNION ALL
			SELECT c.seq, c.undoes, NOT chain.undone FROM chain JOIN task_changes c ON c.user_id = $1 AND c.event_id = chain.undoes
		)
		UPDATE task_changes c SET undone = chain.undone FROM chain WHERE c.user_id = $1 AND c.seq = chain.seq`,
		userID, pq.Array(texts(ids))); err != nil {
		return fmt.Errorf("mark what was undone: %w", err)
	}
	return nil
}

func texts(ids []uuid.UUID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}
