package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// own is a batch of what people did themselves.
func own(t testing.TB, people, each int, version int64) (batch []notice.Heard) {
	t.Helper()
	for p := range people {
		for i := range each {
			ev, err := events.New(events.TaskUpdated, events.Change{
				EventID: uuid.Must(uuid.NewV7()).String(), Time: noon, ActorType: "user", Source: "web",
				Task: &taskv1.Task{Id: fmt.Sprintf("task %d", i), UserId: fmt.Sprintf("person %d", p), Title: fmt.Sprintf("version %d", version), Version: version},
			})
			if err != nil {
				t.Fatal(err)
			}
			batch = append(batch, notice.Heard{Event: ev})
		}
	}
	return batch
}

func TestTheLatestVersionOfATaskIsKeptInWhateverOrderItsEventsCome(t *testing.T) {
	b := setup(t)
	b.must(b.Forget(t.Context(), "person 1"))
	for _, batch := range [][]notice.Heard{
		append(own(t, 3, 2, 2), own(t, 3, 2, 1)...), own(t, 3, 2, 1), own(t, 3, 1, 3), append(own(t, 3, 1, 3), own(t, 3, 1, 2)...),
	} {
		b.must(b.Heard(t.Context(), batch))
	}
	var got []string
	b.must(b.role.SelectContext(t.Context(), &got, `SELECT concat(user_id, ', ', id, ', ', title) FROM tasks ORDER BY 1`))
	want := []string{"person 0, task 0, version 3", "person 0, task 1, version 2", "person 2, task 0, version 3", "person 2, task 1, version 2"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept %q", got)
	}
}

func TestABatchTellsThoseWhoListen(t *testing.T) {
	b := setup(t).ada()
	b.prefer(notice.Patch{Channels: map[string]*[]notice.Channel{"task.updated": {notice.InApp}}})
	batch := append(own(t, 2, 1, 1), own(t, 2, 1, 2)...)
	for version := range int64(3) {
		ev, err := events.New(events.TaskUpdated, events.Change{
			EventID: uuid.Must(uuid.NewV7()).String(), Time: noon, ActorType: "user", Source: "web",
			Task: &taskv1.Task{Id: taskID, UserId: "ada", Title: "Pay rent", Version: version + 1},
		})
		b.must(err)
		batch = append(batch, notice.Heard{Event: ev})
	}
	b.must(b.Heard(t.Context(), batch))
	b.must(b.Heard(t.Context(), batch))
	b.tells("notice task.updated", "notice task.updated", "notice task.updated")
}

// The link in a mail leaves lists that are empty, which every query must bear.
func TestTheLinkInAMailStopsMailForGood(t *testing.T) {
	b := setup(t).ada()
	b.ring(1)
	var secret string
	b.courier(notice.Email, func(p *notice.Parcel) error { secret = p.Person.Unsubscribe; return nil })
	b.must(b.desk.StopMail(t.Context(), secret))
	b.change(events.TaskCreated, "user", 1, due(noon.Add(-time.Minute)))
	if n := b.look(); n != 0 {
		t.Errorf("overdue tasks of who did not ask: %d", n)
	}
	b.ring(2)
	b.ring(3, by("email"))
	b.courier(notice.Email, func(p *notice.Parcel) error {
		if !p.Preferences.MailStopped {
			t.Error("mail is not stopped")
		}
		return refuses(p)
	})
	b.tells("notice reminder", "sent 1 email in_app", "notice reminder", "sent 2 in_app", "failed 3 email: nobody here")
	b.prefer(notice.Patch{Channels: map[string]*[]notice.Channel{"reminder": {notice.Email}}})
	b.ring(4)
	b.courier(notice.Email, func(p *notice.Parcel) error {
		if p.Preferences.MailStopped {
			t.Error("mail is still stopped")
		}
		return nil
	})
	var again string
	b.ada()
	b.ring(5)
	b.courier(notice.Email, func(p *notice.Parcel) error { again = p.Person.Unsubscribe; return nil })
	if again != secret {
		t.Error("the link changed")
	}
}

func TestAPersonIsKnownByTheLatestEvent(t *testing.T) {
	b := setup(t)
	b.must(b.Know(t.Context(), notice.Person{UserID: "ada", Email: "new@example.com", Zone: "Asia/Tokyo", Version: 2}))
	b.ada() // version 1, told again
	b.ring(1)
	b.courier(notice.Email, func(p *notice.Parcel) error {
		if p.Person.Email != "new@example.com" || p.Person.Zone != "Asia/Tokyo" || p.Person.Version != 2 {
			t.Errorf("known as %+v", p.Person)
		}
		return nil
	})
}

func BenchmarkHearing(b *testing.B) {
	t := setupBench(b)
	batch := own(b, 50, 10, 1)
	for n := int64(1); b.Loop(); n++ {
		for _, h := range batch {
			h.Event.GetTask().Version = n
			h.Event.GetTask().DueAt = timestamppb.New(noon.Add(time.Hour))
		}
		if err := t.Heard(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(batch))/b.Elapsed().Seconds(), "events/s")
}
