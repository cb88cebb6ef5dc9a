package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// task is what is shown of one.
type task struct {
	ID        string
	Title     string
	Completed bool
	Priority  string
	Tags      []string
	DueDate   *string                `json:"due_date"`
	DueAt     *time.Time             `json:"due_at"`
	DeletedAt *time.Time             `json:"deleted_at"`
	Rule      *struct{ Text string } `json:"recurrence_rule"`
}

// print writes an answer of the server on one line.
func (s *session) print(answer any) error {
	if raw, ok := answer.(json.RawMessage); ok && len(raw) == 0 {
		return nil
	}
	var line bytes.Buffer
	text, err := json.Marshal(answer)
	if err == nil {
		err = json.Compact(&line, text)
	}
	if err == nil {
		_, err = fmt.Fprintln(s.out, line.String())
	}
	return err
}

// tell says in a line what became of a task.
func (s *session) tell(did string, raw json.RawMessage) error {
	if s.json {
		return s.print(raw)
	}
	var t task
	if err := json.Unmarshal(raw, &t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, "%s: %s\n", did, s.line(&t))
	return err
}

// understood says what a line of text was read as.
func (s *session) understood(verb string, t *task, spans []span) {
	fmt.Fprintf(s.out, "%s: %s\n", verb, s.line(t))
	for _, one := range spans {
		switch {
		case one.Field == "recurrence_rule" && t.Rule != nil:
			one.Value = t.Rule.Text
		case one.Field == "due_date":
			one.Value = day(one.Value)
		}
		fmt.Fprintf(s.out, "  %-10s %s  %s\n", names[one.Field], plain(one.Value), s.faint("“"+plain(one.Text)+"”"))
	}
}

// names are for people what the wire calls otherwise.
var names = map[string]string{
	"due_date": "due", "recurrence_rule": "repeats", "reminders": "reminds", "priority": "priority", "tags": "tags", "description": "note",
}

// row is a task in a list, behind its number.
func (s *session) row(n int, t *task) {
	fmt.Fprintf(s.out, "%s %s\n", s.faint(fmt.Sprintf("%3d", n)), s.line(t))
}

func (s *session) line(t *task) string {
	parts := []string{plain(t.Title)}
	if t.Completed {
		parts[0] = s.faint("✓ " + parts[0])
	}
	if t.DueDate != nil {
		due := day(*t.DueDate)
		if !t.Completed && t.DueAt != nil && t.DueAt.Before(s.now()) {
			due = s.colour("31", due)
		} else {
			due = s.colour("36", due)
		}
		parts = append(parts, due)
	}
	if t.Rule != nil {
		parts = append(parts, s.faint(plain(t.Rule.Text)))
	}
	switch t.Priority {
	case "critical":
		parts = append(parts, s.colour("1;31", "!critical"))
	case "high":
		parts = append(parts, s.colour("33", "!high"))
	case "low":
		parts = append(parts, s.faint("!low"))
	}
	for _, tag := range t.Tags {
		parts = append(parts, s.colour("35", "#"+plain(tag)))
	}
	return strings.Join(parts, "  ")
}

// day writes a due date as a person reads it, on the clock of its own zone.
func day(due string) string {
	if at, err := time.Parse(time.DateOnly, due); err == nil {
		return at.Format("Mon 2 Jan 2006")
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04"} {
		if at, err := time.Parse(form, due); err == nil {
			return at.Format("Mon 2 Jan 2006 15:04")
		}
	}
	return plain(due)
}

func (s *session) faint(text string) string { return s.colour("2", text) }

// colour puts text in a colour where it is a terminal that shows it (no-color.org).
func (s *session) colour(code, text string) string {
	off, _ := s.lookup("NO_COLOR")
	kind, _ := s.lookup("TERM")
	if !s.terminal || off != "" || kind == "dumb" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// plain takes away what a terminal would obey: what others wrote is only to be read.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '�'
		}
		return r
	}, text)
}

// unknownCommand tells cobra's error of a command that there is not, which has no type.
func unknownCommand(err error) bool {
	for _, start := range []string{"unknown command", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), start) {
			return true
		}
	}
	return false
}
