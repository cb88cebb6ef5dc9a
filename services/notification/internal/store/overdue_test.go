package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func due(at time.Time) func(*taskv1.Task) {
	return func(t *taskv1.Task) { t.DueAt = timestamppb.New(at) }
}

func (b *bench) look() int {
	b.Helper()
	n, err := (&notice.Lookout{Due: b.work, Clerk: b.Clerk}).Look(b.Context())
	b.must(err)
	return n
}

func TestWhoAsksIsToldWhatWentOverdueOnceForEachDueTime(t *testing.T) {
	b := setup(t).ada()
	b.change(events.TaskCreated, "user", 1, due(noon.Add(-time.Minute)))
	b.look()
	b.prefer(notice.Patch{Channels: map[string]*[]notice.Channel{"task.overdue": {notice.InApp}}})
	if n := b.look(); n != 0 { // it was so before she asked
		t.Errorf("of the past %d", n)
	}
	b.change(events.TaskUpdated, "user", 2, due(noon.Add(time.Hour)))
	b.look()
	b.tells()
	b.now = noon.Add(time.Hour)
	for range 3 {
		b.look()
	}
	b.tells("notice task.overdue")
	b.change(events.TaskUpdated, "user", 3, due(noon.Add(time.Hour))) // another title, say
	b.look()
	b.tells("notice task.overdue")
	b.change(events.TaskUpdated, "user", 4, due(noon.Add(90*time.Minute)))
	b.change(events.TaskCompleted, "user", 5, due(noon.Add(90*time.Minute)))
	b.now = noon.Add(2 * time.Hour)
	b.look()
	b.tells("notice task.overdue")
	b.change(events.TaskReopened, "user", 6, due(noon.Add(-25*time.Hour))) // no news
	b.look()
	if n := b.look(); n != 0 {
		t.Errorf("comes again: %d", n)
	}
	b.tells("notice task.overdue")
}

func TestWhatHasServedItsTimeIsPurged(t *testing.T) {
	b := setup(t).ada()
	b.now = time.Now() // the inbox goes by the database's clock
	b.ring(1)
	b.courier(notice.Email, takes)
	b.change(events.TaskCompleted, "user", 4)
	b.change(events.TaskCreated, "user", 1, func(t *taskv1.Task) { t.Id = uuid.NewString() })
	count := func() (n [4]int) {
		for i, table := range []string{"inbox", "tasks", "deliveries", "notices"} {
			b.must(b.role.GetContext(t.Context(), &n[i], `SELECT count(*) FROM `+table))
		}
		return n
	}
	purge := &store.Purge{DB: b.role}
	for _, test := range []struct {
		days int
		left [4]int
	}{{29, [4]int{1, 2, 1, 1}}, {31, [4]int{1, 2, 0, 1}}, {46, [4]int{0, 1, 0, 1}}} {
		b.must(purge.Once(t.Context(), b.now.AddDate(0, 0, test.days)))
		if got := count(); got != test.left {
			t.Errorf("after %d days %v, want %v", test.days, got, test.left)
		}
	}
}
