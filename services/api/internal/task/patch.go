package task

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
)

// Patch names the fields to change; a nil one stays as it is, a pointer to nothing clears.
type Patch struct {
	Title       *string
	Description *string
	Priority    *string
	Tags        *[]string
	Completed   *bool
	Due         *string // as on the wire, see ParseDue; "" clears
	TimeZone    *string // IANA; "" lets it float
	Rule        **RuleSpec
	Reminders   *[]ReminderSpec
}

// Limits of wire-api.md §3, in Unicode code points.
const (
	maxTitle       = 200
	maxDescription = 10_000
	maxTag         = 50
	maxTags        = 10
)

// apply merges fields into t, and returns every field that is wrong at once.
func (t *Task) apply(fields Patch, zone *time.Location, now time.Time) error {
	var wrong problems
	if fields.Title != nil {
		t.Title = strings.TrimSpace(*fields.Title)
		wrong.length("/title", t.Title, 1, maxTitle)
	}
	if fields.Description != nil {
		t.Description = *fields.Description
		wrong.length("/description", t.Description, 0, maxDescription)
	}
	if fields.Priority != nil {
		priority, ok := ParsePriority(*fields.Priority)
		if t.Priority = priority; !ok {
			wrong.add("/priority", "not_allowed", "is none of low, normal, high, critical")
		}
	}
	if fields.Tags != nil {
		t.Tags = wrong.tags(*fields.Tags)
	}
	if fields.Completed != nil && *fields.Completed != t.Completed() {
		t.CompletedAt = nil
		if *fields.Completed {
			t.CompletedAt = &now
		}
	}
	t.schedule(fields, zone, now, &wrong)
	return wrong.err()
}

// schedule applies what is about time: first the zone, in which the due date is read.
func (t *Task) schedule(fields Patch, zone *time.Location, now time.Time, wrong *problems) {
	if fields.TimeZone != nil {
		t.TimeZone = *fields.TimeZone
		if _, err := LoadZone(t.TimeZone); t.TimeZone != "" && err != nil {
			wrong.add("/time_zone", "not_allowed", "is no time zone of the IANA database")
		}
	}
	if fields.Due != nil {
		due, err := ParseDue(*fields.Due, t.zone(zone))
		if err != nil {
			wrong.add("/due_date", "format", err.Error())
			due = Due{recurrence.CivilOf(now.In(t.zone(zone))).Date()} // any, to look at the rest
		}
		if due != t.Due { // what was put off follows again
			for i := range t.Reminders {
				t.Reminders[i].Snoozed = nil
			}
		}
		t.Due = due
	}
	if fields.Rule != nil {
		t.recur(*fields.Rule, zone, recurrence.CivilOf(now.In(t.zone(zone))).Date(), wrong)
	}
	if t.Series != nil && t.Due.None() {
		wrong.add("/due_date", "required", "is what the recurrence_rule counts from: clear that too")
	}
	if fields.Reminders != nil {
		t.remind(*fields.Reminders, zone, wrong)
	}
	if *wrong == nil { // a wrong reminder says no time
		t.resolve(zone)
	}
}

// resolve computes the instants of the due date and of the reminders; zone is the person's.
func (t *Task) resolve(zone *time.Location) {
	defer t.ring(zone)
	t.DueAt = nil
	if !t.Due.None() {
		at := t.Due.At(t.zone(zone))
		t.DueAt = &at
	}
}

// zone is the effective zone: the task's own, else the person's.
func (t *Task) zone(person *time.Location) *time.Location {
	if own, err := LoadZone(t.TimeZone); t.TimeZone != "" && err == nil {
		return own
	}
	return person
}

// problems gathers the fields that are wrong.
type problems []fault.Field

func (p *problems) add(field, code, detail string) {
	*p = append(*p, fault.Field{Name: field, Code: code, Detail: detail})
}

// take adds the fields of an error.
func (p *problems) take(err error) {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		*p = append(*p, e.Fields...)
	}
}

func (p *problems) length(field, text string, least, most int) {
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		p.add(field, "too_short", "at least 1 character that is not a space")
	case n > most:
		p.add(field, "too_long", "at most "+number(most)+" characters")
	}
}

func (p problems) err() error {
	if p == nil {
		return nil
	}
	return fault.Fields(p...)
}
