package task

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// Message is the task as others may know it. zone is the person's.
func (t *Task) Message(zone *time.Location) *taskv1.Task {
	m := &taskv1.Task{
		Id: t.ID.String(), UserId: t.UserID, Title: t.Title, Description: t.Description,
		Completed: t.Completed(), CompletedAt: instant(t.CompletedAt), Priority: t.Priority.String(),
		Tags: t.Tags, DueAt: instant(t.DueAt), Version: t.Version,
		CreatedAt: timestamppb.New(t.CreatedAt), UpdatedAt: timestamppb.New(t.UpdatedAt), DeletedAt: instant(t.DeletedAt),
	}
	if !t.Due.None() {
		text := t.Due.Text(t.zone(zone))
		m.DueDate = &text
	}
	if t.TimeZone != "" {
		m.TimeZone = &t.TimeZone
	}
	for i := range t.Reminders {
		m.Reminders = append(m.Reminders, t.Reminders[i].Message())
	}
	if t.Series != nil {
		id := t.Series.ID.String()
		m.SeriesId, m.RecurrenceRule = &id, t.Series.message()
		m.Occurrence = &taskv1.Occurrence{
			SeriesId: id, SeriesVersion: t.Series.Version, Date: t.Series.Date.String(), Number: int32(t.Series.Number),
			Start: t.Series.Start.String(), Zone: t.zone(zone).String(),
		}
	}
	return m
}

// Message is the reminder as others may know it.
func (r *Reminder) Message() *taskv1.Reminder {
	m := &taskv1.Reminder{
		Id: r.ID.String(), MinutesBefore: small(r.When.MinutesBefore), DaysBefore: small(r.When.DaysBefore), At: instant(r.When.At),
		RemindAt: instant(r.RemindAt), Status: string(r.Status), SentAt: instant(r.SentAt), Channels: r.Channels,
	}
	if r.When.Time != "" {
		m.Time = &r.When.Time
	}
	return m
}

func (s *Series) message() *taskv1.RecurrenceRule {
	shown := s.rule().Simple()
	m := &taskv1.RecurrenceRule{
		Rrule: s.Rule, Anchor: string(s.Anchor), Text: shown.Text, Frequency: string(shown.Frequency), Interval: 1,
		ByWeekday: shown.ByWeekday, BySetPos: small(shown.BySetPos), Count: small(shown.Count), Until: shown.Until,
	}
	if shown.Interval != nil {
		m.Interval = int32(*shown.Interval)
	}
	for _, day := range shown.ByMonthDay {
		m.ByMonthDay = append(m.ByMonthDay, int32(day))
	}
	for _, month := range shown.ByMonth {
		m.ByMonth = append(m.ByMonth, int32(month))
	}
	return m
}

// small is a number that was checked to be small.
func small(n *int) *int32 {
	if n == nil {
		return nil
	}
	as := int32(*n)
	return &as
}

func sameRule(a, b *Series) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Rule == b.Rule && a.Anchor == b.Anchor && a.Start == b.Start
}

func sameReminder(a, b Reminder) bool {
	return a.ID == b.ID && a.When.equal(b.When) && slices.Equal(a.Channels, b.Channels) && same(a.RemindAt, b.RemindAt) && a.Status == b.Status
}

func instant(at *time.Time) *timestamppb.Timestamp {
	if at == nil {
		return nil
	}
	return timestamppb.New(*at)
}

// Differences names the fields of the wire in which the change differs from what was.
func (c *Change) Differences() []string {
	if c.Before == nil {
		return nil
	}
	return differences(c.Before, &c.After)
}

func differences(a, b *Task) (fields []string) {
	differ := func(name string, same bool) {
		if !same {
			fields = append(fields, name)
		}
	}
	differ("title", a.Title == b.Title)
	differ("description", a.Description == b.Description)
	differ("completed", a.Completed() == b.Completed())
	differ("completed_at", same(a.CompletedAt, b.CompletedAt))
	differ("priority", a.Priority == b.Priority)
	differ("tags", slices.Equal(a.Tags, b.Tags))
	differ("due_date", a.Due == b.Due)
	differ("due_at", same(a.DueAt, b.DueAt))
	differ("time_zone", a.TimeZone == b.TimeZone)
	differ("recurrence_rule", sameRule(a.Series, b.Series))
	differ("reminders", slices.EqualFunc(a.Reminders, b.Reminders, sameReminder))
	differ("deleted_at", same(a.DeletedAt, b.DeletedAt))
	return fields
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
