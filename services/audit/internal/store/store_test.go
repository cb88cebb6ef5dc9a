package store_test

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/audit/internal/store"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// bench is a database with the trail on it.
type bench struct {
	testing.TB
	*trail.Service
	entries *store.Entries
	ways    postgres.Settings
}

func open(t testing.TB) *bench {
	t.Helper()
	if t, ok := t.(*testing.T); ok {
		t.Parallel()
	}
	b := &bench{TB: t, ways: testkit.Service(t, "audit", store.Migrations())}
	b.entries = &store.Entries{App: b.connect(b.ways.URL), Work: b.connect(b.ways.WorkURL)}
	b.Service = &trail.Service{Store: b.entries, Now: postgres.Now, Retention: 365 * 24 * time.Hour}
	return b
}

func (b *bench) connect(address string) *sqlx.DB {
	b.Helper()
	db, err := postgres.Open(address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

// superuser connects as the one whom grants and policies do not hold.
func (b *bench) superuser() *sqlx.DB {
	return b.connect(strings.Replace(b.ways.URL, "audit_app:audit_app@", "postgres:postgres@", 1) + "&search_path=audit")
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// entry is about something that happened n seconds before now.
func entry(user string, n int, more ...func(*trail.Entry)) trail.Entry {
	e := trail.Entry{
		EventID: uuid.Must(uuid.NewV7()), At: postgres.Now().Add(-time.Duration(n) * time.Second), UserID: user,
		TaskID: uuid.Must(uuid.NewV7()), Type: events.TaskUpdated, Content: []byte("what happened"),
	}
	for _, f := range more {
		f(&e)
	}
	return e
}

func (b *bench) list(user string, f trail.Filter) []trail.Entry {
	b.Helper()
	listed, err := b.List(b.Context(), user, trail.Page{Filter: f, Limit: 100})
	b.must(err)
	return listed.Entries
}

func TestAnEntryAddedTwiceIsThereOnceAndWhole(t *testing.T) {
	b := open(t)
	first := entry("ada", 3)
	second := entry("ada", 2, func(e *trail.Entry) { e.TaskID, e.Type = uuid.Nil, "user.promoted" })
	third := entry("ada", 1, func(e *trail.Entry) { e.Content = []byte{0, 0xff, '"', '\\'} })
	for _, batch := range [][]trail.Entry{{first, second}, {second, third}, {third, third}, {}} {
		b.must(b.Record(t.Context(), batch))
	}
	if got := b.list("ada", trail.Filter{}); !reflect.DeepEqual(got, []trail.Entry{third, second, first}) {
		t.Errorf("got %+v", got)
	}
}

func TestNobodyChangesTheTrail(t *testing.T) {
	b := open(t)
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 1)}))
	var part string
	b.must(b.entries.Work.GetContext(t.Context(), &part, `SELECT tableoid::regclass::text FROM audit_log`))
	super := b.superuser()
	for role, db := range map[string]*sqlx.DB{
		"app": b.entries.App, "work": b.entries.Work, "owner": b.connect(b.ways.MigrateURL), "superuser": super,
	} {
		for _, statement := range []string{
			`UPDATE audit_log SET event_type = 'task.created'`, `UPDATE audit_log SET content = NULL, user_id = 'bob'`,
			`DELETE FROM audit_log`, `TRUNCATE audit_log`, `TRUNCATE ` + part, `UPDATE ` + part + ` SET event_type = 'x'`,
		} {
			if role == "owner" && strings.HasPrefix(statement, "DELETE") {
				continue // of what it sees, which is nothing: below
			}
			result, err := db.ExecContext(t.Context(), statement)
			if err == nil {
				if n, _ := result.RowsAffected(); n > 0 || role == "superuser" {
					t.Errorf("%s: %s changed %d rows", role, statement, n)
				}
			}
		}
		if role == "app" {
			if _, err := db.ExecContext(t.Context(), `INSERT INTO audit_log (event_id, at, user_id, event_type) VALUES (gen_random_uuid(), now(), 'ada', 'x')`); err == nil {
				t.Error("the role of requests added a row")
			}
			if _, err := db.ExecContext(t.Context(), `SELECT erase('ada', 10)`); err == nil {
				t.Error("the role of requests erased")
			}
		}
	}
	if _, err := b.connect(b.ways.MigrateURL).ExecContext(t.Context(), `DELETE FROM audit_log`); err != nil {
		t.Error(err)
	}
	if got := b.list("ada", trail.Filter{}); len(got) != 1 {
		t.Errorf("%d entries are left", len(got))
	}
}

// The second wall holds where the first has a hole: whatever a query asks for, the database
// shows one person's rows.
func TestTheDatabaseItselfRefusesForeignRows(t *testing.T) {
	b := open(t)
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 1)}))
	var part string
	b.must(b.entries.Work.GetContext(t.Context(), &part, `SELECT tableoid::regclass::text FROM audit_log`))
	for role, db := range map[string]*sqlx.DB{"app": b.entries.App, "owner": b.connect(b.ways.MigrateURL)} {
		var without, with int
		b.must(db.GetContext(t.Context(), &without, `SELECT count(*) FROM audit_log`))
		b.must(postgres.As(t.Context(), db, "bob", func(tx postgres.Tx) error {
			return tx.GetContext(t.Context(), &with, `SELECT count(*) FROM audit_log WHERE user_id = 'ada'`)
		}))
		if without != 0 || with != 0 {
			t.Errorf("%s: %d rows without a person, %d as another", role, without, with)
		}
	}
	var n int
	if err := postgres.As(t.Context(), b.entries.App, "bob", func(tx postgres.Tx) error {
		return tx.GetContext(t.Context(), &n, `SELECT count(*) FROM `+part)
	}); err == nil {
		t.Errorf("a month was read past the policy: %d rows", n)
	}
	if got := b.list("bob", trail.Filter{}); got != nil {
		t.Errorf("bob sees %+v", got)
	}
}

func TestAFilterNarrowsTheList(t *testing.T) {
	b := open(t)
	is := func(kind string) func(*trail.Entry) { return func(e *trail.Entry) { e.Type = kind } }
	a, c := entry("ada", 40, is(events.TaskCreated)), entry("ada", 20, is(events.TaskDeleted))
	u := entry("ada", 30, func(e *trail.Entry) { e.TaskID = a.TaskID })
	b.must(b.Record(t.Context(), []trail.Entry{u, c, a, entry("bob", 30, func(e *trail.Entry) { e.TaskID = a.TaskID })}))
	for name, test := range map[string]struct {
		filter trail.Filter
		want   []trail.Entry
	}{
		"all":       {trail.Filter{}, []trail.Entry{c, u, a}},
		"task":      {trail.Filter{TaskID: a.TaskID}, []trail.Entry{u, a}},
		"type":      {trail.Filter{Types: []string{events.TaskDeleted}}, []trail.Entry{c}},
		"types":     {trail.Filter{Types: []string{events.TaskDeleted, events.TaskCreated}}, []trail.Entry{c, a}},
		"from":      {trail.Filter{From: u.At}, []trail.Entry{c, u}},
		"to":        {trail.Filter{To: u.At}, []trail.Entry{u, a}},
		"both":      {trail.Filter{From: u.At, To: u.At}, []trail.Entry{u}},
		"of a task": {trail.Filter{TaskID: a.TaskID, Types: []string{events.TaskUpdated}, To: c.At}, []trail.Entry{u}},
		"nothing":   {trail.Filter{Types: []string{"task.shared"}}, nil},
	} {
		if got := b.list("ada", test.filter); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// Entries also arrive late, and several have one instant.
func TestAListThatIsWrittenToMeanwhileHasEachEntryOnce(t *testing.T) {
	b := open(t)
	at := postgres.Now()
	many := func(n int) (batch []trail.Entry) {
		for i := range n {
			batch = append(batch, entry("ada", 0, func(e *trail.Entry) { e.At = at.Add(-time.Duration(i/4) * time.Minute) }))
		}
		return batch
	}
	there, met := many(60), map[uuid.UUID]int{}
	b.must(b.Record(t.Context(), there))
	var order []trail.Place
	for page := (trail.Page{Limit: 7}); ; {
		listed, err := b.List(t.Context(), "ada", page)
		b.must(err)
		for _, e := range listed.Entries {
			met[e.EventID]++
			order = append(order, e.Place())
		}
		if listed.Next == nil {
			break
		}
		page.After = listed.Next
		b.must(b.Record(t.Context(), many(8)))
	}
	for _, e := range there {
		if met[e.EventID] != 1 {
			t.Errorf("an entry was met %d times", met[e.EventID])
		}
	}
	if !slices.IsSortedFunc(order, func(a, b trail.Place) int { return b.At.Compare(a.At) }) {
		t.Errorf("not newest first: %v", order)
	}
}

// Whoever is gone stays gone, although their events arrive on several topics at once.
func TestThePersonsContentGoesWithThem(t *testing.T) {
	b := open(t)
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 2), entry("bob", 2)}))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 25 {
				if err := b.Record(t.Context(), []trail.Entry{entry("ada", 1)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	gone := entry("ada", 0, func(e *trail.Entry) { e.Type, e.TaskID = events.UserDeleted, uuid.Nil })
	b.must(b.Record(t.Context(), []trail.Entry{gone}))
	b.must(b.Record(t.Context(), []trail.Entry{gone})) // a redelivery
	wait.Wait()
	var left []struct {
		User    string `db:"user_id"`
		Rows    int
		Content int
	}
	b.must(b.entries.Work.SelectContext(t.Context(), &left, `
		SELECT user_id, count(*) AS rows, count(content) AS content FROM audit_log GROUP BY user_id ORDER BY user_id`))
	want := []struct {
		User    string `db:"user_id"`
		Rows    int
		Content int
	}{{"ada", 102, 0}, {"bob", 1, 1}}
	if !reflect.DeepEqual(left, want) {
		t.Errorf("left are %+v", left)
	}
	if got := b.list("ada", trail.Filter{}); got != nil {
		t.Errorf("%d entries are listed", len(got))
	}
}

// A transaction that adds rows may have begun before the person went, and commits later.
func TestErasingWaitsForWhatIsBeingAdded(t *testing.T) {
	b := open(t)
	late := b.entries.Work.MustBegin()
	late.MustExec(`INSERT INTO audit_log (event_id, at, user_id, event_type, content) VALUES (gen_random_uuid(), now(), 'ada', 'task.created', 'secret')`)
	erased := make(chan error, 1)
	go func() { erased <- b.entries.Erase(t.Context(), "ada") }()
	for waiting := 0; waiting == 0; {
		select {
		case err := <-erased:
			t.Fatalf("it did not wait: %v", err)
		default:
			b.must(b.entries.Work.GetContext(t.Context(), &waiting, `
				SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
				WHERE NOT granted AND relation = 'audit_log'::regclass AND datname = current_database()`))
		}
	}
	b.must(late.Commit())
	b.must(<-erased)
	var left int
	b.must(b.entries.Work.GetContext(t.Context(), &left, `SELECT count(content) FROM audit_log`))
	if left != 0 {
		t.Errorf("the content of %d entries is left", left)
	}
}

func TestADatabaseThatIsAwayIsNoFaultOfTheEntries(t *testing.T) {
	b := open(t)
	b.must(b.entries.Work.Close())
	if err := b.Record(t.Context(), []trail.Entry{entry("ada", 1)}); err == nil || errors.Is(err, t.Context().Err()) {
		t.Errorf("got %v", err)
	}
}
