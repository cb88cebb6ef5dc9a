package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/fault"
)

// oldest is the first version with transaction_timeout.
const oldest = 170000

// apart is how far the database's clock may be from ours. Tokens allow as much.
const apart = 5 * time.Second

// Ready returns a check that the database answers, and is new enough.
func Ready(db *sqlx.DB) func(context.Context) error {
	var checked atomic.Bool
	return func(ctx context.Context) error {
		if checked.Load() {
			return Fault(db.PingContext(ctx))
		}
		var version int
		if err := db.GetContext(ctx, &version, `SELECT current_setting('server_version_num')::int`); err != nil {
			return Fault(err)
		}
		if version < oldest {
			return fault.New(fault.Unavailable, "PostgreSQL %d is too old: 17 or newer is needed", version/10000)
		}
		checked.Store(true)
		return nil
	}
}

// Fit returns the readiness check of a service that serves as both of its roles: both are let
// in, the database is new enough and has all migrations of sets, and its clock is ours. A
// newer schema will do, since migrations only add. The error names the setting that is wrong,
// or what to run.
func Fit(app, work *sqlx.DB, sets ...Set) func(context.Context) error {
	asApp, asWork := Ready(app), Ready(work)
	var migrated atomic.Bool
	return func(ctx context.Context) error {
		if err := asApp(ctx); err != nil {
			return fmt.Errorf("DATABASE_URL: %w", err)
		}
		if err := asWork(ctx); err != nil {
			return fmt.Errorf("WORK_DATABASE_URL: %w", err)
		}
		if !migrated.Load() {
			if err := missing(ctx, work, sets); err != nil {
				return err
			}
			migrated.Store(true)
		}
		return agreed(ctx, work)
	}
}

// missing says which migrations were not applied yet.
func missing(ctx context.Context, db *sqlx.DB, sets []Set) error {
	var done []string
	err := db.SelectContext(ctx, &done, `SELECT set_name || '/' || file_name FROM migrations`)
	if answer, ok := errors.AsType[*pq.Error](err); ok && answer.Code.Name() == "undefined_table" {
		err = nil
	}
	if err != nil {
		return Fault(err)
	}
	var lacks []string
	for _, set := range sets {
		files, err := fs.Glob(set.Files, "*.sql")
		if err != nil {
			return err
		}
		for _, file := range files {
			if name := set.Name + "/" + file; !slices.Contains(done, name) {
				lacks = append(lacks, name)
			}
		}
	}
	if len(lacks) > 0 {
		return fault.New(fault.Unavailable, "the schema is older than this program, it lacks %s: run the command migrate of this release", strings.Join(lacks, ", "))
	}
	return nil
}

// agreed says whether the database and we have the same time.
func agreed(ctx context.Context, db *sqlx.DB) error {
	before := time.Now()
	var theirs time.Time
	if err := db.GetContext(ctx, &theirs, `SELECT clock_timestamp()`); err != nil {
		return Fault(err)
	}
	if ahead := time.Until(theirs); ahead > apart {
		return fault.New(fault.Unavailable, "this machine's clock is %s behind the database's: set both by NTP", ahead.Round(time.Second))
	} else if behind := before.Sub(theirs); behind > apart {
		return fault.New(fault.Unavailable, "this machine's clock is %s ahead of the database's: set both by NTP", behind.Round(time.Second))
	}
	return nil
}
