package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// recurs gives a task a rule and a reminder an hour before.
func recurs(due, rule string) func(*task.Patch) {
	return func(p *task.Patch) {
		spec, hour := &task.RuleSpec{Text: rule}, 60
		p.Due, p.Rule, p.Reminders = &due, &spec, &[]task.ReminderSpec{{MinutesBefore: &hour}}
	}
}

// follow does what recurring does when it saw that task done.
func (b *bench) follow(done uuid.UUID) {
	b.Helper()
	succession := &task.Succession{Store: &store.Series{DB: b.open(b.ways.WorkURL)}, Now: b.Now}
	b.must(succession.Follow(b.Context(), task.Author{UserID: "ada"}.System("recurring"), done))
}

// open lists the open tasks as "due", the next first.
func (b *bench) pending() (found []task.Task) {
	b.Helper()
	listed, err := b.List(b.Context(), of("ada"), task.Page{Query: task.Query{Status: task.Pending}, Limit: 50})
	b.must(err)
	return listed.Tasks
}

func (b *bench) complete(id uuid.UUID) {
	b.Helper()
	_, err := b.Complete(b.Context(), of("ada"), task.Once{}, id, nil)
	b.must(err)
}

func TestCompletingMakesTheNextOnceWhateverIsRepeated(t *testing.T) {
	b := setup(t)
	b.Now = func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	first := b.add("ada", "Pay rent", recurs("2026-11-30T09:00", "every month on the last workday"))
	b.complete(first.ID)
	for range 3 {
		b.follow(first.ID)
	}
	open := b.pending()
	if len(open) != 1 || open[0].Due.Wall.String() != "2026-12-31T09:00" || open[0].Title != "Pay rent" || open[0].Version != 1 {
		t.Fatalf("open: %+v", open)
	}
	if len(open[0].Reminders) != 1 || open[0].Reminders[0].RemindAt.Format(time.RFC3339) != "2026-12-31T08:00:00Z" {
		t.Errorf("reminders: %+v", open[0].Reminders)
	}
	if open[0].Series.ID != first.Series.ID || open[0].Series.Number != 2 {
		t.Errorf("series: %+v", open[0].Series)
	}
}

func TestReopeningWithdrawsTheUntouchedNextAndCompletingBringsItBack(t *testing.T) {
	b := setup(t)
	b.Now = func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	first := b.add("ada", "water", recurs("2026-12-01", "every 3 days"))
	b.complete(first.ID)
	b.follow(first.ID)
	next := b.pending()[0]
	for range 2 {
		_, err := b.Reopen(t.Context(), of("ada"), task.Once{}, first.ID, nil)
		b.must(err)
		if open := b.pending(); len(open) != 1 || open[0].ID != first.ID {
			t.Fatalf("reopened: %+v", open)
		}
		b.follow(first.ID) // a command that was late
		b.complete(first.ID)
		b.follow(first.ID)
		if open := b.pending(); len(open) != 1 || open[0].ID != next.ID {
			t.Fatalf("completed again: %+v", open)
		}
	}
	title := "touched"
	_, err := b.Edit(t.Context(), of("ada"), task.Once{}, next.ID, task.Patch{Title: &title}, nil)
	b.must(err)
	if _, err := b.Reopen(t.Context(), of("ada"), task.Once{}, first.ID, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the next was touched: %v", err)
	}
}

func TestASkippedOccurrenceIsLeftOutAndTheSeriesGoesOn(t *testing.T) {
	b := setup(t)
	b.Now = func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	first := b.add("ada", "standup", recurs("2026-12-01T09:00", "FREQ=WEEKLY"))
	moved := "2026-12-02T10:00"
	_, err := b.Edit(t.Context(), of("ada"), task.Once{}, first.ID, task.Patch{Due: &moved}, nil) // this one alone
	b.must(err)
	_, err = b.Skip(t.Context(), of("ada"), task.Once{}, first.ID, nil)
	b.must(err)
	b.follow(first.ID)
	if open := b.pending(); len(open) != 1 || open[0].Due.Wall.String() != "2026-12-08T09:00" {
		t.Errorf("open: %+v", open)
	}
	plain := b.add("ada", "plain")
	if _, err := b.Skip(t.Context(), of("ada"), task.Once{}, plain.ID, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a task that does not recur: %v", err)
	}
}

func TestDeletingTheOpenOneEndsTheSeriesAndRestoringRevivesIt(t *testing.T) {
	b := setup(t)
	first := b.add("ada", "water", recurs("2026-12-01", "daily"))
	b.trash(first.ID)
	b.follow(first.ID)
	if open := b.pending(); len(open) != 0 {
		t.Errorf("after its end: %+v", open)
	}
	_, err := b.Restore(t.Context(), of("ada"), task.Once{}, first.ID, nil)
	b.must(err)
	b.complete(first.ID)
	b.follow(first.ID)
	if open := b.pending(); len(open) != 1 {
		t.Errorf("revived: %+v", open)
	}
	want := "[task.created task.deleted series.ended task.restored task.completed task.created]"
	if got := fmt.Sprint(b.told()); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}

func TestASeriesWithACountEndsWithItsLast(t *testing.T) {
	b := setup(t)
	b.Now = func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	next := b.add("ada", "pill", recurs("2026-12-01", "FREQ=DAILY;COUNT=2"))
	b.complete(next.ID)
	b.follow(next.ID)
	last := b.pending()[0]
	b.complete(last.ID)
	b.follow(last.ID)
	if open := b.pending(); len(open) != 0 {
		t.Errorf("open: %+v", open)
	}
	if told := b.told(); told[len(told)-1] != events.SeriesEnded {
		t.Errorf("told %v", told)
	}
}

// told lists the types of the events in the outbox, in order.
func (b *bench) told() (types []string) {
	b.Helper()
	for _, rec := range b.outbox() {
		if rec.kind != events.ScheduleTimer && rec.kind != events.CancelTimer {
			types = append(types, rec.kind)
		}
	}
	return types
}

type record struct {
	kind  string
	value []byte
}

// outbox reads what would be sent. The type is told from the message itself.
func (b *bench) outbox() (records []record) {
	b.Helper()
	var rows []struct {
		Topic string
		Value []byte
	}
	b.must(b.open(b.ways.WorkURL).SelectContext(b.Context(), &rows, `SELECT o.topics[1] AS topic, o.value FROM outbox o ORDER BY o.xid, o.id`))
	for _, r := range rows {
		if r.Topic == events.TimerCommands {
			kind := events.CancelTimer
			if cmd := (&timerv1.Schedule{}); proto.Unmarshal(r.Value, cmd) == nil && cmd.GetTopic() != "" {
				kind = events.ScheduleTimer
			}
			records = append(records, record{kind, r.Value})
			continue
		}
		var ev taskv1.TaskCreated
		b.must(proto.Unmarshal(r.Value, &ev))
		var kind string
		b.must(b.open(b.ways.WorkURL).GetContext(b.Context(), &kind, `
			SELECT coalesce((SELECT type FROM task_changes WHERE user_id = $1 AND seq = $2), 'series.ended')`, ev.GetUserId(), ev.GetSeq()))
		records = append(records, record{kind, r.Value})
	}
	return records
}

func TestATimerIsArmedMovedAndTakenBackWithGrowingRevs(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "call", recurs("2030-12-01T09:00", "daily"))
	due := "2030-12-02T09:00"
	_, err := b.Edit(t.Context(), of("ada"), task.Once{}, made.ID, task.Patch{Due: &due}, nil)
	b.must(err)
	b.complete(made.ID)
	_, err = b.Reopen(t.Context(), of("ada"), task.Once{}, made.ID, nil)
	b.must(err)
	_, err = b.Snooze(t.Context(), of("ada"), task.Once{}, made.ID, made.Reminders[0].ID, task.Snooze{For: time.Hour}, nil)
	b.must(err)
	var got []string
	for _, rec := range b.outbox() {
		switch rec.kind {
		case events.ScheduleTimer:
			var cmd timerv1.Schedule
			b.must(proto.Unmarshal(rec.value, &cmd))
			got = append(got, fmt.Sprintf("%d at %s", cmd.GetRev(), time.UnixMilli(cmd.GetDueMs()).UTC().Format("01-02T15:04")))
			var due reminderv1.ReminderDue
			if b.must(proto.Unmarshal(cmd.GetPayload(), &due)); due.GetTitle() != "call" || due.GetTaskId() != made.ID.String() {
				t.Errorf("payload %v", &due)
			}
		case events.CancelTimer:
			var cmd timerv1.Cancel
			b.must(proto.Unmarshal(rec.value, &cmd))
			got = append(got, fmt.Sprintf("%d off", cmd.GetRev()))
		}
	}
	soon := time.Now().UTC().Add(time.Hour).Format("01-02T15")
	if len(got) != 5 || fmt.Sprint(got[:4]) != "[1 at 12-01T08:00 2 at 12-02T08:00 3 off 4 at 12-02T08:00]" || got[4][:len("5 at ")+len(soon)] != "5 at "+soon {
		t.Errorf("commands %v", got)
	}
	n, err := (&store.Timers{DB: b.open(b.ways.WorkURL)}).Resync(t.Context())
	if err != nil || n != 1 || len(b.outbox()) != 11 {
		t.Errorf("%d tasks, %v, %d records", n, err, len(b.outbox()))
	}
}

func TestAnOutcomeIsNotedOnceAndChangesNoVersion(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "call", recurs("2026-12-01T09:00", "daily"))
	reminder := made.Reminders[0]
	feed := &store.Feed{DB: b.open(b.ways.WorkURL)}
	sent := func(rev int64) task.Relayed {
		return task.Relayed{
			Event:   &reminderv1.ReminderSent{EventId: uuid.NewString(), UserId: "ada", TaskId: made.ID.String(), Reminder: reminder.Message(), Rev: rev, Time: timestamppb.Now()},
			Outcome: &task.Outcome{TaskID: made.ID, Reminder: reminder.ID, Rev: rev, Status: task.Sent, At: postgres.Now()},
		}
	}
	b.must(feed.Relay(t.Context(), sent(99))) // of a timer that was armed otherwise
	ev := sent(reminder.Rev)
	for range 3 {
		b.must(feed.Relay(t.Context(), ev))
	}
	found, err := b.Find(t.Context(), of("ada"), made.ID)
	b.must(err)
	if got := found.Task; got.Reminders[0].Status != task.Sent || got.Reminders[0].SentAt == nil || got.Version != 1 || got.Seq != 2 {
		t.Errorf("%+v, version %d, seq %d", got.Reminders[0], got.Version, got.Seq)
	}
	if delta, err := b.Since(t.Context(), of("ada"), nil, 10); err != nil || delta.Token.Seq != 2 {
		t.Errorf("token %d, %v", delta.Token, err)
	}
}

func TestASecondOpenOccurrenceIsAConflict(t *testing.T) {
	b := setup(t)
	first := b.add("ada", "water", recurs("2030-01-31", "every month"))
	_, err := b.Skip(t.Context(), of("ada"), task.Once{}, first.ID, nil)
	b.must(err)
	b.follow(first.ID)
	second := b.pending()[0]
	_, err = b.Skip(t.Context(), of("ada"), task.Once{}, second.ID, nil)
	b.must(err)
	b.follow(second.ID)
	if _, err := b.Restore(t.Context(), of("ada"), task.Once{}, first.ID, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the skipped one: %v", err)
	}
	if open := b.pending(); len(open) != 1 || open[0].Due.Wall.String() != "2030-03-31" {
		t.Errorf("open: %+v", open)
	}
}
