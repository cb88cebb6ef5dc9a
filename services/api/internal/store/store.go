// Package store keeps tasks in PostgreSQL.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"

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

	held *held // what all writes are part of, see Together
}

var _ task.Store = (*Tasks)(nil)

// person is what is known of somebody while their lock is held.
type person struct {
	Seq       int64
	Forgotten int64   `db:"forgotten_seq"`
	Zone      *string `db:"time_zone"`
	Gone      bool

	ahead // of many writes
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
	err = s.locked(ctx, &author, func(tx postgres.Tx, who *person) error {
		if once.Key != "" && !author.DryRun {
			if result, err = s.replayed(ctx, tx, author.UserID, once); err != nil || result.Replayed {
				return err
			}
		}
		if result, err = f(tx, who, author); err == nil && author.DryRun {
			return errDryRun
		} else if err != nil || once.Key == "" {
			return err
		}
		return s.remember(ctx, tx, author.UserID, once, result)
	})
	if errors.Is(err, errDryRun) {
		return result, nil
	}
	if err == nil && !result.Replayed && s.Committed != nil {
		s.Committed()
	}
	return result, err
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

// personOf is what is known of somebody; whoIs finds it of the one whose transaction it is.
const (
	personOf = `SELECT seq, forgotten_seq, time_zone, gone FROM people WHERE user_id = `
	whoIs    = personOf + `current_setting('app.user_id')`
)

// load reads what is known of the person, in a transaction that sees everybody or has begun.
func load(ctx context.Context, tx postgres.Tx, author *task.Author) (*person, error) {
	var who person
	err := tx.GetContext(ctx, &who, personOf+`$1`, author.UserID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("load person: %w", err)
	}
	return &who, who.admit(author)
}

// admit refuses somebody who is gone, and settles the zone the author writes in.
func (p *person) admit(author *task.Author) error {
	if p.Gone {
		return errGone
	}
	if author.Zone == nil { // nobody is asking: it is somebody else's event
		author.Zone = time.UTC
	}
	author.Zone = p.in(author.Zone)
	return nil
}
