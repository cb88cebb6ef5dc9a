package rest

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"google.golang.org/protobuf/types/known/timestamppb"

	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

// view is an entry as JSON shows it.
func view(e trail.Entry) (AuditLog, error) {
	ev, err := e.Event()
	if err != nil {
		return AuditLog{}, fmt.Errorf("entry %s: %w", e.EventID, err)
	}
	shown := AuditLog{
		EventId: e.EventID.String(), EventType: e.Type, UserId: e.UserID, Timestamp: e.At,
		Actor: events.ViewActor(ev.GetActor()), Source: ev.GetSource(), Version: ev.GetVersion(), Details: details(ev),
		TaskId: nullable.NewNullNullable[string](), RequestId: nullable.NewNullNullable[string](),
	}
	if e.TaskID != uuid.Nil {
		shown.TaskId.Set(e.TaskID.String())
	}
	if ev.GetRequestId() != "" {
		shown.RequestId.Set(ev.GetRequestId())
	}
	return shown, nil
}

// details are what was there before and after an event. One of a later release shows neither.
func details(ev events.Event) Details {
	d := Details{Before: nullable.NewNullNullable[Snapshot](), After: nullable.NewNullNullable[Snapshot](), Changed: []string{}}
	switch ev := ev.(type) {
	case events.TaskEvent:
		d.Changed = append(d.Changed, ev.GetChanged()...)
		if ev.GetBefore() != nil {
			d.Before.Set(events.View(ev.GetBefore()))
		}
		if ev.GetTask() != nil {
			d.After.Set(events.View(ev.GetTask()))
			break
		}
		if became := became(ev); became != nil {
			d.After.Set(became)
		}
	case *noticev1.NoticeCreated:
		d.After.Set(events.ViewNotice(ev.GetNotice()))
	case *userv1.UserRegistered:
		d.After.Set(viewPerson(ev.GetUser()))
	case *userv1.UserUpdated:
		d.Changed = append(d.Changed, ev.GetChanged()...)
		if ev.GetBefore() != nil {
			d.Before.Set(viewPerson(ev.GetBefore()))
		}
		d.After.Set(viewPerson(ev.GetUser()))
	case *sessionv1.SessionRevoked:
		d.After.Set(session{ev.GetSessionId(), ev.GetReason()})
	}
	return d
}

// reminder is what became of one.
type reminder struct {
	Reminder events.ReminderView `json:"reminder"`
	Channels []string            `json:"channels"`
	Reason   string              `json:"reason,omitempty"`
}

// became tells of a reminder whose event has no task yet. It is nil for other events.
func became(ev events.TaskEvent) any {
	of := func(r *taskv1.Reminder) events.ReminderView {
		return events.View(&taskv1.Task{Reminders: []*taskv1.Reminder{r}}).Reminders[0]
	}
	switch ev := ev.(type) {
	case *reminderv1.ReminderSent:
		return reminder{Reminder: of(ev.GetReminder()), Channels: append([]string{}, ev.GetChannels()...)}
	case *reminderv1.ReminderFailed:
		return reminder{Reminder: of(ev.GetReminder()), Channels: []string{}, Reason: ev.GetReason()}
	}
	return nil
}

type session struct {
	SessionID string `json:"session_id"`
	Reason    string `json:"reason"`
}

type person struct {
	Email         string     `json:"email"`
	EmailVerified bool       `json:"email_verified"`
	Name          string     `json:"name"`
	TimeZone      string     `json:"time_zone"`
	Locale        string     `json:"locale"`
	WeekStart     string     `json:"week_start"`
	CreatedAt     *time.Time `json:"created_at"`
}

func viewPerson(u *userv1.User) person {
	return person{
		Email: u.GetEmail(), EmailVerified: u.GetEmailVerified(), Name: u.GetName(), TimeZone: u.GetTimeZone(),
		Locale: u.GetLocale(), WeekStart: u.GetWeekStart(), CreatedAt: instant(u.GetCreatedAt()),
	}
}

func instant(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}
