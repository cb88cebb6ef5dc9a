// Package file reads tasks from files and writes them: Todoist's and TickTick's CSV, iCalendar
// (RFC 5545) and JSON in, JSON, CSV and iCalendar out. It would rather bring a task in without
// something than not at all, and tells what it could not take, with the line that it stood on.
package file

import (
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/quick"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Format names a form of file on the wire.
type Format string

// The formats.
const (
	Todoist  Format = "todoist_csv"
	TickTick Format = "ticktick_csv"
	ICS      Format = "ics"
	JSON     Format = "json"
	CSV      Format = "csv" // out only
)

// Read takes a file apart. Its error is about a file that is none of the format.
func Read(format Format, content []byte, here task.Here) (task.Reading, error) {
	text, err := decode(content)
	if err != nil {
		return task.Reading{}, err
	}
	r := &reader{here: here, format: format, seen: map[string]int{}}
	switch format {
	case Todoist:
		err = r.todoist(text)
	case TickTick:
		err = r.tickTick(text)
	case ICS:
		err = r.ics(text)
	default:
		err = r.json(text)
	}
	return task.Reading{Entries: r.entries, Problems: r.problems}, err
}

// reader gathers what a file says.
type reader struct {
	here     task.Here
	format   Format
	entries  []task.Entry
	problems []task.Problem
	seen     map[string]int // how often an identity, or a thing that is told once, was met
}

// maxTold bounds what is gathered of a file that is wrong all over; its report is shorter.
const maxTold = 5_000

func (r *reader) say(line int, field, value, detail string) {
	if len(r.problems) < maxTold {
		r.problems = append(r.problems, task.Problem{Line: line, Field: field, Value: value, Detail: detail})
	}
}

// once reports whether it is asked about something for the first time.
func (r *reader) once(what string) bool {
	r.seen["once "+what]++
	return r.seen["once "+what] == 1
}

// identify gives the entry the id that follows from what tells it from the others of its file.
// Of those that nothing tells apart each counts.
func (r *reader) identify(e *task.Entry, identity string) {
	if n := r.seen[identity]; n > 0 && !e.Dated {
		e.ID = task.ImportID(r.here.UserID, string(r.format), identity+"\x00"+strings.Repeat("+", n))
	} else {
		e.ID = task.ImportID(r.here.UserID, string(r.format), identity)
	}
	r.seen[identity]++
}

// notThis is the error of a file that is none of its format.
func notThis(detail string) error {
	return fault.Fields(fault.Field{Name: "", Code: "format", Detail: detail})
}

// entry begins one with every field that a task may have, so that a task which is there already
// loses what its file no longer says.
func entry(line int, title, description string) task.Entry {
	normal, none, open := task.Normal.String(), "", false
	return task.Entry{Line: line, Names: map[string]string{}, Raw: map[string]string{}, Fields: task.Patch{
		Title: &title, Description: &description, Priority: &normal, Tags: &[]string{}, Completed: &open,
		Due: &none, TimeZone: &none, Rule: new(*task.RuleSpec), Reminders: &[]task.ReminderSpec{},
	}}
}

// put sets a text field, and remembers where the file has it.
func put(e *task.Entry, field, name, raw string) {
	e.Names[field], e.Raw[field] = name, raw
}

// recur gives the entry a rule; text is an RRULE, or the words of one.
func recur(e *task.Entry, text string) {
	spec := &task.RuleSpec{Text: text}
	e.Fields.Rule = &spec
}

// words reads a date, or a rule and its first date, as quick does: all of the text must be
// understood, since a part of it would say something else.
func words(text string, zone *time.Location, now time.Time) (due recurrence.Civil, rule recurrence.Rule, ok bool) {
	const title = "Thing"
	read := quick.Parse(title+" "+text, quick.Here{Now: now.In(zone)})
	if read.Title != title || read.Due.IsZero() || read.Priority != "" || len(read.Tags) > 0 || len(read.Reminders) > 0 || read.Description != "" {
		return due, rule, false
	}
	return read.Due, read.Rule, true
}
