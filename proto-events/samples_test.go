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

// rent is the task of the wire's document.
func rent() *taskv1.Task {
	return &taskv1.Task{
		Id: "0198c5a0-0000-7000-8000-000000000001", UserId: "u1", Title: "Pay rent", Priority: "high",
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

// swim is a completed and trashed task, with every field that rent does not have.
func swim() *taskv1.Task {
	done := at("2026-11-13T06:30:00Z")
	return &taskv1.Task{
		Id: "0198c5a0-0000-7000-8000-000000000004", UserId: "u1", Title: "Swim", Description: "two miles", Completed: true,
		CompletedAt: done, Priority: "normal", DueDate: proto.String("2026-11-13"), DueAt: at("2026-11-13T22:59:59Z"),
		RecurrenceRule: &taskv1.RecurrenceRule{
			Rrule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;BYMONTH=3,11;BYSETPOS=1;COUNT=4", Anchor: "completion", Text: "every Friday the 13th",
			Frequency: "monthly", Interval: 1, ByWeekday: []string{"fr"}, ByMonthDay: []int32{13}, ByMonth: []int32{3, 11},
			BySetPos: proto.Int32(1), Count: proto.Int32(4), Until: proto.String("2029-12-31"),
		},
		Reminders: []*taskv1.Reminder{
			{
				Id: "0198c5a0-0000-7000-8000-000000000005", DaysBefore: proto.Int32(0), Time: proto.String("06:00"),
				RemindAt: at("2026-11-13T05:00:00Z"), Status: "sent", SentAt: at("2026-11-13T05:00:00.004Z"), Channels: []string{"email"},
			},
			{Id: "0198c5a0-0000-7000-8000-000000000006", At: at("2026-11-13T06:00:00.25Z"), RemindAt: at("2026-11-13T06:00:00.25Z"), Status: "cancelled"},
		},
		Version: 8, CreatedAt: at("2026-11-02T10:00:00Z"), UpdatedAt: done, DeletedAt: done,
	}
}

// plain is a task without anything optional.
func plain() *taskv1.Task {
	return &taskv1.Task{
		Id: "0198c5a0-0000-7000-8000-000000000007", UserId: "u1", Title: "Buy milk", Priority: "normal", Version: 1,
		CreatedAt: at("2026-11-02T10:00:00Z"), UpdatedAt: at("2026-11-02T10:00:00Z"),
	}
}

// samples has one event of each type, in the order of Types, each with every field that it can have.
func samples() []Event {
	change := Change{
		EventID: "0198c5a0-0000-7000-8000-00000000000e", Time: at("2026-11-03T10:00:00.5Z").AsTime(), ActorType: "agent", ActorName: "tickler",
		Source: "chat", RequestID: "req-1", Seq: 42, Task: rent(), Before: swim(), Changed: []string{"title", "due_date"},
		Reminder: rent().GetReminders()[0],
	}
	var all []Event
	for _, ceType := range Types() {
		ev, err := New(ceType, change)
		if err != nil {
			all = append(all, other(ceType))
			continue
		}
		switch ev := ev.(type) {
		case *reminderv1.ReminderSent:
			ev.Reminder, ev.Channels, ev.Rev = swim().GetReminders()[0], []string{"email", "in_app"}, 5
		case *reminderv1.ReminderFailed:
			ev.Reason, ev.Rev = "missed", 5
		}
		all = append(all, ev)
	}
	return all
}

// other is the sample of an event that has no task.
func other(ceType string) Event {
	const id, user, request, source = "0198c5a0-0000-7000-8000-00000000000f", "u1", "req-1", "web"
	actor, when, changed := &eventv1.Actor{Type: "user"}, at("2026-11-03T10:00:00.5Z"), []string{"email"}
	ada := &userv1.User{
		Email: "ada@example.org", EmailVerified: true, Name: "Ada", TimeZone: "Europe/Berlin", Locale: "en-GB",
		WeekStart: "monday", CreatedAt: when,
	}
	switch ceType {
	case NoticeCreated:
		return &noticev1.NoticeCreated{
			EventId: id, UserId: user, TaskId: rent().GetId(), Time: when, Actor: actor, Source: source, RequestId: request, Version: 3, Seq: 44,
			Notice: &noticev1.Notice{
				Id: "0198c5a0-0000-7000-8000-000000000005", Kind: "reminder", TaskId: proto.String(rent().GetId()),
				Title: "Pay rent", CreatedAt: when, ReadAt: at("2026-11-04T10:00:00Z"),
			},
		}
	case UserRegistered:
		return &userv1.UserRegistered{
			EventId: id, UserId: user, Time: when, Actor: actor, Source: source, RequestId: request, Version: 1, Seq: 1,
			User: ada, Before: ada, Changed: changed,
		}
	case UserUpdated:
		return &userv1.UserUpdated{
			EventId: id, UserId: user, Time: when, Actor: actor, Source: source, RequestId: request, Version: 2, Seq: 2,
			User: ada, Before: &userv1.User{Email: "ada@example.net"}, Changed: changed,
		}
	case UserDeleted:
		return &userv1.UserDeleted{
			EventId: id, UserId: user, Time: when, Actor: actor, Source: source, RequestId: request, Version: 3, Seq: 3,
		}
	}
	return &sessionv1.SessionRevoked{
		EventId: id, UserId: user, Time: when, Actor: actor, Source: source, RequestId: request, Version: 1, Seq: 4,
		SessionId: "s1", Reason: "sign_out",
	}
}
