package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// notes is a service with one table of which each person sees their own rows.
var notes = postgres.Set{Name: "notes", Files: fstest.MapFS{"0001_notes.sql": {Data: []byte(`
	CREATE TABLE notes (user_id text NOT NULL, body text NOT NULL);
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	ALTER TABLE notes FORCE ROW LEVEL SECURITY;
	CREATE POLICY own ON notes TO notes_app
		USING (user_id = current_setting('app.user_id', true)) WITH CHECK (user_id = current_setting('app.user_id', true));
	CREATE POLICY every ON notes TO notes_work USING (true);`)}}}

func open(t *testing.T, address string) *sqlx.DB {
	t.Helper()
	db, err := postgres.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func add(ctx context.Context, tx postgres.Tx, user, body string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO notes (user_id, body) VALUES ($1, $2)`, user, body)
	return err
}

func bodies(t *testing.T, db *sqlx.DB, user string) (found []string) {
	t.Helper()
	if err := postgres.As(t.Context(), db, user, func(tx postgres.Tx) error {
		return tx.SelectContext(t.Context(), &found, `SELECT body FROM notes ORDER BY body`)
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAPersonSeesTheirRowsAlone(t *testing.T) {
	t.Parallel()
	ways := testkit.Service(t, "notes", notes)
	app, work, owner := open(t, ways.URL), open(t, ways.WorkURL), open(t, ways.MigrateURL)
	for _, user := range []string{"ada", "bob's", `\'; DROP TABLE notes; --`} {
		if err := postgres.Locked(t.Context(), app, user, "notes/"+user, func(tx postgres.Tx) error {
			return add(t.Context(), tx, user, "of "+user)
		}); err != nil {
			t.Fatal(err)
		}
		if got := bodies(t, app, user); len(got) != 1 || got[0] != "of "+user {
			t.Errorf("%s sees %q", user, got)
		}
	}
	for name, test := range map[string]struct {
		db   *sqlx.DB
		want int
	}{"app without a person": {app, 0}, "owner": {owner, 0}, "work": {work, 3}} {
		var n int
		if err := test.db.GetContext(t.Context(), &n, `SELECT count(*) FROM notes`); err != nil || n != test.want {
			t.Errorf("%s sees %d rows, %v", name, n, err)
		}
	}
	if err := postgres.As(t.Context(), app, "ada", func(tx postgres.Tx) error { return add(t.Context(), tx, "bob", "forged") }); err == nil {
		t.Error("ada wrote a row of bob's")
	}
}

func TestATransactionIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	stop := errors.New("stop")
	if err := postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error {
		return errors.Join(add(t.Context(), tx, "ada", "half"), stop)
	}); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if err := postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error {
		if err := add(t.Context(), tx, "ada", "before"); err != nil {
			return err
		}
		_, _ = tx.ExecContext(t.Context(), `SELECT no_such_column`) // and carries on as if nothing were
		return nil
	}); err == nil {
		t.Error("a transaction that PostgreSQL rolled back was taken for committed")
	}
	func() {
		defer func() { _ = recover() }()
		_ = postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error {
			_ = add(t.Context(), tx, "ada", "panic")
			panic("boom")
		})
	}()
	ctx, cancel := context.WithCancel(t.Context())
	if err := postgres.As(ctx, db, "ada", func(tx postgres.Tx) error {
		err := add(ctx, tx, "ada", "cancelled")
		cancel()
		return err
	}); err == nil {
		t.Error("a cancelled transaction was committed")
	}
	if got := bodies(t, db, "ada"); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

func TestAMissingRowFailsNothing(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	err := postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error {
		var body string
		if err := tx.GetContext(t.Context(), &body, `SELECT body FROM notes`); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("got %q, %v", body, err)
		}
		return add(t.Context(), tx, "ada", "first")
	})
	if got := bodies(t, db, "ada"); err != nil || len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAnAwayDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	db := open(t, "postgres://nobody@127.0.0.1:1/none?sslmode=disable")
	err := postgres.InTx(t.Context(), db, func(postgres.Tx) error { return nil })
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	if err := postgres.Ready(db)(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("readiness: %v", err)
	}
	if _, err := postgres.Open("localhost/db"); err == nil || strings.Contains(err.Error(), "localhost") {
		t.Errorf("an address that is none: %v", err)
	}
}

func TestALongTransactionIsEnded(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	began := time.Now()
	err := postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error {
		_, err := tx.ExecContext(t.Context(), `SELECT pg_sleep(20)`)
		return err
	})
	if took := time.Since(began); fault.KindOf(err) != fault.Unavailable || took > 15*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
}

func TestMigrationsRunOnceAndMustNotChange(t *testing.T) {
	t.Parallel()
	ways := testkit.Service(t, "notes", notes)
	files := fstest.MapFS{"0001_more.sql": {Data: []byte(`CREATE TABLE more (id int)`)}}
	more := postgres.Set{Name: "more", Files: files}
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() { failed <- postgres.Migrate(t.Context(), ways.MigrateURL, notes, more) }()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	files["0002_broken.sql"] = &fstest.MapFile{Data: []byte(`CREATE TABLE half (id int); SELECT nonsense`)}
	if err := postgres.Migrate(t.Context(), ways.MigrateURL, more); err == nil || !strings.Contains(err.Error(), "0002_broken.sql") {
		t.Errorf("a broken migration: %v", err)
	}
	files["0002_broken.sql"] = &fstest.MapFile{Data: []byte(`CREATE TABLE half (id int)`)}
	if err := postgres.Migrate(t.Context(), ways.MigrateURL, more); err != nil {
		t.Errorf("mended: %v", err)
	}
	files["0001_more.sql"] = &fstest.MapFile{Data: []byte(`CREATE TABLE more (id bigint)`)}
	if err := postgres.Migrate(t.Context(), ways.MigrateURL, more); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a changed migration: %v", err)
	}
}
