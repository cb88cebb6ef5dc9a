package task

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
)

// Entry is one task of a file.
type Entry struct {
	Line   int       // the physical line that it begins on
	ID     uuid.UUID // that it gets here, see ImportID
	Own    uuid.UUID // that the file gives it: the person's task of that id, if there is one, is meant
	Fields Patch     // all that the file can say

	// Dated is set where the file says of each task when it was changed, or which it is: then
	// what is there already may follow the file.
	Dated      bool
	ModifiedAt *time.Time

	CreatedAt   *time.Time
	CompletedAt *time.Time
	Occurrence  *FiledOccurrence
	Rung        []Rung            // what became of Fields.Reminders, if the file knows
	Names       map[string]string // what the file calls a field: "/due_date" may be "DUE"
	Raw         map[string]string // what the file says in it
}

// FiledOccurrence is a recurring task's place in its series, as a file keeps it.
type FiledOccurrence struct {
	Series  uuid.UUID // derived as ids are
	Version int64
	Start   recurrence.Civil
	Date    recurrence.Civil
	Number  int
	After   uuid.UUID // derived too
}

// Rung is what became of a reminder.
type Rung struct {
	Status  ReminderStatus
	SentAt  *time.Time
	Snoozed *time.Time
}

// lateReminder is after how long a reminder is missed (wire-api.md §3). One of a file that is
// later than that has been missed before it came here.
const lateReminder = 24 * time.Hour

// problem is one about a field of the wire, which has a name of its own in the file.
func (e *Entry) problem(field, value, detail string) Problem {
	top := topOf(field)
	if raw, ok := e.Raw[top]; ok {
		value = raw
	}
	if name, ok := e.Names[top]; ok {
		field = name
	}
	return Problem{Line: e.Line, Field: strings.TrimPrefix(field, "/"), Value: value, Detail: detail}
}

func topOf(field string) string {
	top, _, _ := strings.Cut(strings.TrimPrefix(field, "/"), "/")
	return "/" + top
}

// fit cuts what is longer than a task may have it, and tells what it cut.
func (e *Entry) fit(say func(Problem)) {
	f := &e.Fields
	if title := strings.TrimSpace(valueOf(f.Title)); utf8.RuneCountInString(title) > maxTitle {
		say(e.problem("/title", title, "is longer than 200 characters: cut, and put before the description"))
		whole := title + "\n\n" + valueOf(f.Description)
		short := string([]rune(title)[:maxTitle-1]) + "…"
		f.Title, f.Description = &short, &whole
	} else {
		f.Title = &title
	}
	if utf8.RuneCountInString(valueOf(f.Description)) > maxDescription {
		say(e.problem("/description", *f.Description, "is longer than 10,000 characters: cut"))
		short := string([]rune(*f.Description)[:maxDescription-1]) + "…"
		f.Description = &short
	}
	if f.Tags != nil {
		tags := []string{}
		for _, tag := range *f.Tags {
			tag = strings.TrimSpace(tag)
			switch {
			case tag == "":
			case utf8.RuneCountInString(tag) > maxTag:
				say(e.problem("/tags", tag, "a tag of more than 50 characters is left out"))
			case len(tags) == maxTags:
				say(e.problem("/tags", tag, "at most 10 tags: this one is left out"))
			default:
				tags = append(tags, tag)
			}
		}
		f.Tags = &tags
	}
	if f.Reminders != nil && len(*f.Reminders) > maxReminders {
		say(e.problem("/reminders", number(len(*f.Reminders)), "at most 5 reminders: the first are kept"))
		first := (*f.Reminders)[:maxReminders]
		f.Reminders, e.Rung = &first, nil
	}
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// repair takes the fields out that are not allowed, and tells them. It reports false if the
// task cannot be without them.
func (e *Entry) repair(err error, say func(Problem)) bool {
	var wrong problems
	wrong.take(err)
	f := &e.Fields
	told := map[string]bool{}
	for _, field := range wrong {
		top := topOf(field.Name)
		if !told[top] {
			say(e.problem(field.Name, e.shown(top), field.Detail))
			told[top] = true
		}
		switch top {
		case "/description":
			f.Description = nil
		case "/priority":
			f.Priority = nil
		case "/tags":
			f.Tags = nil
		case "/time_zone":
			f.TimeZone = nil
		case "/due_date":
			f.Due = nil
		case "/recurrence_rule":
			f.Rule, e.Occurrence = nil, nil
		case "/reminders":
			f.Reminders, e.Rung = nil, nil
		default:
			return false
		}
	}
	return len(wrong) > 0
}

// shown is a field's value as the entry has it.
func (e *Entry) shown(field string) string {
	f := &e.Fields
	switch field {
	case "/title":
		return valueOf(f.Title)
	case "/due_date":
		return valueOf(f.Due)
	case "/time_zone":
		return valueOf(f.TimeZone)
	case "/priority":
		return valueOf(f.Priority)
	case "/recurrence_rule":
		if f.Rule != nil && *f.Rule != nil {
			return (*f.Rule).Text
		}
	case "/reminders":
		if f.Reminders != nil {
			return strconv.Itoa(len(*f.Reminders))
		}
	}
	return ""
}

// make returns the change that adds the entry's task, or nil where it can be none.
func (e *Entry) make(author Author, now, created time.Time, say func(Problem)) *Change {
	const fields = 8 // each turn takes one out at least
	for range fields {
		change, err := New(author, e.Fields, now)
		if err == nil {
			e.finish(&change.After, author, now, created)
			return change
		}
		if fault.KindOf(err) != fault.Invalid || !e.repair(err, say) {
			break
		}
	}
	return nil
}

// finish gives a new task what only a file can: when things happened, and its place in a series.
func (e *Entry) finish(t *Task, author Author, now, created time.Time) {
	t.ID, t.CreatedAt = e.ID, created
	if e.CreatedAt != nil && e.CreatedAt.Before(now) {
		t.CreatedAt = e.CreatedAt.UTC()
	}
	if t.Completed() && e.CompletedAt != nil && e.CompletedAt.Before(now) {
		at := e.CompletedAt.UTC()
		t.CompletedAt = &at
	}
	if o := e.Occurrence; o != nil && t.Series != nil {
		s := t.Series
		s.ID, s.Version, s.Start, s.Date, s.Number, s.After = o.Series, o.Version, o.Start, o.Date, o.Number, o.After
	}
	known := len(e.Rung) == len(t.Reminders)
	for i := range t.Reminders {
		if known {
			t.Reminders[i].Snoozed = e.Rung[i].Snoozed
		}
	}
	t.resolve(author.Zone)
	for i := range t.Reminders {
		r := &t.Reminders[i]
		switch {
		case known && (e.Rung[i].Status == Sent || e.Rung[i].Status == Failed || e.Rung[i].Status == Missed):
			r.Status, r.SentAt = e.Rung[i].Status, e.Rung[i].SentAt
		case r.Status == Scheduled && r.RemindAt.Before(now.Add(-lateReminder)):
			r.Status = Missed
		}
	}
}
