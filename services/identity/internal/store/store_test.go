package store

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/session"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// rooms are the store over a database of the test's own.
type rooms struct {
	people           *People
	tokens           *Tokens
	work             *Work
	app, owner, root *sqlx.DB
}

func open(t *testing.T) rooms {
	t.Helper()
	t.Parallel()
	ways := testkit.Service(t, "identity", outbox.Migrations, Migrations)
	pool := func(address string) *sqlx.DB {
		db, err := postgres.Open(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	app, work := pool(ways.URL), pool(ways.WorkURL)
	return rooms{
		people: &People{DB: app, Hint: func() {}}, tokens: &Tokens{DB: app}, work: &Work{DB: work},
		app: app, owner: pool(ways.MigrateURL), root: work,
	}
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

var cause = user.Cause{RequestID: "request-1", Source: "web", At: noon}

// add signs somebody up, with one session, and returns them and its token.
func (r rooms) add(t *testing.T, email string) (user.User, string) {
	t.Helper()
	u := user.New(user.Registration{Name: "Ada", Email: email, TimeZone: "Europe/Berlin"}, noon)
	begun, text := session.Begin(u.ID, false, session.Visit{Agent: "test"}, noon, time.Hour)
	with := user.With{Events: []events.Event{user.Registered(u, cause)}, Begin: &begun}
	if err := r.people.Add(t.Context(), user.Account{User: u, Password: "hash"}, with); err != nil {
		t.Fatal(err)
	}
	return u, text
}

// told are the events in the outbox, in the order of the relay.
func (r rooms) told(t *testing.T) (told []events.Event) {
	t.Helper()
	var rows []struct {
		Headers []byte `db:"headers"`
		Value   []byte `db:"value"`
	}
	if err := r.root.SelectContext(t.Context(), &rows, `SELECT headers, value FROM outbox o ORDER BY o.xid, o.id`); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, kind := range events.Types() {
			if strings.Contains(string(row.Headers), kind) {
				ev, err := events.Decode(kind, row.Value)
				if err != nil {
					t.Fatal(err)
				}
				told = append(told, ev)
			}
		}
	}
	return told
}

func kinds(told []events.Event) (names []string) {
	for _, ev := range told {
		names = append(names, events.Type(ev))
	}
	return names
}

func TestAPersonIsFoundByAddressAndByWhatTheyHold(t *testing.T) {
	r := open(t)
	u, text := r.add(t, "ada@example.com")
	r.add(t, "bob@example.com")
	a, err := r.people.FindByEmail(t.Context(), "ada@example.com")
	if want := (user.Account{User: u, Password: "hash"}); err != nil || a != want {
		t.Errorf("got %+v, %v; want %+v", a, err, want)
	}
	in, err := r.people.SignedIn(t.Context(), secret.Hash(text))
	if err != nil || in.User != u || in.Session.UserID != u.ID || in.Session.Agent != "test" {
		t.Errorf("got %+v, %v", in, err)
	}
	for name, err := range map[string]error{
		"address": second(r.people.FindByEmail(t.Context(), "eve@example.com")),
		"person":  second(r.people.Find(t.Context(), "nobody")),
	} {
		if !errors.Is(err, user.ErrNotFound) {
			t.Errorf("unknown %s: %v", name, err)
		}
	}
	if _, err := r.people.SignedIn(t.Context(), secret.Hash("x")); !errors.Is(err, user.ErrNobody) {
		t.Errorf("unknown session: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestATakenAddressAddsNobodyAndTellsNothing(t *testing.T) {
	r := open(t)
	r.add(t, "ada@example.com")
	again := user.New(user.Registration{Name: "Eve", Email: "ada@example.com"}, noon)
	err := r.people.Add(t.Context(), user.Account{User: again}, user.With{Events: []events.Event{user.Registered(again, cause)}})
	if !errors.Is(err, user.ErrTaken) || len(r.told(t)) != 1 {
		t.Errorf("%v, %d events", err, len(r.told(t)))
	}
}

// Without a person set, the app sees nobody; a look-up shows it one id and leaves nothing open
// behind it. The owner, as whom the look-ups run, sees as little.
func TestNoRoleSeesARowItWasNotGiven(t *testing.T) {
	r := open(t)
	u, text := r.add(t, "ada@example.com")
	other, _ := r.add(t, "bob@example.com")
	for _, table := range []string{"users", "accounts", "sessions", "verifications", "api_tokens", "idempotency_keys", "grants", "codes", "refresh_tokens"} {
		for role, db := range map[string]*sqlx.DB{"app": r.app, "owner": r.owner} {
			var n int
			if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM `+table); err != nil || n != 0 {
				t.Errorf("%s sees %d rows of %s, %v", role, n, table, err)
			}
		}
	}
	for _, statement := range []string{`SELECT * FROM jwks`, `SELECT * FROM mails`, `DELETE FROM mails`, `SELECT * FROM outbox`} {
		if _, err := r.app.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("the app may %s", statement)
		}
	}
	if err := postgres.As(t.Context(), r.app, u.ID, func(tx postgres.Tx) error {
		var found string
		if err := tx.GetContext(t.Context(), &found, `SELECT user_of_email('bob@example.com')`); err != nil || found != other.ID {
			t.Errorf("looked up %q, %v", found, err)
		}
		var seen []string
		err := tx.SelectContext(t.Context(), &seen, `SELECT email FROM users`)
		if !slices.Equal(seen, []string{"ada@example.com"}) {
			t.Errorf("ada sees %q after looking for bob", seen)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := r.owner.GetContext(t.Context(), &n, `SELECT count(*) FROM users, (SELECT user_of_session($1)) AS who`, secret.Hash(text)); err != nil || n != 0 {
		t.Errorf("the owner sees %d people after a look-up, %v", n, err)
	}
}

func TestWhatGoesWithAChangeGoesWithItAlone(t *testing.T) {
	r := open(t)
	u, text := r.add(t, "ada@example.com")
	spent := errors.New("no")
	change := func(fail error) error {
		_, err := r.people.Change(t.Context(), u.ID, func(a *user.Account) (user.With, error) {
			before := a.User
			name, l := "Ada L", letter.New(letter.Moved, a.Email, "", noon)
			changed := a.Apply(user.Update{Name: &name}, noon)
			return user.With{
				Events: []events.Event{user.Updated(before, a.User, changed, cause)}, Letters: []letter.Letter{l},
				End: &user.End{Reason: user.Revoked, Cause: cause},
			}, fail
		})
		return err
	}
	if err := change(spent); !errors.Is(err, spent) || len(r.told(t)) != 1 {
		t.Fatalf("a change that was not: %v, %v", err, kinds(r.told(t)))
	}
	if err := change(nil); err != nil {
		t.Fatal(err)
	}
	if got, want := kinds(r.told(t)), []string{events.UserRegistered, events.UserUpdated, events.SessionRevoked}; !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
	if _, err := r.people.SignedIn(t.Context(), secret.Hash(text)); !errors.Is(err, user.ErrNobody) {
		t.Errorf("the session lives: %v", err)
	}
	if letters, err := r.work.Take(t.Context(), noon, 10); err != nil || len(letters) != 1 {
		t.Errorf("letters %v, %v", letters, err)
	}
}

// Whoever reads user-events takes an event only if its version is newer: so versions must come
// in the order in which they are sent.
func TestOneNameAfterTheOtherIsToldInThatOrder(t *testing.T) {
	r := open(t)
	u, _ := r.add(t, "ada@example.com")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				if _, err := r.people.Change(t.Context(), u.ID, func(a *user.Account) (user.With, error) {
					before := a.User
					name := secret.Text(8)
					changed := a.Apply(user.Update{Name: &name}, noon)
					return user.With{Events: []events.Event{user.Updated(before, a.User, changed, cause)}}, nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	var versions []int64
	for _, ev := range r.told(t) {
		versions = append(versions, ev.GetVersion())
	}
	if len(versions) != 81 || !slices.IsSorted(versions) || versions[80] != 81 {
		t.Errorf("versions %v", versions)
	}
}

func TestARemovedPersonLeavesNothingAndIsTold(t *testing.T) {
	r := open(t)
	u, text := r.add(t, "ada@example.com")
	r.add(t, "bob@example.com")
	api, plain, _ := token.Make(u.ID, token.Wish{Name: "script", Scopes: []string{"tasks:read"}}, noon)
	if _, err := r.tokens.Add(t.Context(), api, secret.Hash(plain), 10, token.Once{}); err != nil {
		t.Fatal(err)
	}
	if err := r.work.Grant(t.Context(), u.ID, secret.Hash("reset"), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := r.people.Remove(t.Context(), u.ID, cause); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"users": 1, "accounts": 1, "sessions": 1, "api_tokens": 0, "verifications": 0} {
		var n int
		if err := r.root.GetContext(t.Context(), &n, `SELECT count(*) FROM `+table); err != nil || n != want {
			t.Errorf("%s has %d rows, %v", table, n, err)
		}
	}
	told := r.told(t)
	if got := kinds(told[2:]); !slices.Equal(got, []string{events.SessionRevoked, events.UserDeleted}) || told[3].GetVersion() != u.Version+1 {
		t.Errorf("told %v", told[2:])
	}
	if _, err := r.people.SignedIn(t.Context(), secret.Hash(text)); !errors.Is(err, user.ErrNobody) {
		t.Errorf("still signed in: %v", err)
	}
}
