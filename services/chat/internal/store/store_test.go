package store_test

import (
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/store"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

type bench struct {
	*testing.T
	*store.Store
	people *store.Work
	app    *sqlx.DB
}

func setup(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	ways := testkit.Service(t, "chat", store.Migrations())
	app, err1 := postgres.Open(ways.URL)
	work, err2 := postgres.Open(ways.WorkURL)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close(); work.Close() })
	return &bench{t, &store.Store{DB: app, Rate: 1, Burst: 5, Lease: time.Minute}, &store.Work{DB: work}, app}
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) begin(user string, in uuid.UUID, now time.Time) (conversation.Begun, error) {
	return b.Begin(b.Context(), conversation.Ask{UserID: user, Conversation: in, Message: "hello", Request: "r"}, now)
}

// The second wall: what the queries forget, the database refuses.
func TestARoleSeesNoRowWithoutASetting(t *testing.T) {
	b := setup(t)
	_, err := b.begin("ada", uuid.Nil, postgres.Now())
	b.must(err)
	for _, table := range []string{"people", "conversations", "messages"} {
		count := func(user string) (n int) {
			b.must(postgres.As(t.Context(), b.app, user, func(tx postgres.Tx) error {
				return tx.GetContext(t.Context(), &n, `SELECT count(*) FROM `+table)
			}))
			return n
		}
		if mine, hers, nobodys := count("ada"), count("bob"), count(""); mine == 0 || hers != 0 || nobodys != 0 {
			t.Errorf("%s: ada sees %d, bob %d, nobody %d", table, mine, hers, nobodys)
		}
	}
	for _, statement := range []string{
		`INSERT INTO conversations (id, user_id, title, created_at, updated_at) VALUES (gen_random_uuid(), 'bob', '', now(), now())`,
		`UPDATE people SET time_zone = 'Mars'`, `UPDATE people SET gone = false`, `DELETE FROM people`,
		`INSERT INTO people (user_id, version) VALUES ('ada2', 7)`,
	} {
		if err := postgres.As(t.Context(), b.app, "ada", func(tx postgres.Tx) error {
			_, err := tx.ExecContext(t.Context(), statement)
			return err
		}); err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
}

func TestOneTurnBeginsHoweverManyWantTo(t *testing.T) {
	b := setup(t)
	b.Burst = 100
	first, err := b.begin("ada", uuid.Nil, postgres.Now())
	b.must(err)
	b.must(b.End(t.Context(), "ada", first.Turn, conversation.End{Status: conversation.Done, Now: postgres.Now()}))
	var wait sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 10 {
		wait.Go(func() {
			_, err := b.begin("ada", first.Conversation, postgres.Now())
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, conversation.ErrBusy) {
				t.Error(err)
			}
		})
	}
	if wait.Wait(); won != 1 {
		t.Errorf("%d have begun", won)
	}
}

func TestWhatAPersonMayBeginComesBackWithTime(t *testing.T) {
	b := setup(t)
	now := postgres.Now()
	for i := range 5 {
		if _, err := b.begin("ada", uuid.Nil, now); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	_, err := b.begin("ada", uuid.Nil, now)
	limited, ok := errors.AsType[*fault.Error](err)
	if !ok || limited.Kind != fault.RateLimited || limited.RetryAfter != time.Second {
		t.Errorf("%+v", err)
	}
	if _, err := b.begin("ada", uuid.Nil, now.Add(time.Second)); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

func TestAKeyIsForgottenAfterItsTime(t *testing.T) {
	b := setup(t)
	now := postgres.Now()
	ask := conversation.Ask{UserID: "ada", Message: "hello", Request: "r", Once: "k", Print: []byte{1}, Window: time.Hour}
	first, err := b.Begin(t.Context(), ask, now)
	b.must(err)
	if again, err := b.Begin(t.Context(), ask, now.Add(59*time.Minute)); err != nil || !again.Replayed || again.Turn != first.Turn {
		t.Errorf("%+v, %v", again, err)
	}
	if late, err := b.Begin(t.Context(), ask, now.Add(61*time.Minute)); err != nil || late.Replayed {
		t.Errorf("%+v, %v", late, err)
	}
	b.must(b.people.Tidy(t.Context(), now.Add(26*time.Hour)))
	if later, err := b.Begin(t.Context(), ask, now.Add(62*time.Minute)); err != nil || later.Replayed {
		t.Errorf("after it was tidied: %+v, %v", later, err)
	}
}
