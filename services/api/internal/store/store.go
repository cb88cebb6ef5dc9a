// Package store keeps tasks in PostgreSQL.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

//go:embed migrations
var files embed.FS

// Migrations are this service's tables.
func Migrations() postgres.Set {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return postgres.Set{Name: "api", Files: sub}
}

// Tasks implements task.Store. DB connects as api_app: each transaction sees one person's
// rows.
type Tasks struct {
	DB *sqlx.DB
	// Committed is called after each commit that left events to send; see outbox.Relay.Hint.
	Committed func()

	held *held // the transaction that all writes are part of, see Together
}

// held is a transaction that holds a person's lock.
type held struct {
	tx  postgres.Tx
	who *person
}

// Together runs f with a store whose writes for the author are one transaction: they have their
// effect together or not at all.
func (s *Tasks) Together(ctx context.Context, author task.Author, f func(task.Store) error) error {
	err := postgres.Locked(ctx, s.DB, author.UserID, lockOf(author.UserID), func(tx postgres.Tx) error {
		who, err := load(ctx, tx, &author)
		if err != nil {
			return err
		}
		return f(&Tasks{DB: s.DB, held: &held{tx, who}})
	})
	if err == nil && s.Committed != nil {
		s.Committed()
	}
	return err
}

var _ task.Store = (*Tasks)(nil)

// person is what is known of somebody while their lock is held.
type person struct {
	Seq  int64
	Zone *string `db:"time_zone"`
	Gone bool
}

// errGone says no more than auth.ErrUnauthorized does: there is one answer to all who are not let in.
var errGone = fault.New(fault.Unauthorized, "sign in: a valid bearer token for this path is needed")

// lockOf names the advisory lock that every write of a person takes first.
func lockOf(userID string) string { return "api.people/" + userID }

// errDryRun takes back what a dry run did. It never leaves this package.
var errDryRun = errors.New("a dry run")

// write runs f while it holds the person's lock, in a transaction that sees their rows
// alone; under a Once that was used before, f does not run and the result of then is
// returned. A dry run does all of it but the commit.
func (s *Tasks) write(ctx context.Context, author task.Author, once task.Once, f func(postgres.Tx, *person, task.Author) (task.Result, error)) (result task.Result, err error) {
	err = s.locked(ctx, author, func(tx postgres.Tx, who *person) error {
		if once.Key != "" && !author.DryRun {
			if result, err = replay(ctx, tx, author.UserID, once); err != nil || result.Replayed {
				return err
			}
		}
		if who == nil {
			if who, err = load(ctx, tx, &author); err != nil {
				return err
			}
		} else {
			author.Zone = who.in(author.Zone)
		}
		if result, err = f(tx, who, author); err == nil && author.DryRun {
			return errDryRun
		} else if err != nil || once.Key == "" {
			return err
		}
		return remember(ctx, tx, author.UserID, once, result)
	})
	if errors.Is(err, errDryRun) {
		return result, nil
	}
	if err == nil && !result.Replayed && s.Committed != nil {
		s.Committed()
	}
	return result, err
}

// locked runs f under the person's lock: in a transaction of its own, or in the one that is held,
// of which the person is known.
func (s *Tasks) locked(ctx context.Context, author task.Author, f func(postgres.Tx, *person) error) error {
	if s.held != nil {
		return f(s.held.tx, s.held.who)
	}
	return postgres.Locked(ctx, s.DB, author.UserID, lockOf(author.UserID), func(tx postgres.Tx) error { return f(tx, nil) })
}

// in is the zone that the person is known to be in, else the one that is given.
func (p *person) in(given *time.Location) *time.Location {
	if p.Zone != nil {
		if zone, err := task.LoadZone(*p.Zone); err == nil {
			return zone
		}
	}
	return given
}

// load reads what is known of the person, and settles the zone the author writes in.
func load(ctx context.Context, tx postgres.Tx, author *task.Author) (*person, error) {
	var who person
	err := tx.GetContext(ctx, &who, `SELECT seq, time_zone, gone FROM people WHERE user_id = $1`, author.UserID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("load person: %w", err)
	}
	if who.Gone {
		return nil, errGone
	}
	if author.Zone == nil { // nobody is asking: it is somebody else's event
		author.Zone = time.UTC
	}
	author.Zone = who.in(author.Zone)
	return &who, nil
}

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

func replay(ctx context.Context, tx postgres.Tx, userID string, once task.Once) (task.Result, error) {
	var row struct {
		Print  []byte
		Result []byte
	}
	err := tx.GetContext(ctx, &row, `
		SELECT print, result FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND expires_at > now()`, userID, once.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return task.Result{}, nil
	} else if err != nil {
		return task.Result{}, fmt.Errorf("look for the key: %w", err)
	}
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

func remember(ctx context.Context, tx postgres.Tx, userID string, once task.Once, result task.Result) error {
	value, err := json.Marshal(kept{result.Task, result.Zone.String(), result.Tasks, result.Undone, result.Report, result.Sealed, result.Answer})
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO idempotency_keys (user_id, key, print, result, expires_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id, key) DO UPDATE SET print = EXCLUDED.print, result = EXCLUDED.result, expires_at = EXCLUDED.expires_at`,
		userID, once.Key, once.Print[:], string(value), time.Now().Add(once.Window)); err != nil {
		return fmt.Errorf("keep the key: %w", err)
	}
	return nil
}
