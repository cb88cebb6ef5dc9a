package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

func TestAListIsReadPageByPageNewestFirst(t *testing.T) {
	b := setup(t).ada()
	for version := range int64(5) {
		b.change(events.TaskUpdated, "agent", version+1)
	}
	var seen []uuid.UUID
	page := notice.Page{Limit: 2}
	for {
		listed, err := b.desk.List(t.Context(), "ada", page)
		b.must(err)
		if listed.Unread != 5 {
			t.Errorf("unread %d", listed.Unread)
		}
		for _, n := range listed.Notices {
			if len(seen) > 0 && n.ID.String() >= seen[len(seen)-1].String() {
				t.Errorf("%s after %s", n.ID, seen[len(seen)-1])
			}
			seen = append(seen, n.ID)
		}
		if listed.Next == uuid.Nil {
			break
		}
		page.After = listed.Next
	}
	if len(seen) != 5 {
		t.Fatalf("saw %d", len(seen))
	}
	one, err := b.desk.Read(t.Context(), "ada", &seen[0], b.now)
	if err != nil || one.Unread != 4 || len(one.Notices) != 1 || !one.Notices[0].ReadAt.Equal(b.now) {
		t.Errorf("%+v, %v", one, err)
	}
	unread := true
	if rest, err := b.desk.List(t.Context(), "ada", notice.Page{Unread: &unread, Limit: 10}); err != nil || len(rest.Notices) != 4 {
		t.Errorf("%+v, %v", rest, err)
	}
	if all, err := b.desk.Read(t.Context(), "ada", nil, b.now); err != nil || all.Unread != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAnotherPersonsNoticeIsNotThere(t *testing.T) {
	b := setup(t).ada()
	b.change(events.TaskUpdated, "agent", 1)
	listed, err := b.desk.List(t.Context(), "ada", notice.Page{Limit: 10})
	b.must(err)
	if _, err := b.desk.Read(t.Context(), "bob", &listed.Notices[0].ID, b.now); !errors.Is(err, notice.ErrNotFound) {
		t.Errorf("read: %v", err)
	}
	if of, err := b.desk.List(t.Context(), "bob", notice.Page{Limit: 10}); err != nil || len(of.Notices) != 0 || of.Unread != 0 {
		t.Errorf("%+v, %v", of, err)
	}
}

// The second wall: what the queries forget, the database refuses.
func TestARoleSeesNoRowWithoutASetting(t *testing.T) {
	b := setup(t).ada()
	b.ring(1)
	_, err := b.desk.Register(t.Context(), "ada", notice.Subscription{Endpoint: "https://push.example/1", P256dh: "p", Auth: "a"})
	b.must(err)
	b.prefer(notice.Patch{})
	b.must(b.desk.Keep(t.Context(), "ada", "key", notice.Kept{Print: []byte("p"), Answer: []byte("a"), Until: b.now}))
	for _, table := range []string{"people", "preferences", "notices", "deliveries", "push_subscriptions", "answers"} {
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
		`INSERT INTO preferences (user_id, channels, quiet_from, quiet_to, quiet, phone, mail_stopped) VALUES ('bob', '{}', 0, 0, false, '', false)`,
		`SELECT key FROM inbox`, `SELECT id FROM tasks`, `SELECT private FROM push_keys`, `UPDATE people SET email = 'eve@example.com'`,
	} {
		if err := postgres.As(t.Context(), b.app, "ada", func(tx postgres.Tx) error {
			_, err := tx.ExecContext(t.Context(), statement)
			return err
		}); err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
}

func TestKeysOfBrowsersAreNotReadableInTheDatabase(t *testing.T) {
	b := setup(t).ada()
	for i := range 25 {
		_, err := b.desk.Register(t.Context(), "ada", notice.Subscription{Endpoint: fmt.Sprintf("https://push.example/%d", i/2), P256dh: "public-of-browser", Auth: "secret-of-browser"})
		b.must(err)
	}
	var rows, readable int
	b.must(b.role.GetContext(t.Context(), &rows, `SELECT count(*) FROM push_subscriptions`))
	b.must(b.role.GetContext(t.Context(), &readable, `SELECT count(*) FROM push_subscriptions WHERE keys LIKE '%browser%'`))
	if rows != 13 || readable != 0 {
		t.Errorf("%d kept, %d readable", rows, readable)
	}
	b.ring(1, by("push"))
	b.courier(notice.Push, func(p *notice.Parcel) error {
		if len(p.Subscriptions) != 13 || p.Subscriptions[0].Auth != "secret-of-browser" || p.Subscriptions[0].P256dh != "public-of-browser" {
			t.Errorf("to %+v", p.Subscriptions)
		}
		return nil
	})
	b.must(b.desk.Unsubscribe(t.Context(), "ada", "https://push.example/3"))
	b.must(b.role.GetContext(t.Context(), &rows, `SELECT count(*) FROM push_subscriptions`))
	if rows != 12 {
		t.Errorf("%d left", rows)
	}
}
