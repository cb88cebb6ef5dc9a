package task

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
)

// Reminder is one of a task's. Exactly one of the three forms of When is set.
type Reminder struct {
	ID       uuid.UUID
	When     When
	Channels []string // nil: as the person prefers

	RemindAt *time.Time // when it rings, in milliseconds; nil where the task has no due date
	Snoozed  *time.Time // put off until then, instead of what When says
	Status   ReminderStatus
	SentAt   *time.Time
	Rev      int64 // of its timer: the person's sequence when it was last armed or taken back
}

// When is a reminder in the form that it was set in.
type When struct {
	MinutesBefore *int       // of the due instant; of a date, of 09:00 on that day
	DaysBefore    *int       // of the due day, with Time
	Time          string     // HH:MM on the wall clock
	At            *time.Time // an instant
}

// ReminderStatus is what became of a reminder.
type ReminderStatus string

// The statuses.
const (
	Scheduled ReminderStatus = "scheduled"
	Sent      ReminderStatus = "sent"
	Failed    ReminderStatus = "failed"
	Cancelled ReminderStatus = "cancelled" // the task was completed or deleted first
	Missed    ReminderStatus = "missed"    // more than 24 h late when it could first be sent
)

// Limits of reminders.
const (
	maxReminders   = 5
	maxBefore      = 366 * 24 * 60 // minutes
	dayClock       = 9             // the hour that reminders of a date count from
	farthestTimer  = 10*365*24*time.Hour - 30*24*time.Hour
	maxChannelName = 5
)

// ReminderSpec is a reminder as it is asked for: one of the forms, or words.
type ReminderSpec struct {
	MinutesBefore *int
	DaysBefore    *int
	Time          *string
	At            *string
	Words         *string // "1 hour before"
	Channels      []string
}

// Channels of wire-api.md §4.
var channels = []string{"in_app", "email", "sms", "push", "webhook"}

// read turns a spec into a When. zone is the effective one.
func (s ReminderSpec) read(field string, zone *time.Location, wrong *problems) When {
	var when When
	forms := 0
	for _, given := range []bool{s.MinutesBefore != nil, s.DaysBefore != nil || s.Time != nil, s.At != nil, s.Words != nil} {
		if given {
			forms++
		}
	}
	if forms != 1 {
		wrong.add(field, "not_allowed", "is just one of minutes_before, days_before with time, at, or words")
		return when
	}
	switch {
	case s.Words != nil:
		minutes, days, clock, ok := reminderWords(*s.Words)
		if !ok {
			wrong.add(field, "format", "is not understood: say for example “1 hour before” or “the day before at 18:00”")
		}
		if when.MinutesBefore = minutes; days != nil {
			when.DaysBefore, when.Time = days, clock
		}
	case s.At != nil:
		due, err := ParseDue(*s.At, zone)
		if err != nil || !due.Wall.Timed {
			wrong.add(field+"/at", "format", "is no date-time")
			break
		}
		at := due.At(zone)
		when.At = &at
	case s.MinutesBefore != nil:
		when.MinutesBefore = s.MinutesBefore
	default:
		when.DaysBefore = s.DaysBefore
		if s.DaysBefore == nil || s.Time == nil {
			wrong.add(field, "required", "days_before and time go together")
			break
		}
		if _, err := time.Parse("15:04", *s.Time); err != nil || len(*s.Time) != 5 {
			wrong.add(field+"/time", "format", "is no time such as 09:00")
		}
		when.Time = *s.Time
	}
	when.check(field, wrong)
	for _, channel := range s.Channels {
		if !slices.Contains(channels, channel) {
			wrong.add(field+"/channels", "not_allowed", "is none of "+strings.Join(channels, ", "))
		}
	}
	return when
}

// CheckReminder reports what is wrong with a reminder's words.
func CheckReminder(words string) error {
	var wrong problems
	ReminderSpec{Words: &words}.read("", time.UTC, &wrong)
	return wrong.err()
}

func (w When) check(field string, wrong *problems) {
	if w.MinutesBefore != nil && (*w.MinutesBefore < 0 || *w.MinutesBefore > maxBefore) {
		wrong.add(field+"/minutes_before", "out_of_range", "0 to "+strconv.Itoa(maxBefore))
	}
	if w.DaysBefore != nil && (*w.DaysBefore < 0 || *w.DaysBefore > maxBefore/(24*60)) {
		wrong.add(field+"/days_before", "out_of_range", "0 to "+strconv.Itoa(maxBefore/(24*60)))
	}
}

// equal reports whether two reminders were asked for alike.
func (w When) equal(o When) bool {
	number := func(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	return number(w.MinutesBefore, o.MinutesBefore) && number(w.DaysBefore, o.DaysBefore) && w.Time == o.Time && same(w.At, o.At)
}

// remind replaces the reminders by those asked for. One that was there in the same form
// keeps its id and what became of it.
func (t *Task) remind(specs []ReminderSpec, zone *time.Location, wrong *problems) {
	if len(specs) > maxReminders {
		wrong.add("/reminders", "too_many", "at most "+strconv.Itoa(maxReminders))
		return
	}
	if len(specs) > 0 && t.Due.None() {
		wrong.add("/reminders", "no_due_date", "need a due_date to remind of")
		return
	}
	old := t.Reminders
	t.Reminders = []Reminder{}
	for i, spec := range specs {
		when := spec.read("/reminders/"+strconv.Itoa(i), t.zone(zone), wrong)
		next := Reminder{ID: uuid.Must(uuid.NewV7()), When: when, Status: Scheduled}
		if j := slices.IndexFunc(old, func(r Reminder) bool { return r.When.equal(when) }); j >= 0 {
			next = old[j]
			old = slices.Delete(slices.Clone(old), j, j+1)
		}
		next.Channels = spec.Channels
		if !slices.ContainsFunc(t.Reminders, func(r Reminder) bool { return r.When.equal(when) }) {
			t.Reminders = append(t.Reminders, next)
		}
	}
}

// ring computes when each reminder rings, and its status: one whose time moved is armed
// anew, an open task's are scheduled, a completed or deleted task's are cancelled.
func (t *Task) ring(zone *time.Location) {
	open := !t.Completed() && !t.Deleted()
	for i := range t.Reminders {
		r := &t.Reminders[i]
		at := r.at(t, t.zone(zone))
		moved := !same(at, r.RemindAt)
		r.RemindAt = at
		switch {
		case at == nil:
			r.Status = Cancelled
		case moved && open, open && r.Status == Cancelled:
			r.Status, r.SentAt = Scheduled, nil
		case !open && (r.Status == Scheduled || moved):
			r.Status = Cancelled
		}
	}
}

// at is when a reminder of t rings.
func (r *Reminder) at(t *Task, zone *time.Location) *time.Time {
	var at time.Time
	switch {
	case t.Due.None():
		return nil
	case r.Snoozed != nil:
		at = *r.Snoozed
	case r.When.At != nil:
		at = *r.When.At
	case r.When.MinutesBefore != nil:
		at = t.Due.clocked(dayClock).At(zone).Add(-time.Duration(*r.When.MinutesBefore) * time.Minute)
	default:
		clock, _ := time.Parse("15:04", r.When.Time) // checked when it was set
		wall := t.Due.Wall.Date().AddDays(-*r.When.DaysBefore)
		wall.Timed, wall.Hour, wall.Minute = true, clock.Hour(), clock.Minute()
		at = recurrence.Resolve(wall, zone).UTC()
	}
	at = bounded(at.Truncate(time.Millisecond))
	return &at
}

// clocked is d at a full hour, if it has no time.
func (d Due) clocked(hour int) Due {
	if !d.None() && !d.Wall.Timed {
		d.Wall.Timed, d.Wall.Hour = true, hour
	}
	return d
}

// RingsAt is when the first of the reminders that are scheduled rings; nil if none is.
func (t *Task) RingsAt() (first *time.Time) {
	for i := range t.Reminders {
		if r := &t.Reminders[i]; r.Status == Scheduled && (first == nil || r.RemindAt.Before(*first)) {
			first = r.RemindAt
		}
	}
	return first
}

// Near reports whether a reminder rings soon enough for a timer, which lies at most ten
// years ahead.
func (r *Reminder) Near(now time.Time) bool { return r.RemindAt.Sub(now) < farthestTimer }

// Ring is what a reminder's timer carries: all that its reader needs to speak.
func (t *Task) Ring(r *Reminder, zone *time.Location) *reminderv1.ReminderDue {
	m := t.Message(zone)
	return &reminderv1.ReminderDue{
		ReminderId: r.ID.String(), UserId: t.UserID, TaskId: m.GetId(), Title: t.Title, DueDate: m.DueDate, DueAt: m.GetDueAt(),
		Zone: t.zone(zone).String(), Version: t.Version, Priority: m.GetPriority(), Channels: r.Channels,
		RemindAt: instant(r.RemindAt), Reminder: r.Message(),
	}
}

// ErrNoReminder is the error of a reminder that is asked for by its id.
var ErrNoReminder = fault.New(fault.NotFound, "no such reminder")
