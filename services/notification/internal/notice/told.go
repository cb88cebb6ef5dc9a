package notice

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	events "github.com/tickler-app/tickler/proto-events"
	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

type taskReminder = taskv1.Reminder

// self is who acts in this service's events.
func self() *eventv1.Actor { return &eventv1.Actor{Type: "system", Name: "notification"} }

// Message is the notice as others may know it.
func (n *Notice) Message() *noticev1.Notice {
	m := &noticev1.Notice{Id: n.ID.String(), Kind: n.Kind, Title: n.Title, CreatedAt: instant(n.CreatedAt)}
	if n.TaskID != "" {
		m.TaskId = &n.TaskID
	}
	if n.ReadAt != nil {
		m.ReadAt = instant(*n.ReadAt)
	}
	return m
}

// created tells of a new notice in the app.
func (n *Notice) created(source, request string, now time.Time) *noticev1.NoticeCreated {
	return &noticev1.NoticeCreated{
		EventId: newID(), UserId: n.UserID, TaskId: n.TaskID, Time: instant(now), Actor: self(), Source: source, RequestId: request,
		Notice: n.Message(),
	}
}

// end tells how a reminder ended, the first time that it has.
func (n *Notice) end(deliveries []Delivery, now time.Time) events.Event {
	if n.Ring == nil || n.Ring.Ended {
		return nil
	}
	outcome, ended := n.Ends(deliveries)
	if !ended {
		return nil
	}
	n.Ring.Ended = true
	if !outcome.Sent {
		return n.failed("failed", outcome.Reason, now)
	}
	reminder := proto.CloneOf(n.Ring.Reminder)
	reminder.Status, reminder.SentAt = "sent", instant(now)
	ev := &reminderv1.ReminderSent{
		EventId: newID(), UserId: n.UserID, TaskId: n.TaskID, Time: instant(now), Actor: self(), Source: "scheduler",
		Version: n.Ring.Version, Reminder: reminder, Rev: n.Ring.Rev,
	}
	for _, channel := range outcome.Channels {
		ev.Channels = append(ev.Channels, string(channel))
	}
	return ev
}

// missed tells of a reminder that came too late.
func (n *Notice) missed(now time.Time) events.Event {
	return n.failed("missed", "more than 24 hours late when it could first be sent", now)
}

func (n *Notice) failed(status, reason string, now time.Time) events.Event {
	reminder := proto.CloneOf(n.Ring.Reminder)
	reminder.Status = status
	return &reminderv1.ReminderFailed{
		EventId: newID(), UserId: n.UserID, TaskId: n.TaskID, Time: instant(now), Actor: self(), Source: "scheduler",
		Version: n.Ring.Version, Reminder: reminder, Reason: reason, Rev: n.Ring.Rev,
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
