package store_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// bench is a database with the service on it.
type bench struct {
	*testing.T
	ways postgres.Settings
	*task.Service
}

func setup(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{T: t, ways: testkit.Service(t, "api", outbox.Migrations, store.Migrations())}
	b.Service = &task.Service{Store: &store.Tasks{DB: b.open(b.ways.URL)}, Now: postgres.Now}
	b.Cleanup(b.agree)
	return b
}

func (b *bench) open(address string) *sqlx.DB {
	b.Helper()
	db, err := postgres.Open(address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func of(user string) task.Author {
	return task.Author{UserID: user, Zone: time.UTC, ActorType: "user", Source: "api", RequestID: "request-1"}
}

func (b *bench) add(user, title string, more ...func(*task.Patch)) task.Task {
	b.Helper()
	fields := task.Patch{Title: &title}
	for _, m := range more {
		m(&fields)
	}
	made, err := b.Create(b.Context(), of(user), task.Once{}, fields)
	if err != nil {
		b.Fatal(err)
	}
	return made.Task
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// trash puts a task of ada's into the trash.
func (b *bench) trash(id uuid.UUID) {
	b.Helper()
	_, err := b.Delete(b.Context(), of("ada"), task.Once{}, id, nil)
	b.must(err)
}

// The order in which a relay reads must be the order of the person's changes, whoever came
// first: also for the very first changes of somebody new.
func TestEventsOfOnePersonAreInTheOrderOfTheirSeq(t *testing.T) {
	b := setup(t)
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for range 10 {
				title := "water the plants"
				made, err := b.Create(t.Context(), of("ada"), task.Once{}, task.Patch{Title: &title})
				if err == nil {
					_, err = b.Complete(t.Context(), of("ada"), task.Once{}, made.Task.ID, nil)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	var values [][]byte
	b.must(b.open(b.ways.WorkURL).SelectContext(t.Context(), &values, `SELECT o.value FROM outbox o ORDER BY o.xid, o.id`))
	var seqs []int64
	for _, value := range values {
		var ev taskv1.TaskCreated // its numbers are those of every task event
		b.must(proto.Unmarshal(value, &ev))
		seqs = append(seqs, ev.GetSeq())
	}
	if len(seqs) != 320 || !slices.IsSorted(seqs) || seqs[0] != 1 || seqs[319] != 320 {
		t.Errorf("%d events, seqs %v", len(seqs), seqs)
	}
}

func TestAnotherPersonsTaskIsNotThere(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "water the plants")
	if _, err := b.Complete(t.Context(), of("bob"), task.Once{}, made.ID, nil); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("complete: %v", err)
	}
	if _, err := b.Find(t.Context(), of("bob"), made.ID); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("find: %v", err)
	}
	listed, err := b.List(t.Context(), of("bob"), task.Page{Limit: 10})
	if err != nil || len(listed.Tasks) != 0 {
		t.Errorf("list: %v, %v", listed.Tasks, err)
	}
}

// The second wall holds where the first has a hole: whatever a query asks for, the database
// shows one person's rows.
func TestTheDatabaseItselfRefusesForeignRows(t *testing.T) {
	b := setup(t)
	b.add("ada", "secret")
	app := b.open(b.ways.URL)
	for _, table := range []string{"people", "tasks", "task_changes", "idempotency_keys"} {
		var without, with int
		b.must(app.GetContext(t.Context(), &without, `SELECT count(*) FROM `+table))
		b.must(postgres.As(t.Context(), app, "bob", func(tx postgres.Tx) error {
			return tx.GetContext(t.Context(), &with, `SELECT count(*) FROM `+table+` WHERE user_id = 'ada'`)
		}))
		if without != 0 || with != 0 {
			t.Errorf("%s: %d rows without a person, %d as another", table, without, with)
		}
	}
	for _, forged := range []string{
		`UPDATE tasks SET title = 'stolen'`, `DELETE FROM tasks`,
		`UPDATE people SET seq = 0 WHERE user_id = 'ada'`,
	} {
		b.must(postgres.As(t.Context(), app, "bob", func(tx postgres.Tx) error {
			result, err := tx.ExecContext(t.Context(), forged)
			if err != nil {
				return err
			}
			if n, _ := result.RowsAffected(); n != 0 {
				t.Errorf("%s: %d rows", forged, n)
			}
			return nil
		}))
	}
}

func TestACallUnderAKeyHasItsEffectOnce(t *testing.T) {
	b := setup(t)
	once := task.Once{Key: "k", Print: [32]byte{1}, Window: time.Hour}
	title := "once"
	var ids []string
	var wait sync.WaitGroup
	var mu sync.Mutex
	for range 8 {
		wait.Go(func() {
			made, err := b.Create(t.Context(), of("ada"), once, task.Patch{Title: &title})
			mu.Lock()
			defer mu.Unlock()
			if ids = append(ids, made.Task.ID.String()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("one key made %v", ids)
	}
	once.Print[0] = 2
	if _, err := b.Create(t.Context(), of("ada"), once, task.Patch{Title: &title}); err == nil {
		t.Error("another request was taken under the same key")
	}
	if _, err := b.Create(t.Context(), of("bob"), once, task.Patch{Title: &title}); err != nil {
		t.Errorf("another person's key of that name: %v", err)
	}
}

// A list that is read page by page has each task once that was there throughout, whatever
// is written meanwhile, in every order.
func TestAListThatIsWrittenToMeanwhileHasEachTaskOnce(t *testing.T) {
	b := setup(t)
	var tasks []task.Task
	for i := range 40 {
		tasks = append(tasks, b.add("ada", "task "+strconv.Itoa(i), func(p *task.Patch) {
			if i%3 > 0 {
				due := time.Date(2027, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
				p.Due = &due
			}
		}))
	}
	for _, sort := range []task.Sort{task.ByDue, task.ByPriority, task.ByCreated, task.ByUpdated, task.ByTitle} {
		for _, descending := range []bool{false, true} {
			met := map[string]int{}
			page := &task.Page{Query: task.Query{Sort: sort, Descending: descending}, Limit: 7}
			for turn := 0; page != nil; turn++ {
				listed, err := b.List(t.Context(), of("ada"), *page)
				b.must(err)
				for _, t := range listed.Tasks {
					met[t.ID.String()]++
				}
				for i := range 4 { // moves tasks in every order
					one := tasks[(turn*4+i*11)%len(tasks)]
					title, priority := "moved "+strconv.Itoa(40-turn), []string{"low", "critical"}[turn%2]
					due := time.Date(2026, 12, 1+turn*5, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
					_, err := b.Edit(t.Context(), of("ada"), task.Once{}, one.ID, task.Patch{Title: &title, Priority: &priority, Due: &due}, nil)
					b.must(err)
				}
				b.add("ada", "new")
				page = listed.Next
			}
			for _, one := range tasks {
				if met[one.ID.String()] != 1 {
					t.Errorf("by %s, descending %v: %s was met %d times", sort, descending, one.Title, met[one.ID.String()])
				}
			}
		}
	}
}

func TestEveryFilterSaysInSQLWhatItSaysInGo(t *testing.T) {
	b := setup(t)
	now := postgres.Now()
	day := func(n int) string { return now.AddDate(0, 0, n).Format(time.DateOnly) }
	set := func(due, priority string, tags ...string) func(*task.Patch) {
		return func(p *task.Patch) { p.Due, p.Priority, p.Tags = &due, &priority, &tags }
	}
	made := []task.Task{
		b.add("ada", "Straße fegen", set(day(-1), "high", "Home")), b.add("ada", "Café crème", set(day(0), "low", "work", "home")),
		b.add("ada", "50% off_all", set(day(3), "critical")), b.add("ada", "plain"), b.add("ada", "far", set(day(30), "normal", "WORK")),
		b.add("ada", "done", set(day(-2), "high", "home")), b.add("ada", "gone", set(day(1), "high", "home")),
	}
	_, err := b.Complete(t.Context(), of("ada"), task.Once{}, made[5].ID, nil)
	b.must(err)
	b.trash(made[6].ID)
	for i := range made {
		found, err := b.Find(t.Context(), of("ada"), made[i].ID)
		b.must(err)
		made[i] = found.Task
	}
	for name, test := range map[string]struct {
		query task.Query
		want  int
	}{
		"all": {task.Query{}, 6}, "pending": {task.Query{Status: task.Pending}, 5}, "completed": {task.Query{Status: task.Done}, 1},
		"trash": {task.Query{Status: task.Trashed}, 1}, "priority": {task.Query{Priorities: []task.Priority{task.High, task.Low}}, 3},
		"tag": {task.Query{Tags: []string{"work"}}, 2}, "tags": {task.Query{Tags: []string{"work", "home"}}, 4},
		"overdue": {task.Query{Due: task.Overdue}, 1}, "today": {task.Query{Due: task.Today}, 1}, "week": {task.Query{Due: task.Week}, 2},
		"from": {task.Query{Since: day(3)}, 2}, "to": {task.Query{Til: day(0)}, 3}, "between": {task.Query{Since: day(-1), Til: day(3)}, 3},
		"sharp s": {task.Query{Search: task.ParseSearch("STRASSE")}, 1}, "accents": {task.Query{Search: task.ParseSearch("cafe CREME")}, 1},
		"in a tag": {task.Query{Search: task.ParseSearch("wor")}, 2}, "wildcards": {task.Query{Search: task.ParseSearch("% _")}, 1}, "without": {task.Query{Search: task.ParseSearch("-home -crème")}, 3},
		"a phrase": {task.Query{Search: task.ParseSearch("\"café CREME\"")}, 1}, "no phrase": {task.Query{Search: task.ParseSearch("\"creme cafe\"")}, 0},
		"a word without a phrase": {task.Query{Search: task.ParseSearch("f -\"off all\"")}, 4}, "nothing": {task.Query{Search: task.ParseSearch("zzz")}, 0},
	} {
		test.query.Now = now
		listed, err := b.List(t.Context(), of("ada"), task.Page{Query: test.query, Limit: 50})
		b.must(err)
		matching := 0
		test.query.Settle(time.UTC)
		for i := range made {
			if test.query.Matches(&made[i]) {
				matching++
			}
		}
		if len(listed.Tasks) != test.want || matching != test.want || listed.Total != test.want {
			t.Errorf("%s: %d listed, %d counted, %d matching; want %d", name, len(listed.Tasks), listed.Total, matching, test.want)
		}
	}
}
