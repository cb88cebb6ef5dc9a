package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// kept is a result as it is kept beside its key.
type kept struct {
	Task   task.Task
	Zone   string
	Tasks  []task.Task
	Undone []uuid.UUID
	Report *task.Report `json:",omitempty"`
	Sealed []byte       `json:",omitempty"`
	Answer []byte       `json:",omitempty"`
}

var errOtherBody = fault.New(fault.Conflict, "the Idempotency-Key was used for another request")

// noted is what lies under a key.
type noted struct {
	Key    string
	Print  []byte
	Result []byte
}

// replay returns the result that lies under a key; its Replayed says if there is one.
func replay(ctx context.Context, tx postgres.Tx, userID string, once task.Once) (task.Result, error) {
	var row noted
	err := tx.GetContext(ctx, &row, `
		SELECT key, print, result FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND expires_at > now()`, userID, once.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return task.Result{}, nil
	} else if err != nil {
		return task.Result{}, fmt.Errorf("look for the key: %w", err)
	}
	return row.read(ctx, tx, userID, once)
}

// read makes a result of what lies under the key of once.
func (row noted) read(ctx context.Context, tx postgres.Tx, userID string, once task.Once) (task.Result, error) {
	if string(row.Print) != string(once.Print[:]) {
		return task.Result{}, errOtherBody
	}
	var was kept
	if err := json.Unmarshal(row.Result, &was); err != nil {
		return task.Result{}, fmt.Errorf("read the kept result: %w", err)
	}
	if once.Untouched {
		if same, err := untouched(ctx, tx, userID, was); err != nil || !same {
			return task.Result{}, err
		}
	}
	zone, err := task.LoadZone(was.Zone)
	if err != nil {
		return task.Result{}, fmt.Errorf("read the kept result: %w", err)
	}
	return task.Result{Found: task.Found{Task: was.Task, Zone: zone}, Tasks: was.Tasks, Undone: was.Undone, Report: was.Report, Sealed: was.Sealed, Answer: was.Answer, Replayed: true}, nil
}

// untouched reports whether the tasks of a result are still as it left them.
func untouched(ctx context.Context, tx postgres.Tx, userID string, was kept) (bool, error) {
	left := was.Tasks
	if left == nil {
		left = []task.Task{was.Task}
	}
	ids, versions := make([]string, len(left)), make([]int64, len(left))
	for i, t := range left {
		ids[i], versions[i] = t.ID.String(), t.Version
	}
	var n int
	if err := tx.GetContext(ctx, &n, `
		SELECT count(*) FROM tasks t JOIN unnest($2::uuid[], $3::bigint[]) AS l (id, version) ON t.id = l.id AND t.version = l.version
		WHERE t.user_id = $1`, userID, pq.Array(ids), pq.Array(versions)); err != nil {
		return false, fmt.Errorf("look what became of the kept result: %w", err)
	}
	return n == len(left), nil
}

// note writes a result for its key.
func note(once task.Once, result task.Result) (noted, error) {
	value, err := json.Marshal(kept{result.Task, result.Zone.String(), result.Tasks, result.Undone, result.Report, result.Sealed, result.Answer})
	if err != nil {
		return noted{}, fmt.Errorf("keep the result: %w", err)
	}
	return noted{once.Key, once.Print[:], value}, nil
}

// remember keeps results under their keys, until then.
func remember(ctx context.Context, tx postgres.Tx, userID string, until time.Time, made ...noted) error {
	args, rows := []any{userID, until}, make([]string, len(made))
	for i, n := range made {
		rows[i] = fmt.Sprintf("($1, $%d, $%d, $%d, $2)", len(args)+1, len(args)+2, len(args)+3)
		args = append(args, n.Key, n.Print, string(n.Result))
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO idempotency_keys (user_id, key, print, result, expires_at) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (user_id, key) DO UPDATE SET print = EXCLUDED.print, result = EXCLUDED.result, expires_at = EXCLUDED.expires_at`,
		args...); err != nil {
		return fmt.Errorf("keep the key: %w", err)
	}
	return nil
}
