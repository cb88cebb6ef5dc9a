// Package quick reads a task from one line of English, such as "pay rent every last workday 9am
// !high #home remind 1h before". It takes the parts in a fixed order, cuts each from the text, and
// what remains is the title. It would rather see no date than a wrong one. There is no clock
// inside: whoever asks says when and where the person is.
package quick

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/recurrence"
)

// MaxText is how long a text may be, in Unicode code points.
const MaxText = 2000

// Here is what the words of a text are relative to.
type Here struct {
	Now    time.Time // in the person's zone
	Locale string    // BCP 47; "" leaves 1/2 unread, since nobody knows which is the month
}

// Range is a piece of a text in Unicode code points, its end not included.
type Range struct{ Start, End int }

// Span is a piece of the text and what was read from it.
type Span struct {
	Range
	Text  string
	Field string // of the task, as on the wire
	Value string // in the form of the field; tags with ", " between them, reminders in words
}

// Reminder is one of three: minutes before, days before at a time, or a wall-clock time.
type Reminder struct {
	MinutesBefore *int
	DaysBefore    *int
	Time          string // HH:MM, with DaysBefore
	At            recurrence.Civil
}

// Task is what a text says. Fields that it does not name are zero.
type Task struct {
	Title       string
	Description string
	Due         recurrence.Civil
	Rule        recurrence.Rule // counted from Due, which it has
	Reminders   []Reminder
	Priority    string // low, normal, high, critical
	Tags        []string
	Spans       []Span // in the order of the text
}

// Parse reads a text. What lies in one of the ranges to ignore belongs to the title. A text
// that would leave no title is one as a whole.
func Parse(text string, here Here, ignore ...Range) Task {
	r := newReader(text, here, ignore)
	r.lead()
	r.recurrence()
	r.reminders()
	r.due()
	r.priority()
	r.tags()
	r.description()
	r.settle()
	r.task.Title = r.title()
	if r.task.Title == "" {
		return Task{Title: strings.TrimSpace(text)}
	}
	slices.SortFunc(r.task.Spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	return r.task
}

// reader takes one text apart. Its methods read from a token on and tell where they stopped.
type reader struct {
	runes   []rune
	tokens  []token
	now     recurrence.Civil
	zone    *time.Location
	instant time.Time // now, to the second
	order   order
	task    Task
	bare    bool // nothing was cut so far, not even what leads in

	unclosed rune // a closing quote that does not come any more

	rule    recurrence.Rule
	when    when   // the due date as read
	ringDue bool   // "remind me to": a reminder at the due time
	rings   []ring // reminders with a time of their own
}

// ring is "remind me at 8": what it means is known once the due date is.
type ring struct {
	when when
	span int
}

// cut takes tokens out of the text as a part of the task, and returns the number of its span.
func (r *reader) cut(from, to int, field, value string) int {
	span := Span{Range: Range{r.tokens[from].start, r.tokens[to-1].end}, Field: field, Value: value}
	span.Text = string(r.runes[span.Start:span.End])
	r.task.Spans = append(r.task.Spans, span)
	r.drop(from, to)
	return len(r.task.Spans) - 1
}

// drop takes tokens out of the text that say nothing.
func (r *reader) drop(from, to int) {
	for i := from; i < to; i++ {
		r.tokens[i].cut = true
	}
	r.bare = false
}

// settle decides what depends on several parts: the first date of a rule, and reminders, which
// need a due date: without one their words go back to the title.
func (r *reader) settle() {
	r.firstDate()
	if r.task.Due.IsZero() {
		r.release("reminders")
		r.task.Reminders = nil
		return
	}
	for _, ring := range r.rings {
		r.task.Reminders = append(r.task.Reminders, r.ringAt(ring))
	}
	zero := 0
	if r.ringDue && len(r.task.Reminders) == 0 {
		r.task.Reminders = append(r.task.Reminders, Reminder{MinutesBefore: &zero})
	}
	for i, span := range r.task.Spans {
		if span.Field == "due_date" {
			r.task.Spans[i].Value = r.task.Due.String()
		}
	}
}

// release gives the words of a field back to the title.
func (r *reader) release(field string) {
	r.task.Spans = slices.DeleteFunc(r.task.Spans, func(s Span) bool {
		if s.Field != field {
			return false
		}
		for i, t := range r.tokens {
			if t.start >= s.Start && t.end <= s.End {
				r.tokens[i].cut = false
			}
		}
		return true
	})
}
