package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// How much is in the tables of a town.
const (
	ownTasks    = 100_000
	fewOthers   = 100_000 // what others have before there are many
	perStranger = 1_000
	perCopy     = 50_000  // of one transaction
	manyRows    = 500_000 // from how many on indexes are quicker made anew than kept
)

// town is an installation that others use too. The first of its people came early, with the first
// of the others; the tasks of the second lie scattered among those of the rest.
type town struct {
	db     *sqlx.DB
	people []*person.Person
	own    int // how many of them have their tasks
	others int // tasks of others that are there
	number int // of tasks that were made, which tells them apart
	seqs   map[string]int
}

// settle finds the people of a town that was kept, or has them sign up.
func (b *bench) settle(ctx context.Context, db *sqlx.DB) (*town, error) {
	t := &town{db: db, seqs: map[string]int{}}
	if err := db.GetContext(ctx, &t.others, `SELECT count(*) * $1 FROM api.people WHERE user_id LIKE 'stranger-%'`, perStranger); err != nil {
		return nil, err
	}
	var known []string
	if err := db.SelectContext(ctx, &known, `
		SELECT u.email FROM identity.users u JOIN api.people p ON p.user_id = u.id WHERE p.seq = $1 ORDER BY u.created_at`, ownTasks); err != nil {
		return nil, err
	}
	for i := range 2 {
		var p *person.Person
		var err error
		if i < len(known) {
			p, err = person.SignIn(ctx, b.house.Public(), known[i])
		} else {
			p, err = person.SignUp(ctx, b.house.Public(), "Europe/Berlin")
		}
		if err != nil {
			return nil, err
		}
		p.API = b.house.URL("api")
		t.people = append(t.people, p)
	}
	t.own, t.number = len(known), t.others+len(known)*ownTasks
	return t, nil
}

// sizes are how many tasks others have when the lists are measured.
func (t *town) sizes(most int) []int {
	if t.others < fewOthers && most > fewOthers {
		return []int{fewOthers, most}
	}
	return []int{max(t.others, most)}
}

// grow loads tasks of others until there are so many, and people's own among them.
func (t *town) grow(ctx context.Context, others int) error {
	if t.others >= others || t.own == len(t.people) {
		return nil
	}
	own := t.people[t.own]
	fmt.Fprintf(os.Stderr, "loading %s tasks\n", thousands(others-t.others+ownTasks))
	began, more := time.Now(), others-t.others
	made, err := t.unindexed(ctx, more)
	if err != nil {
		return err
	}
	// Of every more+ownTasks rows, evenly, ownTasks are one's own.
	for at, mine := 0, 0; at < more+ownTasks; {
		to := min(at+perCopy, more+ownTasks)
		if err := t.copy(ctx, to-at, func(i int) string {
			if place := at + i + 1; place*ownTasks/(more+ownTasks) > mine {
				mine++
				return own.ID
			}
			return fmt.Sprintf("stranger-%d", (t.others+at+i-mine)/perStranger)
		}); err != nil {
			return err
		}
		at = to
	}
	if err := t.count(ctx, others, own.ID); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "loaded in %s; indexes\n", time.Since(began).Round(time.Second))
	steps := append(made, `VACUUM (ANALYZE) api.tasks, api.task_search`, `CHECKPOINT`)
	for _, statement := range steps {
		if _, err := t.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("after the load: %w", err)
		}
	}
	fmt.Fprintf(os.Stderr, "ready after %s\n", time.Since(began).Round(time.Second))
	t.others, t.own = others, t.own+1
	return nil
}

// unindexed takes indexes away before much is loaded, and returns what makes them again.
func (t *town) unindexed(ctx context.Context, rows int) (again []string, err error) {
	if rows < manyRows {
		return nil, nil
	}
	var indexes []struct{ Name, Made string }
	if err := t.db.SelectContext(ctx, &indexes, `
		SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made FROM pg_index i
		WHERE i.indrelid IN ('api.tasks'::regclass, 'api.task_search'::regclass) AND NOT i.indisprimary`); err != nil {
		return nil, fmt.Errorf("which indexes there are: %w", err)
	}
	again = []string{`SET maintenance_work_mem = '512MB'`}
	for _, index := range indexes {
		if _, err := t.db.ExecContext(ctx, `DROP INDEX `+index.Name); err != nil {
			return nil, fmt.Errorf("drop an index: %w", err)
		}
		again = append(again, index.Made)
	}
	return again, nil
}

// count makes what is known of the people whose tasks were loaded.
func (t *town) count(ctx context.Context, others int, own string) error {
	_, err := t.db.ExecContext(ctx, `
		INSERT INTO api.people (user_id, seq)
		SELECT 'stranger-' || n, $4::bigint FROM generate_series($1::int, $2::int - 1) n UNION ALL SELECT $3::text, $5::bigint
		ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq`, t.others/perStranger, others/perStranger, own, perStranger, ownTasks)
	if err != nil {
		return fmt.Errorf("count people: %w", err)
	}
	return nil
}

// copy loads n tasks, whose they are being told by their number, and what is searched of them.
func (t *town) copy(ctx context.Context, n int, whose func(int) string) (err error) {
	tx, err := t.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	rows := make([]task, n)
	for i := range rows {
		user := whose(i)
		t.seqs[user]++
		rows[i] = task{user, uuid.Must(uuid.NewV7()), t.number, t.seqs[user]}
		t.number++
	}
	for _, table := range []struct {
		into string
		of   func(task) []any
	}{{copyTasks, task.row}, {copySearch, task.searched}} {
		if err := fillIn(ctx, tx.Tx, table.into, rows, table.of); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func fillIn(ctx context.Context, tx *sql.Tx, into string, rows []task, of func(task) []any) (err error) {
	to, err := tx.PrepareContext(ctx, into)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	for _, r := range rows {
		if _, err := to.ExecContext(ctx, of(r)...); err != nil {
			return fmt.Errorf("copy: %w", err)
		}
	}
	_, err = to.ExecContext(ctx)
	return err
}

const (
	copyTasks = `COPY api.tasks (user_id, id, title, title_key, description, completed_at, priority, tags,
		due_wall, due_timed, due_at, time_zone, version, seq, created_at, updated_at, reminders) FROM STDIN`
	copySearch = `COPY api.task_search (user_id, task_id, text, tags, title_key, completed_at, priority, due_at, seq, created_at, updated_at) FROM STDIN`
)

// thousands writes a number for people.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// task is one of a town's, told by its number.
type task struct {
	user   string
	id     uuid.UUID
	number int
	seq    int
}

var (
	deeds  = strings.Fields("Water Buy Call Fix Clean Read Write Plan Book Check Move Paint Send Order Cancel Renew Visit Cook Pack Sort Wash Build Draw Sell")
	things = strings.Fields("plants milk mother bicycle kitchen novel report holiday dentist tyres sofa fence parcel groceries subscription passport museum dinner suitcase photographs windows shelf portrait guitar garden invoice lamp carpet engine roof")
)

// one is one of n, which follows from the task's number and looks as if by chance; salt tells one
// such choice from another.
func (t task) one(n int, salt uint64) int {
	h := (uint64(t.number) + salt<<40) * 0x9e3779b97f4a7c15 // splitmix64's
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return int((h ^ h>>31) % uint64(n))
}

// words are the title, its key, and the description: every tenth task has one.
func (t task) words() (title, key, description string) {
	const letters = "abcdefghijklmnopqrstuvwxy0123456789" // no z: what nobody has is looked for, too
	mark := make([]byte, 6)
	for i := range mark {
		mark[i] = letters[t.one(len(letters), uint64(i))]
	}
	title = fmt.Sprintf("%s %s %s", deeds[t.one(len(deeds), 10)], things[t.one(len(things), 11)], mark)
	if t.one(10, 12) == 0 {
		description = strings.Repeat("some notes ", 20)
	}
	return title, strings.ToLower(title), description
}

func (t task) tag() string { return fmt.Sprintf("tag%d", t.one(50, 13)) }

// noon is when the tasks of a town are seen from.
var noon = time.Now().UTC().Truncate(time.Hour)

// times are when the task is due, when it was made, and when it was done, if it was.
func (t task) times() (due, made time.Time, done *time.Time) {
	due, made = noon.Add(time.Duration(t.one(1000, 14)-500)*time.Hour), noon.Add(-time.Duration(t.number)*time.Second)
	if t.one(3, 15) == 0 {
		done = &made
	}
	return due, made, done
}

func (t task) row() []any {
	title, key, description := t.words()
	due, made, done := t.times()
	return []any{t.user, t.id.String(), title, key, description, done, t.one(4, 16) - 1, "{" + t.tag() + "}", due, true, due, "", 1, t.seq, made, made, "[]"}
}

func (t task) searched() []any {
	_, key, description := t.words()
	due, made, done := t.times()
	return []any{t.user, t.id.String(), key + "\n" + strings.TrimSpace(description) + "\n" + t.tag(), "{" + t.tag() + "}",
		key, done, t.one(4, 16) - 1, due, t.seq, made, made}
}
