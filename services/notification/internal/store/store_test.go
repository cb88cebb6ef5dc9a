package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

func TestAReminderRingsOnceHoweverOftenItsTimerIsDelivered(t *testing.T) {
	b := setup(t).ada()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { b.ring(7) })
	}
	wait.Wait()
	b.tells("notice reminder")
	for range 3 {
		b.courier(notice.Email, takes)
	}
	b.ring(7)
	b.tells("notice reminder", "sent 7 email in_app")
	b.ring(8) // snoozed and fired again
	if n := b.courier(notice.Email, takes); n != 1 {
		t.Errorf("took %d", n)
	}
	b.tells("notice reminder", "sent 7 email in_app", "notice reminder", "sent 8 email in_app")
}

func TestHowAReminderEnds(t *testing.T) {
	busy := func(*notice.Parcel) error {
		return &fault.Error{Kind: fault.RateLimited, Message: "come back", RetryAfter: 90 * time.Second}
	}
	for name, test := range map[string]struct {
		channels []string
		email    sender
		want     []string
	}{
		"in the app alone":                {[]string{"in_app"}, takes, []string{"notice reminder", "sent 1 in_app"}},
		"by mail alone":                   {[]string{"email"}, takes, []string{"sent 1 email"}},
		"refused for good":                {[]string{"email"}, refuses, []string{"failed 1 email: nobody here"}},
		"refused, but seen in the app":    {[]string{"in_app", "email"}, refuses, []string{"notice reminder", "sent 1 in_app"}},
		"on a channel of a later release": {[]string{"telepathy"}, takes, []string{"notice reminder", "sent 1 email in_app"}},
		"put off by the provider":         {[]string{"email"}, busy, []string{"timer 1 2026-12-01T12:01:30Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t).ada()
			b.ring(1, by(test.channels...))
			b.courier(notice.Email, test.email)
			b.tells(test.want...)
		})
	}
}

func TestAReminderThatMayGoNowhereFails(t *testing.T) {
	b := setup(t).ada()
	b.prefer(notice.Patch{Channels: map[string]*[]notice.Channel{"reminder": {}}})
	b.ring(1)
	b.tells("failed 1 every channel is turned off")
}

func TestADeliveryIsTriedAgainUntilADayIsOver(t *testing.T) {
	b := setup(t).ada()
	b.ring(1, by("email"))
	away := func(*notice.Parcel) error { return fault.New(fault.Unavailable, "the mail server is away") }
	attempts := 0
	for ; b.now.Before(noon.Add(25 * time.Hour)); b.now = b.now.Add(time.Second) {
		var due *time.Time
		b.must(b.role.GetContext(t.Context(), &due, `SELECT min(due_at) FROM deliveries WHERE status = 'pending'`))
		if due == nil {
			break
		}
		b.now = due.Add(time.Second)
		attempts += b.courier(notice.Email, away)
	}
	told := b.told()
	if last := told[len(told)-1]; last != "failed 1 email: the mail server is away" || attempts < 10 || attempts > 60 {
		t.Errorf("after %d attempts: %q", attempts, told)
	}
}

func TestWhoDiesWithADeliveryInHandLeavesItToTheNext(t *testing.T) {
	b := setup(t).ada()
	b.ring(1, by("email"))
	lost, err := b.work.Take(t.Context(), notice.Email, b.now, b.now.Add(time.Minute), 5)
	if err != nil || len(lost) != 1 {
		t.Fatalf("%v, %v", lost, err)
	}
	if n := b.courier(notice.Email, takes); n != 0 {
		t.Errorf("taken twice: %d", n)
	}
	b.now = b.now.Add(time.Minute)
	var again uuid.UUID
	b.courier(notice.Email, func(p *notice.Parcel) error { again = p.ID; return nil })
	if again != lost[0].ID {
		t.Errorf("sent as %s, then as %s", lost[0].ID, again)
	}
	b.now = b.now.Add(time.Hour)
	if n := b.courier(notice.Email, takes); n != 0 {
		t.Errorf("sent once more: %d", n)
	}
	b.tells("sent 1 email")
}

func TestQuietHoursHoldWhatIsNotUrgentUntilTheyEnd(t *testing.T) {
	b := setup(t).ada()
	from, to, on := "12:30", "14:00", true // it is 13:00 in Berlin
	b.prefer(notice.Patch{Quiet: &notice.QuietPatch{From: &from, To: &to, Enabled: &on}})
	b.ring(1)
	b.tells("timer 1 2026-12-01T13:00:00Z", "notice reminder", "sent 1 in_app")
	b.ring(2, func(r *reminderv1.ReminderDue) { r.Priority = "critical" })
	if n := b.courier(notice.Email, takes); n != 1 {
		t.Errorf("of the urgent one %d", n)
	}
	var held uuid.UUID
	b.must(b.role.GetContext(t.Context(), &held, `SELECT id FROM deliveries WHERE held`))
	b.now = noon.Add(time.Hour)
	if n := b.courier(notice.Email, takes); n != 0 {
		t.Errorf("before its timer: %d", n)
	}
	b.must(b.Wake(t.Context(), "ada", held, 0)) // of an older wait
	if n := b.courier(notice.Email, takes); n != 0 {
		t.Errorf("after an older timer: %d", n)
	}
	b.must(b.Wake(t.Context(), "ada", held, 1))
	if n := b.courier(notice.Email, takes); n != 1 {
		t.Errorf("after its timer: %d", n)
	}
	b.must(b.Wake(t.Context(), "ada", held, 1))
	if n := b.courier(notice.Email, takes); n != 0 {
		t.Errorf("its timer again: %d", n)
	}
}

func TestADoneTaskDoesNotRemind(t *testing.T) {
	b := setup(t).ada()
	b.change(events.TaskCompleted, "user", 4)
	b.ring(1)
	b.tells()
	b.change(events.TaskReopened, "user", 5)
	b.ring(2)
	b.tells("notice reminder")
	b.change(events.TaskDeleted, "user", 6, func(t *taskv1.Task) { t.DeletedAt = timestamppb.New(b.now) })
	b.courier(notice.Email, func(*notice.Parcel) error { t.Error("sent of a task that is gone"); return nil })
	b.tells("notice reminder", "sent 2 in_app")
}

func TestAReminderThatComesADayLateIsMissed(t *testing.T) {
	b := setup(t).ada()
	r := &reminderv1.ReminderDue{ReminderId: "r", UserId: "ada", TaskId: taskID, Title: "Pay rent"}
	b.must(b.Ring(t.Context(), &timerv1.Due{TimerId: "r", Rev: 3, DueMs: noon.Add(-25 * time.Hour).UnixMilli()}, r, ""))
	b.must(b.Ring(t.Context(), &timerv1.Due{TimerId: "r", Rev: 4, DueMs: noon.Add(-23 * time.Hour).UnixMilli()}, r, ""))
	b.tells("missed 3 more than 24 hours late when it could first be sent", "notice reminder")
}

func TestWhatIsToldOfChanges(t *testing.T) {
	b := setup(t).ada()
	b.change(events.TaskCreated, "user", 1)
	b.tells()
	b.change(events.TaskUpdated, "agent", 2)
	again := b.change(events.TaskCreated, "system", 3)
	b.must(b.Heard(t.Context(), []notice.Heard{{Event: again}}))
	b.tells("notice agent.task.updated", "notice system.task.created")
	b.prefer(notice.Patch{Channels: map[string]*[]notice.Channel{
		"agent.task.*": {}, "agent.task.completed": {notice.InApp, notice.Email}, "task.completed": {notice.Email},
	}})
	b.change(events.TaskUpdated, "agent", 4)
	b.change(events.TaskCompleted, "agent", 5)
	b.change(events.TaskCompleted, "user", 6)
	b.tells("notice agent.task.updated", "notice system.task.created", "notice agent.task.completed")
	if n := b.courier(notice.Email, takes); n != 2 {
		t.Errorf("by mail %d", n)
	}
}

func TestNothingIsLeftOfWhoDeletedThemselves(t *testing.T) {
	b := setup(t).ada()
	b.ring(1)
	b.change(events.TaskUpdated, "agent", 4)
	_, err := b.desk.Register(t.Context(), "ada", notice.Subscription{Endpoint: "https://push.example/1", P256dh: "p", Auth: "a"})
	b.must(err)
	b.prefer(notice.Patch{Phone: new("+4915112345678")})
	b.must(b.desk.Keep(t.Context(), "ada", "key", notice.Kept{Print: []byte("p"), Answer: []byte("a"), Until: b.now}))
	b.must(b.Forget(t.Context(), "ada"))
	b.ada()
	b.ring(2)
	b.change(events.TaskUpdated, "agent", 5)
	if _, err := b.desk.Change(t.Context(), "ada", notice.Patch{Phone: new("+4915112345678")}); err == nil || err.Error() != auth.ErrUnauthorized.Error() {
		t.Errorf("a token that still lives: %v", err)
	}
	for _, table := range []string{"notices", "deliveries", "preferences", "webhooks", "push_subscriptions", "tasks", "answers"} {
		var n int
		b.must(b.role.GetContext(t.Context(), &n, `SELECT count(*) FROM `+table))
		if n != 0 {
			t.Errorf("%d in %s", n, table)
		}
	}
	var kept string
	b.must(b.role.GetContext(t.Context(), &kept, `SELECT concat(email, name, time_zone, locale, unsubscribe) FROM people`))
	if kept != "" {
		t.Errorf("of the person %q", kept)
	}
}
