package file

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Calendar writes iCalendar (RFC 5545): tasks as VTODO, and what is due as VEVENT for the programs
// that know no tasks.
type Calendar struct {
	Todos, Events bool
	Feed          bool // for programs that come again: nothing that rings, since reminders do

	to    *bufio.Writer
	now   time.Time
	zones map[string]bool // those that are defined already
	some  bool
	err   error
}

// NewFeed returns a calendar to subscribe to.
func NewFeed(to io.Writer, todos, events bool, now time.Time) *Calendar {
	return &Calendar{Todos: todos, Events: events, Feed: true, to: bufio.NewWriterSize(to, 32<<10), now: now}
}

// Begin writes what is said of the calendar.
func (c *Calendar) Begin() error {
	c.zones = map[string]bool{}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//Tickler//Tickler//EN")
	c.line("CALSCALE", "GREGORIAN")
	if c.Feed {
		c.line("METHOD", "PUBLISH")
		c.line("X-WR-CALNAME", "Tickler")
		c.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
		c.line("X-PUBLISHED-TTL", "PT1H")
	}
	return c.err
}

// Write writes a task.
func (c *Calendar) Write(found task.Found) error {
	t := &found.Task
	if t.TimeZone != "" && t.Due.Wall.Timed {
		c.zone(t.TimeZone)
	}
	if c.Todos {
		c.todo(t)
	}
	if c.Events && !t.Due.None() && !t.Completed() {
		c.event(t)
	}
	return c.err
}

// End writes what stands behind the last task. A calendar must have a component.
func (c *Calendar) End() error {
	if !c.some {
		c.zone("Etc/UTC")
	}
	if c.line("END", "VCALENDAR"); c.err != nil {
		return c.err
	}
	return c.to.Flush()
}

var ranks = map[task.Priority]string{task.Critical: "1", task.High: "3", task.Normal: "5", task.Low: "9"}

func (c *Calendar) todo(t *task.Task) {
	c.common("VTODO", t, t.ID.String()+ourHost)
	if t.Completed() {
		c.line("STATUS", "COMPLETED")
		c.line("COMPLETED", utc(*t.CompletedAt))
		c.line("PERCENT-COMPLETE", "100")
	} else {
		c.line("STATUS", "NEEDS-ACTION")
	}
	if !t.Due.None() {
		if t.Series != nil {
			c.when("DTSTART", t, t.Due.Wall)
		}
		c.when("DUE", t, t.Due.Wall)
	}
	if t.TimeZone != "" && !t.Due.Wall.Timed {
		c.line(propZone, t.TimeZone)
	}
	if s := t.Series; s != nil {
		c.line("RRULE", untilOf(s.Rule, t))
		if s.Anchor == recurrence.Completion {
			c.line(propAnchor, string(s.Anchor))
		}
		c.line(propOccurrence, fmt.Sprintf("%s %s %d", s.Date, s.Start, s.Number))
	}
	if !c.Feed {
		for i := range t.Reminders {
			c.alarm(t, &t.Reminders[i])
		}
	}
	c.line("END", "VTODO")
}

// event shows when a task is due. What counts from completion has no further dates yet.
func (c *Calendar) event(t *task.Task) {
	c.common("VEVENT", t, t.ID.String()+"-due"+ourHost)
	c.when("DTSTART", t, t.Due.Wall)
	if t.Due.Wall.Timed {
		c.line("DURATION", "PT15M")
	}
	c.line("TRANSP", "TRANSPARENT")
	if s := t.Series; s != nil && s.Anchor != recurrence.Completion {
		rule := countOf.ReplaceAllStringFunc(s.Rule, func(part string) string {
			var n int
			_, _ = fmt.Sscanf(part, "COUNT=%d", &n) // it matched
			return fmt.Sprintf("COUNT=%d", max(1, n-s.Number+1))
		})
		c.line("RRULE", untilOf(rule, t))
	}
	c.line("END", "VEVENT")
}

func (c *Calendar) common(component string, t *task.Task, uid string) {
	c.some = true
	c.line("BEGIN", component)
	c.line("UID", uid)
	c.line("DTSTAMP", utc(t.UpdatedAt))
	c.line("CREATED", utc(t.CreatedAt))
	c.line("LAST-MODIFIED", utc(t.UpdatedAt))
	c.line("SUMMARY", escaped(t.Title))
	if t.Description != "" {
		c.line("DESCRIPTION", escaped(t.Description))
	}
	c.line("PRIORITY", ranks[t.Priority])
	if len(t.Tags) > 0 {
		tags := make([]string, len(t.Tags))
		for i, tag := range t.Tags {
			tags[i] = escaped(tag)
		}
		c.line("CATEGORIES", strings.Join(tags, ","))
	}
}

// alarm writes a reminder. Its own form stands beside it where another could say the same.
func (c *Calendar) alarm(t *task.Task, r *task.Reminder) {
	c.line("BEGIN", "VALARM")
	c.line("ACTION", "DISPLAY")
	c.line("DESCRIPTION", escaped(t.Title))
	wall := t.Due.Wall
	if after, ok := trigger(r, wall.Timed, wall.Hour*60+wall.Minute); ok {
		sign := ""
		if after < 0 {
			sign, after = "-", -after
		}
		c.line("TRIGGER;RELATED=END", fmt.Sprintf("%sPT%dM", sign, after))
	} else if r.When.At != nil {
		c.line("TRIGGER;VALUE=DATE-TIME", utc(*r.When.At))
	}
	if r.When.DaysBefore != nil {
		c.line(propWhen+`;TIME="`+r.When.Time+`"`, fmt.Sprint(*r.When.DaysBefore))
	}
	if r.Channels != nil {
		c.line(propChannels, strings.Join(r.Channels, ","))
	}
	c.line("END", "VALARM")
}

// when writes a date, a time in a zone, or one that floats with whoever looks at it.
func (c *Calendar) when(name string, t *task.Task, wall recurrence.Civil) {
	at := time.Date(wall.Year, wall.Month, wall.Day, wall.Hour, wall.Minute, wall.Sec, 0, time.UTC)
	switch {
	case !wall.Timed:
		c.line(name+";VALUE=DATE", at.Format("20060102"))
	case t.TimeZone != "":
		c.line(name+";TZID="+t.TimeZone, at.Format("20060102T150405"))
	default:
		c.line(name, at.Format("20060102T150405"))
	}
}

var (
	untilDay = regexp.MustCompile(`UNTIL=(\d{8})$`)
	countOf  = regexp.MustCompile(`COUNT=\d+`)
)

// untilOf writes the last day of a rule in the form of its start (RFC 5545, section 3.3.10): of
// one in a zone as an instant.
func untilOf(rule string, t *task.Task) string {
	found := untilDay.FindStringSubmatch(rule)
	if found == nil || !t.Due.Wall.Timed {
		return rule
	}
	last, err := time.Parse("20060102", found[1])
	if err != nil {
		return rule
	}
	last = last.Add(24*time.Hour - time.Second)
	until := last.Format("20060102T150405")
	if zone, err := task.LoadZone(t.TimeZone); err == nil {
		until = utc(recurrence.Resolve(recurrence.CivilOf(last), zone))
	}
	return strings.Replace(rule, found[0], "UNTIL="+until, 1)
}

func utc(at time.Time) string { return at.UTC().Format("20060102T150405Z") }

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// escaped is a text as a value of the type TEXT; control characters may not stand there.
func escaped(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return -1
		}
		return c
	}, escapes.Replace(text))
}

// maxOctets is how long a line may be before it is folded (section 3.1).
const maxOctets = 75

// line writes a content line, folded between characters.
func (c *Calendar) line(name, value string) {
	if c.err != nil {
		return
	}
	n := 0
	for _, char := range name + ":" + value {
		text := string(char)
		if n+len(text) > maxOctets {
			text, n = "\r\n "+text, 1-len("\r\n ")
		}
		n += len(text)
		if _, c.err = c.to.WriteString(text); c.err != nil {
			return
		}
	}
	_, c.err = c.to.WriteString("\r\n")
}
