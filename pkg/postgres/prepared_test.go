package postgres_test

import (
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
)

// kept are the statements that the one connection of db has prepared.
func kept(t *testing.T, db *sqlx.DB) (texts []string) {
	t.Helper()
	if err := db.SelectContext(t.Context(), &texts, `SELECT statement FROM pg_prepared_statements`); err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestWhatIsWrittenAgainIsPreparedOnceAndSeesWhosePersonItIs(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	db.SetMaxOpenConns(1)
	for _, user := range []string{"ada", "bob", "ada", "bob", "ada", "bob", "ada", "bob"} { // more often than PostgreSQL plans anew
		if err := postgres.As(t.Context(), db, user, func(tx postgres.Tx) error { return add(t.Context(), tx, user, "note") }); err != nil {
			t.Fatal(err)
		}
		if err := postgres.As(t.Context(), db, user, func(tx postgres.Tx) error { return add(t.Context(), tx, "carol", "forged") }); err == nil {
			t.Fatal("a prepared statement went around the policy")
		}
	}
	if got := kept(t, db); len(got) != 1 || !strings.HasPrefix(got[0], "INSERT INTO notes") {
		t.Errorf("prepared: %q", got)
	}
	if got := bodies(t, db, "ada"); len(got) != 4 {
		t.Errorf("ada has %d notes", len(got))
	}
}

func TestAForgottenStatementIsPreparedAnew(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	db.SetMaxOpenConns(1)
	write := func() error {
		return postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error { return add(t.Context(), tx, "ada", "note") })
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `DEALLOCATE ALL`); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil {
		t.Error("the server forgot the statement, and took it")
	}
	if err := write(); err != nil {
		t.Errorf("the time after: %v", err)
	}
}

func TestAMigrationBelowAPreparedStatementIsNoHarm(t *testing.T) {
	t.Parallel()
	ways := testkit.Service(t, "notes", notes)
	db, owner := open(t, ways.URL), open(t, ways.MigrateURL)
	db.SetMaxOpenConns(1)
	for _, change := range []string{`SELECT 1`, `ALTER TABLE notes ADD COLUMN colour text NOT NULL DEFAULT 'red'`, `ALTER TABLE notes ALTER COLUMN body TYPE varchar(100)`} {
		if _, err := owner.ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if err := postgres.As(t.Context(), db, "ada", func(tx postgres.Tx) error { return add(t.Context(), tx, "ada", "note") }); err != nil {
			t.Errorf("after %s: %v", change, err)
		}
	}
}
