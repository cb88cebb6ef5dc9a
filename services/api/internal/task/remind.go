package task

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
)

// AddReminder adds a reminder to a task.
func (s *Service) AddReminder(ctx context.Context, author Author, once Once, id uuid.UUID, spec ReminderSpec, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) {
		return t.reminded(author, s.Now(), func(after *Task, wrong *problems) error {
			if after.Due.None() {
				wrong.add("/reminders", "no_due_date", "need a due_date to remind of")
				return nil
			}
			if len(after.Reminders) >= maxReminders {
				wrong.add("/reminders", "too_many", "at most "+number(maxReminders))
				return nil
			}
			when := spec.read("", after.zone(author.Zone), wrong)
			if !slices.ContainsFunc(after.Reminders, func(r Reminder) bool { return r.When.equal(when) }) {
				after.Reminders = append(after.Reminders, Reminder{ID: uuid.Must(uuid.NewV7()), When: when, Channels: spec.Channels, Status: Scheduled})
			}
			return nil
		}, events.TaskUpdated)
	})
}

// RemoveReminder takes a reminder away.
func (s *Service) RemoveReminder(ctx context.Context, author Author, once Once, id, reminder uuid.UUID, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) {
		return t.reminded(author, s.Now(), func(after *Task, _ *problems) error {
			i := slices.IndexFunc(after.Reminders, func(r Reminder) bool { return r.ID == reminder })
			if i < 0 {
				return ErrNoReminder
			}
			after.Reminders = slices.Delete(after.Reminders, i, i+1)
			return nil
		}, events.TaskUpdated)
	})
}

// Snooze says how long a reminder is put off: for a while from now, or until a date-time.
type Snooze struct {
	For   time.Duration
	Until *string
}

// Snooze puts one reminder off; the others stay. One that was sent is armed again.
func (s *Service) Snooze(ctx context.Context, author Author, once Once, id, reminder uuid.UUID, snooze Snooze, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) {
		now := s.Now()
		change, err := t.reminded(author, now, func(after *Task, wrong *problems) error {
			i := slices.IndexFunc(after.Reminders, func(r Reminder) bool { return r.ID == reminder })
			if i < 0 {
				return ErrNoReminder
			}
			if t.Completed() {
				return fault.New(fault.Conflict, "the task is completed: it reminds no more")
			}
			until := now.Add(snooze.For).Truncate(time.Millisecond)
			if snooze.Until != nil {
				due, err := ParseDue(*snooze.Until, after.zone(author.Zone))
				if err != nil || !due.Wall.Timed {
					wrong.add("/until", "format", "is no date-time")
					return nil
				}
				until = due.At(after.zone(author.Zone))
			}
			after.Reminders[i].Snoozed = &until
			return nil
		}, events.ReminderSnoozed)
		if change != nil {
			change.Reminder = reminder
		}
		return change, err
	})
}

// reminded is a change of t's reminders.
func (t Task) reminded(author Author, now time.Time, change func(*Task, *problems) error, kind string) (*Change, error) {
	if t.Deleted() {
		return nil, ErrNotFound
	}
	after := t.clone()
	var wrong problems
	if err := change(&after, &wrong); err != nil {
		return nil, err
	}
	if wrong != nil {
		return nil, wrong.err()
	}
	after.resolve(author.Zone)
	return t.changed(kind, after, now), nil
}

// Skip leaves an occurrence out.
func (s *Service) Skip(ctx context.Context, author Author, once Once, id uuid.UUID, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) { return t.Skip(author, s.Now()) })
}

// Dates are those of a rule, as they go out, and the rule in words.
type Dates struct {
	Dates []string
	Text  string
}

// Preview is a rule that no task has yet.
type Preview struct {
	Rule     RuleSpec
	Due      string
	TimeZone string // "" for the person's
	Count    int
}

// Occurrences returns the next dates of a task's rule; none for one that does not recur.
func (s *Service) Occurrences(ctx context.Context, author Author, id uuid.UUID, n int) (Dates, error) {
	found, err := s.Store.Find(ctx, author, id)
	if err != nil {
		return Dates{}, err
	}
	t := found.Task
	if t.Series == nil {
		return Dates{}, ErrNotRecurring
	}
	rule, zone := t.Series.rule(), t.zone(found.Zone)
	dates := Dates{Text: rule.Text()}
	// From the start, since intervals and counts go by it; what is over is left out.
	for date, ok := rule.First(t.Series.Start); ok && len(dates.Dates) < n; date, ok = rule.Next(t.Series.Start, date) {
		if date.Compare(t.Series.Date) >= 0 {
			dates.Dates = append(dates.Dates, Due{date}.Text(zone))
		} else if skip := t.Series.Date.AddDays(-1); date.Compare(skip) < 0 && rule.Count() == 0 {
			date = skip
		}
	}
	return dates, nil
}

// Preview returns the dates of a rule.
func (s *Service) Preview(ctx context.Context, author Author, asked Preview) (Dates, error) {
	author, err := s.Store.Know(ctx, author)
	if err != nil {
		return Dates{}, err
	}
	title := "preview"
	rule := &asked.Rule
	change, err := New(author, Patch{Title: &title, Due: &asked.Due, TimeZone: &asked.TimeZone, Rule: &rule}, s.Now())
	if err != nil {
		return Dates{}, err
	}
	t := change.After
	whole := t.Series.rule()
	return Dates{Dates: Occurrences(t.Due, whole, t.zone(author.Zone), asked.Count), Text: whole.Text()}, nil
}
