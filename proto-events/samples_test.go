package events

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
)

func at(text string) *timestamppb.Timestamp {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return timestamppb.New(t)
}

// rent is the task of the wire's document, with every field that a task can have somewhere in it.
func rent() *taskv1.Task {
	return &taskv1.Task{
		Id: "0198c5a0-0000-7000-8000-000000000001", UserId: "u1", Title: "Pay rent", Description: "", Priority: "high",
		Tags: []string{"home"}, DueDate: proto.String("2026-12-31T09:00:00+01:00"), DueAt: at("2026-12-31T08:00:00Z"),
		TimeZone: proto.String("Europe/Berlin"),
		RecurrenceRule: &taskv1.RecurrenceRule{
			Rrule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", Anchor: "due_date",
			Text: "every month on the last workday", Frequency: "monthly", Interval: 1,
		},
		Reminders: []*taskv1.Reminder{{
			Id: "0198c5a0-0000-7000-8000-000000000002", MinutesBefore: proto.Int32(60),
			RemindAt: at("2026-12-31T07:00:00Z"), Status: "scheduled",
		}},
		SeriesId: proto.String("0198c5a0-0000-7000-8000-000000000003"), Version: 3,
		CreatedAt: at("2026-11-02T10:00:00.123456Z"), UpdatedAt: at("2026-11-03T10:00:00Z"),
		Occurrence: &taskv1.Occurrence{
			SeriesId: "0198c5a0-0000-7000-8000-000000000003", SeriesVersion: 1, Date: "2026-12-31T09:00", Number: 2,
			Start: "2026-11-30T09:00", Clamp: true, Zone: "Europe/Berlin",
		},
	}
}

// plain is a task without anything optional.
func plain() *taskv1.Task {
	return &taskv1.Task{
		Id: "0198c5a0-0000-7000-8000-000000000004", UserId: "u1", Title: "Buy milk", Priority: "normal", Version: 1,
		CreatedAt: at("2026-11-02T10:00:00Z"), UpdatedAt: at("2026-11-02T10:00:00Z"),
	}
}

// samples has one event of each type, in the order of Types.
func samples() []Event {
	actor := &eventv1.Actor{Type: "user"}
	when := at("2026-11-03T10:00:00.5Z")
	change := Change{
		EventID: "0198c5a0-0000-7000-8000-00000000000e", Time: when.AsTime(), ActorType: "agent", ActorName: "tickler",
		Source: "chat", RequestID: "req-1", Seq: 42, Task: rent(), Before: plain(), Changed: []string{"title", "due_date"},
	}
	var all []Event
	add := func(ev Event, err error) {
		if err != nil {
			panic(err)
		}
		all = append(all, ev)
	}
	for _, ceType := range Types()[:8] {
		add(New(ceType, change))
	}
	rung := rent().GetReminders()[0]
	rung.Status, rung.SentAt = "sent", at("2026-12-31T07:00:00.004Z")
	add(&reminderv1.ReminderSent{
		EventId: change.EventID, UserId: "u1", TaskId: rent().GetId(), Time: when, Actor: &eventv1.Actor{Type: "system", Name: "scheduler"},
		Source: "scheduler", RequestId: "req-1", Version: 3, Reminder: rung, Channels: []string{"in_app", "email"}, Rev: 5,
	}, nil)
	add(&reminderv1.ReminderFailed{
		EventId: change.EventID, UserId: "u1", TaskId: rent().GetId(), Time: when, Actor: &eventv1.Actor{Type: "system", Name: "scheduler"},
		Source: "scheduler", RequestId: "req-1", Version: 3, Seq: 43, Task: rent(), Reminder: rung, Reason: "missed", Rev: 5,
	}, nil)
	change.Reminder = rent().GetReminders()[0]
	add(New(ReminderSnoozed, change))
	add(&noticev1.NoticeCreated{
		EventId: change.EventID, UserId: "u1", TaskId: rent().GetId(), Time: when, Actor: actor, Source: "scheduler", Seq: 44,
		Notice: &noticev1.Notice{
			Id: "0198c5a0-0000-7000-8000-000000000005", Kind: "reminder", TaskId: proto.String(rent().GetId()),
			Title: "Pay rent", CreatedAt: when, ReadAt: at("2026-11-04T10:00:00Z"),
		},
	}, nil)
	ada := &userv1.User{
		Email: "ada@example.org", EmailVerified: true, Name: "Ada", TimeZone: "Europe/Berlin", Locale: "en-GB",
		WeekStart: "monday", CreatedAt: when,
	}
	add(&userv1.UserRegistered{
		EventId: change.EventID, UserId: "u1", Time: when, Actor: actor, Source: "web", RequestId: "req-1", Version: 1, User: ada,
	}, nil)
	add(&userv1.UserUpdated{
		EventId: change.EventID, UserId: "u1", Time: when, Actor: actor, Source: "web", RequestId: "req-1", Version: 2,
		User: ada, Before: &userv1.User{Email: "ada@example.net"}, Changed: []string{"email"},
	}, nil)
	add(&userv1.UserDeleted{
		EventId: change.EventID, UserId: "u1", Time: when, Actor: actor, Source: "web", RequestId: "req-1", Version: 3,
	}, nil)
	add(&sessionv1.SessionRevoked{
		EventId: change.EventID, UserId: "u1", Time: when, Actor: actor, Source: "web", RequestId: "req-1",
		SessionId: "s1", Reason: "sign_out",
	}, nil)
	return all
}
