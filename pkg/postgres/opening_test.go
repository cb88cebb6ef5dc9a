package postgres_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
)

const mine = `SELECT body FROM notes WHERE user_id = current_setting('app.user_id') ORDER BY body DESC`

func TestATransactionBeginsWithARow(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	type row struct{ Body string }
	opens := map[string]func(ctx context.Context, db *sqlx.DB, query string, dest any, f func(postgres.Tx) error) error{
		"locked": func(ctx context.Context, db *sqlx.DB, query string, dest any, f func(postgres.Tx) error) error {
			return postgres.LockedRow(ctx, db, `ada's\`, "notes/ada", query, dest, f)
		},
		"read": func(ctx context.Context, db *sqlx.DB, query string, dest any, f func(postgres.Tx) error) error {
			return postgres.ReadRowAs(ctx, db, `ada's\`, query, dest, f)
		},
	}
	nothing := func(postgres.Tx) error { return nil }
	for name, begin := range opens {
		found := row{"as it was"}
		if err := begin(t.Context(), db, mine, &found, nothing); err != nil || found.Body != "as it was" {
			t.Errorf("%s, nothing there: %+v, %v", name, found, err)
		}
	}
	if err := postgres.As(t.Context(), db, `ada's\`, func(tx postgres.Tx) error {
		for _, body := range []string{"first", "last"} {
			if err := add(t.Context(), tx, `ada's\`, body); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, begin := range opens {
		var found row
		var seen int
		if err := begin(t.Context(), db, mine, &found, func(tx postgres.Tx) error {
			return tx.GetContext(t.Context(), &seen, `SELECT count(*) FROM notes`)
		}); err != nil || found.Body != "last" || seen != 2 {
			t.Errorf("%s: %+v of %d, %v", name, found, seen, err)
		}
		for range 5 { // more than the pool would stand if a connection were left in a failed transaction
			if err := begin(t.Context(), db, `SELECT no_such_column`, &found, nothing); err == nil {
				t.Errorf("%s: a row that cannot be read was passed over", name)
			}
		}
		var other struct{ Text string }
		if err := begin(t.Context(), db, mine, &other, nothing); err == nil {
			t.Errorf("%s: a column went nowhere", name)
		}
	}
}

// The row is read behind the lock: of two who count on from it, neither counts twice.
func TestTheRowOfALockedTransactionIsTheLatest(t *testing.T) {
	t.Parallel()
	db := open(t, testkit.Service(t, "notes", notes).URL)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				var found struct{ Body string }
				if err := postgres.LockedRow(t.Context(), db, "ada", "notes/ada", mine, &found, func(tx postgres.Tx) error {
					n, _ := strconv.Atoi(found.Body) // 0 where there is none yet
					return add(t.Context(), tx, "ada", fmt.Sprintf("%03d", n+1))
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := bodies(t, db, "ada"); len(got) != 80 || got[79] != "080" {
		t.Errorf("%d, the last is %s", len(got), got[len(got)-1])
	}
}
