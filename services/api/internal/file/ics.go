package file

import (
	"fmt"
	"strings"

	"github.com/emersion/go-ical"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// maxDepth is how deep components lie in each other: an alarm lies in a task in a calendar.
const maxDepth = 8

// ics reads the VTODOs of a calendar (RFC 5545). Each is read apart from the others, so that one
// that is broken does not cost them.
func (r *reader) ics(text string) error {
	all := unfold(text, func(line int, field, detail string) { r.say(line, field, "", detail) })
	if len(all) == 0 || all[0].name != "BEGIN" || !strings.EqualFold(valueIn(all[0]), "VCALENDAR") {
		return notThis("is no iCalendar file: it does not begin with BEGIN:VCALENDAR")
	}
	zones := r.zonesOf(all)
	var open []string // the components that are open
	var todo []content
	for _, c := range all {
		switch c.name {
		case "BEGIN":
			open = append(open, strings.ToUpper(valueIn(c)))
			if len(open) > maxDepth {
				r.say(c.line, "BEGIN", valueIn(c), "lies too deep in others: nothing behind it is read")
				return nil
			}
			r.begins(c, open)
		case "END":
			if name := strings.ToUpper(valueIn(c)); len(open) == 0 || open[len(open)-1] != name {
				r.say(c.line, "END", name, "ends what did not begin")
				continue
			}
		}
		if len(open) >= 2 && open[0] == "VCALENDAR" && open[1] == "VTODO" {
			todo = append(todo, c)
		} else if len(open) == 1 && c.name != "BEGIN" && c.name != "END" {
			r.calendarLine(c)
		}
		if c.name == "END" {
			if open = open[:len(open)-1]; len(open) == 1 && len(todo) > 0 {
				r.todo(todo, zones)
				todo = nil
			}
		}
	}
	if len(open) > 0 {
		r.say(all[len(all)-1].line, "END", "", "the file ends before "+open[len(open)-1]+" does")
	}
	return nil
}

func valueIn(c content) string {
	_, value, _ := strings.Cut(c.text, ":")
	return strings.TrimSpace(value)
}

// begins tells of components that are no tasks.
func (r *reader) begins(c content, open []string) {
	name := open[len(open)-1]
	switch {
	case len(open) == 2 && name != "VTODO" && name != "VTIMEZONE":
		r.say(c.line, "BEGIN", name, "is no task: left out")
	case len(open) == 3 && open[1] == "VTODO" && name != "VALARM":
		r.say(c.line, "BEGIN", name, "is not kept")
	}
}

// calendarLine tells what is lost of the calendar itself.
func (r *reader) calendarLine(c content) {
	switch c.name {
	case ical.PropProductID, ical.PropVersion, ical.PropCalendarScale, ical.PropMethod, "X-WR-CALNAME", "X-WR-TIMEZONE", "REFRESH-INTERVAL", "X-PUBLISHED-TTL":
	default:
		r.say(c.line, c.name, valueIn(c), "is not kept")
	}
}

// zonesOf finds what the calendar's own time zones are called in the IANA database. Their rules
// are not looked at, whatever they say: names are enough, and rules of others may be anything.
func (r *reader) zonesOf(all []content) map[string]string {
	zones := map[string]string{}
	id := ""
	for _, c := range all {
		switch c.name {
		case ical.PropTimezoneID:
			id = valueIn(c)
		case "X-LIC-LOCATION":
			zones[id] = valueIn(c)
		case "END":
			id = ""
		}
	}
	return zones
}

// todo reads one VTODO.
func (r *reader) todo(lines []content, zones map[string]string) {
	component, err := component(lines)
	if err != nil {
		r.say(lines[0].line, "BEGIN", "VTODO", "cannot be read: left out")
		return
	}
	t := &todo{reader: r, lines: lines, props: component.Props, zones: zones, zone: r.here.Zone}
	t.Entry = entry(lines[0].line, unescaped(t.value(ical.PropSummary)), unescaped(t.value(ical.PropDescription)))
	t.Dated = true
	t.identity()
	if strings.EqualFold(t.value(ical.PropStatus), "CANCELLED") {
		t.lost(ical.PropStatus, "was called off: left out")
		return
	}
	t.plain()
	t.due()
	t.rule()
	t.alarms(component.Children)
	t.rest(component)
	r.entries = append(r.entries, t.Entry)
}

// component parses lines with the library, which takes a whole calendar and gives up with a panic
// where it meets what checked would have left out.
func component(lines []content) (c *ical.Component, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("parse a component: %v", panicked)
		}
	}()
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for _, line := range lines {
		b.WriteString(line.text + "\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	calendar, err := ical.NewDecoder(strings.NewReader(b.String())).Decode()
	if err != nil {
		return nil, err
	}
	if len(calendar.Children) != 1 {
		return nil, fmt.Errorf("%d components in one", len(calendar.Children))
	}
	return calendar.Children[0], nil
}

// identity is the UID, with which of its occurrences where it is one alone; else all that it says.
func (t *todo) identity() {
	uid := t.value(ical.PropUID)
	if uid == "" {
		var whole strings.Builder
		for _, line := range t.lines {
			whole.WriteString(line.text + "\n")
		}
		t.Dated = false
		t.identify(&t.Entry, whole.String())
		t.lost(ical.PropUID, "is missing: what it says tells the task from others")
		return
	}
	if own, ok := ownID(uid); ok {
		t.Own = own
	}
	if which := t.value(ical.PropRecurrenceID); which != "" {
		t.lost(ical.PropRecurrenceID, "is one occurrence of another task: it becomes a task of its own")
		uid += "\x00" + which
		t.Own = [16]byte{}
	}
	t.identify(&t.Entry, uid)
}

// names are what a task's fields are called here.
func (t *todo) called(field, name string) {
	put(&t.Entry, field, name, t.value(name))
}

func (t *todo) plain() {
	t.called("/title", ical.PropSummary)
	t.called("/description", ical.PropDescription)
	t.called("/tags", ical.PropCategories)
	if *t.Fields.Title == "" {
		untitled := "(without a title)"
		t.Fields.Title = &untitled
		t.lost(ical.PropSummary, "is missing")
	}
	tags := []string{}
	for _, prop := range t.props[ical.PropCategories] {
		tags = append(tags, listed(prop.Value)...)
	}
	t.Fields.Tags = &tags
	priority := task.Normal
	switch given := t.value(ical.PropPriority); given {
	case "1":
		priority = task.Critical
	case "2", "3", "4":
		priority = task.High
	case "", "0", "5":
	case "6", "7", "8", "9":
		priority = task.Low
	default:
		t.lost(ical.PropPriority, "is none of 0 to 9: normal is taken")
	}
	word := priority.String()
	t.Fields.Priority = &word
	done := false
	switch strings.ToUpper(t.value(ical.PropStatus)) {
	case "", "NEEDS-ACTION":
		done = t.value(ical.PropCompleted) != ""
	case "COMPLETED":
		done = true
	case "IN-PROCESS":
		t.lost(ical.PropStatus, "becomes an open task")
	default:
		t.lost(ical.PropStatus, "is no status of a task: it becomes an open one")
	}
	t.Fields.Completed = &done
	if done {
		t.CompletedAt = t.instant(ical.PropCompleted)
	}
	t.CreatedAt, t.ModifiedAt = t.instant(ical.PropCreated), t.instant(ical.PropLastModified)
}
