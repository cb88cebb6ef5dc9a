// Package store keeps the trail in PostgreSQL.
package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

//go:embed migrations
var files embed.FS

// Migrations are this service's tables.
func Migrations() postgres.Set {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return postgres.Set{Name: "audit", Files: sub}
}

// Entries implements trail.Store.
type Entries struct {
	App  *sqlx.DB // as audit_app, for requests: one person's rows, to be read
	Work *sqlx.DB // as audit_work, for the consumer: rows are added, none is changed
}

var _ trail.Store = (*Entries)(nil)

// Bounds of one statement, which has to end well within the role's transaction_timeout and
// is in the server's memory whole.
const (
	maxRows  = 2000
	maxBytes = 8 << 20
)

// Add writes many entries in one statement, for a round trip each would be a hundred times
// slower, and a large batch in several: adding again what was added is harmless.
func (s *Entries) Add(ctx context.Context, batch []trail.Entry, since time.Time) error {
	for len(batch) > 0 {
		n, bytes := 0, 0
		for n < len(batch) && n < maxRows && bytes < maxBytes {
			bytes += len(batch[n].Content)
			n++
		}
		if err := s.add(ctx, batch[:n], since); err != nil {
			return err
		}
		batch = batch[n:]
	}
	return nil
}

func (s *Entries) add(ctx context.Context, batch []trail.Entry, since time.Time) error {
	n := len(batch)
	ids, times, tasks, contents := newArray(oidUUID, n), newArray(oidTimestamptz, n), newArray(oidUUID, n), newArray(oidBytea, n)
	users, types := newArray(oidText, n), newArray(oidText, n)
	for _, e := range batch {
		ids.add(e.EventID[:])
		times.addTime(e.At)
		users.add([]byte(e.UserID))
		if e.TaskID == uuid.Nil {
			tasks.addNull()
		} else {
			tasks.add(e.TaskID[:])
		}
		types.add([]byte(e.Type))
		contents.add(e.Content)
	}
	_, err := s.Work.ExecContext(ctx, `
		INSERT INTO audit_log (event_id, at, user_id, task_id, event_type, content)
		SELECT n.event_id, n.at, n.user_id, n.task_id, n.event_type,
			CASE WHEN n.user_id = ANY ((SELECT array_agg(e.user_id) FROM erased e WHERE e.user_id = ANY ($3::text[]))::text[]) THEN NULL ELSE n.content END
		FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::text[], $6::bytea[])
			AS n (event_id, at, user_id, task_id, event_type, content)
		WHERE n.at >= $7
		ON CONFLICT (event_id) DO NOTHING`,
		ids, times, users, tasks, types, contents, since)
	if err != nil {
		return postgres.Fault(fmt.Errorf("add entries: %w", err))
	}
	return nil
}

// maxErased is how many rows one transaction takes the content of.
const maxErased = 5000

// Erase goes in steps; see the functions' own words in the migration.
func (s *Entries) Erase(ctx context.Context, userID string) error {
	if _, err := s.Work.ExecContext(ctx, `SELECT forget($1)`, userID); err != nil {
		return postgres.Fault(fmt.Errorf("forget person: %w", err))
	}
	if _, err := s.Work.ExecContext(ctx, `SELECT settle()`); err != nil {
		return postgres.Fault(fmt.Errorf("wait for entries that are being added: %w", err))
	}
	for n := maxErased; n == maxErased; {
		if err := s.Work.GetContext(ctx, &n, `SELECT erase($1, $2)`, userID, maxErased); err != nil {
			return postgres.Fault(fmt.Errorf("erase content: %w", err))
		}
	}
	return nil
}

// List reads along an index that has the order of the list: the task's, or the person's.
func (s *Entries) List(ctx context.Context, userID string, page trail.Page, since time.Time) (found []trail.Entry, err error) {
	args := []any{userID, since}
	arg := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	where := []string{`user_id = $1`, `at >= $2`, `content IS NOT NULL`}
	if page.TaskID != uuid.Nil {
		where = append(where, `task_id = `+arg(page.TaskID))
	}
	if page.Types != nil {
		types := newArray(oidText, len(page.Types))
		for _, t := range page.Types {
			types.add([]byte(t))
		}
		where = append(where, `event_type = ANY (`+arg(types)+`::text[])`)
	}
	if !page.From.IsZero() {
		where = append(where, `at >= `+arg(page.From))
	}
	if !page.To.IsZero() {
		where = append(where, `at <= `+arg(page.To))
	}
	if page.After != nil {
		where = append(where, fmt.Sprintf(`(at, event_id) < (%s, %s)`, arg(page.After.At), arg(page.After.EventID)))
	}
	query := `SELECT event_id, at, user_id, task_id, event_type, content FROM audit_log
		WHERE ` + strings.Join(where, ` AND `) + ` ORDER BY at DESC, event_id DESC LIMIT ` + arg(page.Limit)
	var rows []row
	if err := postgres.ReadAs(ctx, s.App, userID, func(tx postgres.Tx) error {
		return tx.SelectContext(ctx, &rows, query, args...)
	}); err != nil {
		return nil, fmt.Errorf("list entries: %w", err)
	}
	for _, r := range rows {
		found = append(found, trail.Entry{EventID: r.EventID, At: r.At.UTC(), UserID: r.UserID, TaskID: r.TaskID.UUID, Type: r.Type, Content: r.Content})
	}
	return found, nil
}

type row struct {
	EventID uuid.UUID `db:"event_id"`
	At      time.Time
	UserID  string        `db:"user_id"`
	TaskID  uuid.NullUUID `db:"task_id"`
	Type    string        `db:"event_type"`
	Content []byte
}
