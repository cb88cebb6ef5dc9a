package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/fault"
)

// Set is a numbered series of migrations, in files NNNN_name.sql at the root of Files.
// Migrations only add: the previous release runs on the new schema. A released file never
// changes.
type Set struct {
	Name  string
	Files fs.FS
}

var fileName = regexp.MustCompile(`^\d{4}_[a-z0-9_]+\.sql$`)

// Migrate brings the schema of the role that address connects as (see Provision) up to
// date: each file in a transaction of its own, each exactly once, whoever else migrates at
// the same time. It fails if a file that was applied has changed since.
func Migrate(ctx context.Context, address string, sets ...Set) error {
	db, err := Open(address)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connx(ctx)
	if err != nil {
		return Fault(fmt.Errorf("connect to migrate: %w", err))
	}
	defer conn.Close()
	// A session lock, because it must outlive the transactions of the single files.
	if _, err := conn.ExecContext(ctx, `SET transaction_timeout = 0`); err != nil {
		return Fault(fmt.Errorf("prepare migrations: %w", err))
	}
	if _, err := conn.ExecContext(ctx, `
		SELECT pg_advisory_lock(hashtextextended('migrate/' || current_schema(), 0));
		CREATE TABLE IF NOT EXISTS migrations (
			set_name   text        NOT NULL,
			file_name  text        NOT NULL,
			sha256     text        NOT NULL,
			applied_at timestamptz NOT NULL DEFAULT now(),
			PRIMARY KEY (set_name, file_name)
		)`); err != nil {
		return Fault(fmt.Errorf("prepare migrations: %w", err))
	}
	for _, set := range sets {
		if err := set.apply(ctx, conn); err != nil {
			return Fault(fmt.Errorf("migrations of %s: %w", set.Name, err))
		}
	}
	// Whoever gets into the schema, its own roles, may see what it is: see Fit.
	_, err = conn.ExecContext(ctx, `GRANT SELECT ON migrations TO PUBLIC`)
	return Fault(err)
}

// apply runs the files of a set that were not applied yet.
func (s Set) apply(ctx context.Context, conn *sqlx.Conn) error {
	files, err := fs.Glob(s.Files, "*.sql")
	if err != nil {
		return err
	}
	slices.Sort(files)
	var done []struct {
		File string `db:"file_name"`
		Sum  string `db:"sha256"`
	}
	if err := conn.SelectContext(ctx, &done, `SELECT file_name, sha256 FROM migrations WHERE set_name = $1`, s.Name); err != nil {
		return err
	}
	sums := map[string]string{}
	for _, d := range done {
		sums[d.File] = d.Sum
	}
	for _, file := range files {
		if !fileName.MatchString(path.Base(file)) {
			return fmt.Errorf("%s is not named NNNN_name.sql", file)
		}
		content, err := fs.ReadFile(s.Files, file)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		switch was := sums[file]; was {
		case hex.EncodeToString(sum[:]):
			continue
		case "":
			if err := s.run(ctx, conn, file, string(content), hex.EncodeToString(sum[:])); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		default:
			return fault.New(fault.Conflict, "%s was applied in another form: a released migration must not change", file)
		}
	}
	return nil
}

func (s Set) run(ctx context.Context, conn *sqlx.Conn, file, content, sum string) error {
	tx, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if _, err := tx.ExecContext(ctx, content); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO migrations (set_name, file_name, sha256, applied_at) VALUES ($1, $2, $3, $4)`,
		s.Name, file, sum, time.Now()); err != nil {
		return err
	}
	return tx.Commit()
}
