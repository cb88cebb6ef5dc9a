package series

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// completed is the event of an occurrence that was completed at a moment.
func completed(rule, anchor, start, date string, number int32, at string) *taskv1.TaskCompleted {
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err) // the tests' own constants
	}
	return &taskv1.TaskCompleted{
		EventId: "0190f3c2-7b1a-7000-8000-000000000001", UserId: "ada", TaskId: "t", Time: timestamppb.New(when), RequestId: "request-1",
		Task: &taskv1.Task{
			Id: "t", Completed: true, CompletedAt: timestamppb.New(when), RecurrenceRule: &taskv1.RecurrenceRule{Rrule: rule, Anchor: anchor},
			Occurrence: &taskv1.Occurrence{SeriesId: "s", SeriesVersion: 1, Start: start, Date: date, Number: number, Zone: "Europe/Berlin"},
		},
	}
}

func TestTheNextDateFollowsTheRuleAndTheDayOfCompletion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, anchor, start, date, at, next string }{
		{"FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", "2026-12-01T12:00:00Z", "2026-12-02"},
		{"FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", "2026-12-05T12:00:00Z", "2026-12-06"},                // missed ones do not pile up
		{"FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", "2026-12-05T23:30:00Z", "2026-12-07"},                // the 6th in Berlin
		{"FREQ=MONTHLY;BYMONTHDAY=1", "due_date", "2026-01-01", "2026-01-01", "2026-12-05T12:00:00Z", "2026-02-01"}, // even if past
		{"FREQ=WEEKLY;INTERVAL=2", "due_date", "2026-12-01T09:00", "2026-12-01T09:00", "2026-12-01T09:00:00Z", "2026-12-15T09:00"},
		{"FREQ=DAILY;INTERVAL=3", "completion", "2026-12-01T09:00", "2026-12-01T09:00", "2026-12-10T18:00:00Z", "2026-12-13T09:00"},
		{"FREQ=DAILY;UNTIL=20261201", "due_date", "2026-12-01", "2026-12-01", "2026-12-01T12:00:00Z", ""},
	} {
		command, err := Next(completed(test.rule, test.anchor, test.start, test.date, 1, test.at))
		if err != nil || command.GetDate() != test.next || (command == nil) != (test.next == "") {
			t.Errorf("%+v: %v, %v", test, command, err)
		}
	}
}

func TestTheSameEventMakesTheSameCommand(t *testing.T) {
	t.Parallel()
	ev := completed("FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", 1, "2026-12-01T12:00:00Z")
	first, err1 := Next(ev)
	again, err2 := Next(ev)
	if err1 != nil || err2 != nil || !proto.Equal(first, again) || first.GetCommandId() == ev.GetEventId() {
		t.Errorf("%v, %v, %v, %v", first, again, err1, err2)
	}
	if _, err := events.EncodeCommand(first, "/tickler/recurring", ""); err != nil {
		t.Error(err)
	}
}

func TestNothingFollowsWhatDoesNotRecurOrIsNotDone(t *testing.T) {
	t.Parallel()
	done := completed("FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", 1, "2026-12-01T12:00:00Z")
	plain := completed("FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", 1, "2026-12-01T12:00:00Z")
	plain.Task.Occurrence = nil
	for _, ev := range []events.TaskEvent{plain, &taskv1.TaskUpdated{Task: done.GetTask()}, &taskv1.TaskDeleted{Task: done.GetTask()}} {
		if command, err := Next(ev); command != nil || err != nil {
			t.Errorf("%v, %v", command, err)
		}
	}
}

func TestAnEventThatCannotBeRightIsRefusedForGood(t *testing.T) {
	t.Parallel()
	for _, spoil := range []func(*taskv1.Task){
		func(t *taskv1.Task) { t.RecurrenceRule.Rrule = "FREQ=NEVER" },
		func(t *taskv1.Task) { t.Occurrence.Zone = "Mars/Base" },
		func(t *taskv1.Task) { t.Occurrence.Start = "yesterday" },
		func(t *taskv1.Task) { t.Occurrence.Date = "" },
	} {
		ev := completed("FREQ=DAILY", "due_date", "2026-12-01", "2026-12-01", 1, "2026-12-01T12:00:00Z")
		spoil(ev.GetTask())
		if _, err := Next(ev); !fault.KindOf(err).Lasting() {
			t.Errorf("%v: %v", ev, err)
		}
	}
}
