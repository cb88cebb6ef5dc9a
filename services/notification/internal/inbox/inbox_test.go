package inbox_test

import (
	"context"
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
	"github.com/tickler-app/tickler/services/notification/internal/inbox"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// ledger writes down what it is asked to keep. What is decided is tried on a real database in
// package store.
type ledger struct{ asked []string }

func (l *ledger) note(what string) error { l.asked = append(l.asked, what); return nil }

func (l *ledger) Change(_ context.Context, about notice.About, _ func(*notice.Known) (notice.Effects, error)) error {
	if about.Delivery != uuid.Nil {
		return l.note("wake " + about.UserID + " " + about.Delivery.String())
	}
	return l.note("change " + about.UserID + " " + about.TaskID + " once " + about.Once + " trace " + about.Trace)
}

func (l *ledger) Keep(_ context.Context, tasks []notice.Task) error {
	for _, t := range tasks {
		_ = l.note("keep " + t.UserID + " " + t.ID)
	}
	return nil
}

func (l *ledger) Listening(context.Context, []string) (map[string]bool, error) { return nil, nil }

func (l *ledger) Know(_ context.Context, p notice.Person) error {
	return l.note("know " + p.UserID + " " + p.Email + " " + p.Zone)
}

func (l *ledger) Forget(_ context.Context, userID string) error { return l.note("forget " + userID) }

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func record(kind string, message proto.Message) *kgo.Record {
	value, err := proto.Marshal(message)
	if err != nil {
		panic(err) // of a message that the test made
	}
	return &kgo.Record{Value: value, Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(kind)}, {Key: "traceparent", Value: []byte("00-t")}}}
}

func due(payload proto.Message) *timerv1.Due {
	value, err := proto.Marshal(payload)
	if err != nil {
		panic(err) // of a message that the test made
	}
	return &timerv1.Due{TimerId: "timer", Rev: 7, Payload: value}
}

func TestWhatEachRecordAsksFor(t *testing.T) {
	t.Parallel()
	delivery := "0198c5a0-0000-7000-8000-000000000003"
	changed := func(actor string) proto.Message {
		ev, err := events.New(events.TaskUpdated, events.Change{EventID: "event", Time: noon, ActorType: actor, Source: "mcp", Task: &taskv1.Task{Id: "task", UserId: "ada", Version: 1}})
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	user := &userv1.User{Email: "ada@example.com", TimeZone: "Europe/Berlin"}
	at := timestamppb.New(noon)
	timers, tasks, people := inbox.Timers, inbox.Tasks, inbox.People
	for name, test := range map[string]struct {
		door  func(*notice.Clerk) kafka.Handler
		rec   *kgo.Record
		asked string
		kind  fault.Kind
	}{
		"a reminder":               {timers, record(events.ReminderDue, due(&reminderv1.ReminderDue{UserId: "ada", TaskId: "task"})), "change ada task once timer/7 trace 00-t", ""},
		"the end of a wait":        {timers, record(events.DeliveryDue, due(&noticev1.DeliveryDue{UserId: "ada", DeliveryId: delivery})), "wake ada " + delivery, ""},
		"a wait for nothing":       {timers, record(events.DeliveryDue, due(&noticev1.DeliveryDue{UserId: "ada", DeliveryId: "x"})), "", fault.Invalid},
		"a timer without a person": {timers, record(events.ReminderDue, due(&reminderv1.ReminderDue{})), "", fault.Malformed},
		"an unknown timer":         {timers, record("soup.due", due(user)), "", fault.Invalid},
		"what an agent did":        {tasks, record(events.TaskUpdated, changed("agent")), "change ada task once event trace 00-t", ""},
		"what a person did":        {tasks, record(events.TaskUpdated, changed("user")), "keep ada task", ""},
		"an event of later":        {tasks, record("task.cloned", changed("user")), "", ""},
		"a person among tasks":     {tasks, record(events.UserDeleted, &userv1.UserDeleted{EventId: "event", UserId: "ada", Time: at}), "", fault.Invalid},
		"no event of a task":       {tasks, record(events.TaskUpdated, user), "", fault.Malformed},
		"somebody new":             {people, record(events.UserRegistered, &userv1.UserRegistered{EventId: "event", UserId: "ada", Time: at, User: user}), "know ada ada@example.com Europe/Berlin", ""},
		"a change of somebody":     {people, record(events.UserUpdated, &userv1.UserUpdated{EventId: "event", UserId: "ada", Time: at, User: user}), "know ada ada@example.com Europe/Berlin", ""},
		"somebody who left":        {people, record(events.UserDeleted, &userv1.UserDeleted{EventId: "event", UserId: "ada", Time: at}), "forget ada", ""},
		"a session":                {people, record(events.SessionRevoked, &sessionv1.SessionRevoked{SessionId: "s", EventId: "event", UserId: "ada", Time: at}), "", ""},
		"a task among people":      {people, record(events.TaskUpdated, changed("user")), "", fault.Invalid},
	} {
		l := &ledger{}
		handle := test.door(&notice.Clerk{Store: l, Now: func() time.Time { return noon }})
		err := handle(t.Context(), []*kgo.Record{test.rec})
		if test.kind == "" && err != nil || test.kind != "" && fault.KindOf(err) != test.kind {
			t.Errorf("%s: %v", name, err)
		}
		var want []string
		if test.asked != "" {
			want = []string{test.asked}
		}
		if !slices.Equal(l.asked, want) {
			t.Errorf("%s asked for %q", name, l.asked)
		}
	}
}
