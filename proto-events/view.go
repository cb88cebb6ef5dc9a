package events

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// TaskView is a task as JSON shows it, everywhere: in answers, on the feed, on the trail, in webhooks.
// The order of the fields is that of the documents.
type TaskView struct {
	ID             string          `json:"id"`
	UserID         string          `json:"user_id"`
	Title          string          `json:"title"`
	Description    string          `json:"description"`
	Completed      bool            `json:"completed"`
	CompletedAt    *time.Time      `json:"completed_at"`
	Priority       string          `json:"priority"`
	Tags           []string        `json:"tags"` // never null
	DueDate        *string         `json:"due_date"`
	DueAt          *time.Time      `json:"due_at"`
	TimeZone       *string         `json:"time_zone"`
	RecurrenceRule *RecurrenceView `json:"recurrence_rule"`
	Reminders      []ReminderView  `json:"reminders"` // never null
	SeriesID       *string         `json:"series_id"`
	Version        int64           `json:"version"`
	CreatedAt      *time.Time      `json:"created_at"`
	UpdatedAt      *time.Time      `json:"updated_at"`
	DeletedAt      *time.Time      `json:"deleted_at"`
}

// RecurrenceView is a rule as JSON shows it; the simple fields are there where they say it all.
type RecurrenceView struct {
	RRule      string   `json:"rrule"`
	Anchor     string   `json:"anchor"`
	Text       string   `json:"text"`
	Frequency  string   `json:"frequency"`
	Interval   int32    `json:"interval"`
	ByWeekday  []string `json:"by_weekday,omitempty"`
	ByMonthDay []int32  `json:"by_month_day,omitempty"`
	ByMonth    []int32  `json:"by_month,omitempty"`
	BySetPos   *int32   `json:"by_set_pos,omitempty"`
	Count      *int32   `json:"count,omitempty"`
	Until      *string  `json:"until,omitempty"`
}

// ReminderView is a reminder as JSON shows it, in the form it was set: minutes_before, or days_before
// with time, or at.
type ReminderView struct {
	ID            string     `json:"id"`
	MinutesBefore *int32     `json:"minutes_before,omitempty"`
	DaysBefore    *int32     `json:"days_before,omitempty"`
	Time          *string    `json:"time,omitempty"`
	At            *time.Time `json:"at,omitempty"`
	RemindAt      *time.Time `json:"remind_at"`
	Status        string     `json:"status"`
	SentAt        *time.Time `json:"sent_at"`
	Channels      []string   `json:"channels"` // null: as the person prefers
}

// View is the task as JSON shows it.
func View(t *taskv1.Task) TaskView {
	v := TaskView{
		ID: t.GetId(), UserID: t.GetUserId(), Title: t.GetTitle(), Description: t.GetDescription(),
		Completed: t.GetCompleted(), CompletedAt: instant(t.GetCompletedAt()), Priority: t.GetPriority(),
		Tags: append([]string{}, t.GetTags()...), DueDate: t.DueDate, DueAt: instant(t.GetDueAt()),
		TimeZone: t.TimeZone, RecurrenceRule: recurrence(t.GetRecurrenceRule()),
		Reminders: make([]ReminderView, 0, len(t.GetReminders())), SeriesID: t.SeriesId, Version: t.GetVersion(),
		CreatedAt: instant(t.GetCreatedAt()), UpdatedAt: instant(t.GetUpdatedAt()), DeletedAt: instant(t.GetDeletedAt()),
	}
	for _, r := range t.GetReminders() {
		v.Reminders = append(v.Reminders, ReminderView{
			ID: r.GetId(), MinutesBefore: r.MinutesBefore, DaysBefore: r.DaysBefore, Time: r.Time, At: instant(r.GetAt()),
			RemindAt: instant(r.GetRemindAt()), Status: r.GetStatus(), SentAt: instant(r.GetSentAt()), Channels: r.GetChannels(),
		})
	}
	return v
}

func recurrence(r *taskv1.RecurrenceRule) *RecurrenceView {
	if r == nil {
		return nil
	}
	return &RecurrenceView{
		RRule: r.GetRrule(), Anchor: r.GetAnchor(), Text: r.GetText(), Frequency: r.GetFrequency(), Interval: r.GetInterval(),
		ByWeekday: r.GetByWeekday(), ByMonthDay: r.GetByMonthDay(), ByMonth: r.GetByMonth(),
		BySetPos: r.BySetPos, Count: r.Count, Until: r.Until,
	}
}

// NoticeView is a notice as JSON shows it.
type NoticeView struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	TaskID    *string    `json:"task_id"`
	Title     string     `json:"title"`
	CreatedAt *time.Time `json:"created_at"`
	ReadAt    *time.Time `json:"read_at"`
}

// ViewNotice is the notice as JSON shows it.
func ViewNotice(n *noticev1.Notice) NoticeView {
	return NoticeView{
		ID: n.GetId(), Kind: n.GetKind(), TaskID: n.TaskId, Title: n.GetTitle(),
		CreatedAt: instant(n.GetCreatedAt()), ReadAt: instant(n.GetReadAt()),
	}
}

// ActorView is who made a change, as JSON shows it.
type ActorView struct {
	Type string  `json:"type"`
	Name *string `json:"name"`
}

// ViewActor is the actor as JSON shows it.
func ViewActor(a *eventv1.Actor) ActorView {
	return ActorView{Type: a.GetType(), Name: orNull(a.GetName())}
}

// instant is in UTC, so that JSON ends it with Z.
func instant(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
