package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/api/internal/inbox"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// ledger writes down what it is asked to keep. What is decided is tried on a real database in
// package store.
type ledger struct{ asked []string }

func (l *ledger) note(format string, args ...any) error {
	l.asked = append(l.asked, fmt.Sprintf(format, args...))
	return nil
}

func (l *ledger) Settle(_ context.Context, told task.Told, _ task.Decide) error {
	return l.note("settle %s in %s at %d", told.UserID, told.Zone, told.Version)
}

func (l *ledger) Forget(_ context.Context, userID string) error { return l.note("forget %s", userID) }

func (l *ledger) Follow(_ context.Context, author task.Author, cause uuid.UUID, _ task.Following) error {
	return l.note("follow %s for %s by %s %s, request %s, trace %s", cause, author.UserID, author.ActorType, author.Source, author.RequestID, author.Trace)
}

func (l *ledger) Relay(_ context.Context, relayed task.Relayed) error {
	if o := relayed.Outcome; o != nil {
		return l.note("%s: %s of %s is %s at rev %d", relayed.Event.GetUserId(), o.Reminder, o.TaskID, o.Status, o.Rev)
	}
	return l.note("%s: %s", relayed.Event.GetUserId(), events.Type(relayed.Event))
}

const (
	taskID     = "0198c5a0-0000-7000-8000-000000000001"
	reminderID = "0198c5a0-0000-7000-8000-000000000002"
)

var noon = timestamppb.New(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))

func record(kind string, message proto.Message) *kgo.Record {
	value, err := proto.Marshal(message)
	if err != nil {
		panic(err) // of a message that the test made
	}
	return &kgo.Record{Value: value, Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(kind)}, {Key: "traceparent", Value: []byte("00-t")}}}
}

// next is a command to make the one after the occurrence task.
func next(task string) *kgo.Record {
	return record(events.CreateOccurrence, &taskv1.CreateOccurrence{CommandId: reminderID, UserId: "ada", TaskId: task, Time: noon,
		SeriesId: reminderID, SeriesVersion: 1, AfterDate: "2026-12-01", Date: "2026-12-02", Number: 2, Cause: reminderID, CauseTime: noon, RequestId: "r1"})
}

func TestWhatEachRecordAsksFor(t *testing.T) {
	t.Parallel()
	people := func(l *ledger) kafka.Handler { return inbox.People(&task.Census{People: l, Now: time.Now}) }
	commands := func(l *ledger) kafka.Handler {
		return inbox.Commands(&task.Succession{Store: l, Now: time.Now})
	}
	outcomes := func(l *ledger) kafka.Handler { return inbox.Outcomes(l) }
	berlin, mars := &userv1.User{TimeZone: "Europe/Berlin"}, &userv1.User{TimeZone: "Mars/Olympus"}
	reminder := &taskv1.Reminder{Id: reminderID}
	rings := func(status string, reason string) *reminderv1.ReminderFailed {
		return &reminderv1.ReminderFailed{EventId: "event", UserId: "ada", TaskId: taskID, Time: noon, Rev: 7, Reason: reason, Reminder: &taskv1.Reminder{Id: reminderID, Status: status}}
	}
	for name, test := range map[string]struct {
		door  func(*ledger) kafka.Handler
		rec   *kgo.Record
		asked string
		kind  fault.Kind
	}{
		"somebody new":        {people, record(events.UserRegistered, &userv1.UserRegistered{EventId: "event", UserId: "ada", Time: noon, User: berlin, Version: 1}), "settle ada in Europe/Berlin at 1", ""},
		"somebody who moved":  {people, record(events.UserUpdated, &userv1.UserUpdated{EventId: "event", UserId: "ada", Time: noon, User: berlin, Version: 2}), "settle ada in Europe/Berlin at 2", ""},
		"a zone nowhere":      {people, record(events.UserUpdated, &userv1.UserUpdated{EventId: "event", UserId: "ada", Time: noon, User: mars, Version: 2}), "", fault.Invalid},
		"somebody who left":   {people, record(events.UserDeleted, &userv1.UserDeleted{EventId: "event", UserId: "ada", Time: noon}), "forget ada", ""},
		"a session":           {people, record(events.SessionRevoked, &sessionv1.SessionRevoked{SessionId: "s", EventId: "event", UserId: "ada", Time: noon}), "", ""},
		"an event of later":   {people, record("user.merged", &userv1.UserDeleted{UserId: "ada"}), "", ""},
		"no event at all":     {people, &kgo.Record{Value: []byte("garbage"), Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(events.UserUpdated)}}}, "", fault.Malformed},
		"a notice for people": {people, record(events.NoticeCreated, &noticev1.NoticeCreated{EventId: "event", UserId: "ada", Time: noon, Notice: &noticev1.Notice{Id: "n"}}), "", fault.Invalid},

		"an occurrence that was done": {commands, next(taskID),
			"follow " + taskID + " for ada by system recurring, request r1, trace 00-t", ""},
		"a command about nothing": {commands, next("x"), "", fault.Invalid},
		"another's command":       {commands, record(events.CancelTimer, &timerv1.Cancel{TimerId: "t"}), "", fault.Invalid},
		"no command":              {commands, record("task.explode", &taskv1.CreateOccurrence{}), "", fault.Malformed},

		"a reminder that was sent": {outcomes, record(events.ReminderSent, &reminderv1.ReminderSent{EventId: "event", UserId: "ada", TaskId: taskID, Time: noon, Rev: 7, Reminder: reminder}),
			"ada: " + reminderID + " of " + taskID + " is sent at rev 7", ""},
		"one that failed":         {outcomes, record(events.ReminderFailed, rings("failed", "no such address")), "ada: " + reminderID + " of " + taskID + " is failed at rev 7", ""},
		"one that was missed":     {outcomes, record(events.ReminderFailed, rings("missed", "late")), "ada: " + reminderID + " of " + taskID + " is missed at rev 7", ""},
		"one without a reminder":  {outcomes, record(events.ReminderSent, &reminderv1.ReminderSent{EventId: "event", UserId: "ada", TaskId: taskID, Time: noon}), "", fault.Malformed},
		"one of no task":          {outcomes, record(events.ReminderSent, &reminderv1.ReminderSent{EventId: "event", UserId: "ada", TaskId: "x", Time: noon, Reminder: reminder}), "", fault.Invalid},
		"a notice":                {outcomes, record(events.NoticeCreated, &noticev1.NoticeCreated{EventId: "event", UserId: "ada", Time: noon, Notice: &noticev1.Notice{Id: "n"}}), "ada: notice.created", ""},
		"what api told itself":    {outcomes, record(events.ReminderSnoozed, &reminderv1.ReminderSnoozed{EventId: "event", UserId: "ada", TaskId: taskID, Time: noon, Reminder: reminder, Task: &taskv1.Task{Id: taskID, UserId: "ada"}}), "", ""},
		"an event of later again": {outcomes, record("notice.burned", &noticev1.NoticeCreated{}), "", ""},
	} {
		l := &ledger{}
		err := test.door(l)(t.Context(), []*kgo.Record{test.rec})
		if test.kind == "" && err != nil || test.kind != "" && fault.KindOf(err) != test.kind {
			t.Errorf("%s: %v", name, err)
		}
		var want []string
		if test.asked != "" {
			want = []string{test.asked}
		}
		if !slices.Equal(l.asked, want) {
			t.Errorf("%s asked for %q, not %q", name, l.asked, want)
		}
	}
}

func TestWhatFailsLeavesTheRestForLater(t *testing.T) {
	t.Parallel()
	l := &ledger{}
	good := next(taskID)
	bad := record("task.explode", &taskv1.CreateOccurrence{})
	if err := inbox.Commands(&task.Succession{Store: l})(t.Context(), []*kgo.Record{good, bad, good}); err == nil || len(l.asked) != 1 {
		t.Errorf("%v after %q", err, l.asked)
	}
}
