package store_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/outbox"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// After the backup the task was completed, which took its timer back; that is lost, and the
// scheduler and a page know of it.
func TestAfterARestoreNumbersAreBeyondThoseThatWereLost(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "call", recurs("2030-12-01T09:00", "daily"))
	lost := task.Token{Seq: made.Seq + 5}
	for range 2 { // as when it broke off
		if err := outbox.Restored(t.Context(), b.open(b.ways.MigrateURL), "api"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := (&store.Timers{DB: b.open(b.ways.WorkURL)}).Resync(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d tasks, %v", n, err)
	}
	all := b.outbox()
	var armed timerv1.Schedule
	last := all[len(all)-1]
	if b.must(proto.Unmarshal(last.value, &armed)); last.kind != events.ScheduleTimer || armed.GetRev() <= lost.Seq {
		t.Errorf("the timer is set with rev %d, no newer than the cancel that was lost", armed.GetRev())
	}
	delta, err := b.Since(t.Context(), of("ada"), &lost, 10)
	if err != nil || !delta.Full || len(delta.Tasks) != 1 || delta.Token.Seq <= lost.Seq {
		t.Errorf("whoever knows what is lost gets %+v, %v", delta, err)
	}
	hour := task.Snooze{For: time.Hour}
	changed, err := b.Snooze(t.Context(), of("ada"), task.Once{}, made.ID, made.Reminders[0].ID, hour, nil)
	if err != nil || changed.Task.Seq <= armed.GetRev() {
		t.Errorf("the next change is %d, %v", changed.Task.Seq, err)
	}
}
