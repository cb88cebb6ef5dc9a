package rules

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// task is what the planner reads of a task of the wire.
type task struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Completed   bool       `json:"completed"`
	Priority    string     `json:"priority"`
	Tags        []string   `json:"tags"`
	Due         *string    `json:"due_date"`
	DueAt       *time.Time `json:"due_at"`
	Zone        *string    `json:"time_zone"`
	Rule        *ruleWords `json:"recurrence_rule"`
	Reminders   []reminder `json:"reminders"`
	Deleted     *string    `json:"deleted_at"`
}

type ruleWords struct {
	RRule  string `json:"rrule"`
	Anchor string `json:"anchor,omitempty"`
	Text   string `json:"text,omitempty"`
}

type reminder struct {
	Minutes *int   `json:"minutes_before,omitempty"`
	Days    *int   `json:"days_before,omitempty"`
	Time    string `json:"time,omitempty"`
	At      string `json:"at,omitempty"`
	Status  string `json:"status,omitempty"`
}

func (t task) named() named { return named{t.ID, t.Title} }

// timed reports whether the task is due at a time of day.
func (t task) timed() bool { return t.Due != nil && strings.Contains(*t.Due, "T") }

// quote shows a title in an answer: in one line, and so that it makes no link or picture there.
func quote(title string) string { return "“" + safe(title) + "”" }

func safe(title string) string {
	title = strings.Join(strings.Fields(title), " ")
	return markup.ReplaceAllString(strings.ReplaceAll(title, "](", "]\\("), "‹$1")
}

// markup begins what might be a tag of HTML.
var markup = regexp.MustCompile(`<([A-Za-z/!?])`)

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// american reports whether the person writes the month before the day, and hours up to 12.
func (s *script) american() bool {
	locale := strings.ToLower(strings.ReplaceAll(s.turn.Locale, "_", "-"))
	return locale == "en-us" || strings.HasPrefix(locale, "en-us-")
}

// when says a due date of the wire in full, in the person's zone.
func (s *script) when(due string) string {
	if day, err := time.Parse(time.DateOnly, due); err == nil {
		return s.day(day)
	}
	at, err := time.Parse(time.RFC3339, due)
	if err != nil {
		if at, err = time.ParseInLocation("2006-01-02T15:04:05"[:min(19, max(16, len(due)))], due, s.turn.Now.Location()); err != nil {
			return safe(due)
		}
	}
	at = at.In(s.turn.Now.Location())
	return s.day(at) + " at " + s.clock(at)
}

// day says a date with its weekday, and its year unless it is this one.
func (s *script) day(day time.Time) string {
	layout := "Monday 2 January"
	year := " 2006"
	if s.american() {
		layout, year = "Monday, January 2", ", 2006"
	}
	if day.Year() != s.turn.Now.Year() {
		layout += year
	}
	said := day.Format(layout)
	switch day.Format(time.DateOnly) {
	case s.turn.Now.Format(time.DateOnly):
		return "today, " + said
	case s.turn.Now.AddDate(0, 0, 1).Format(time.DateOnly):
		return "tomorrow, " + said
	}
	return said
}

func (s *script) clock(at time.Time) string {
	if s.american() {
		return at.Format("3:04 PM")
	}
	return at.Format("15:04")
}

// line says a task in one line of a list.
func (s *script) line(t task) string {
	said := safe(t.Title)
	if t.Completed {
		said += " (done)"
	}
	if t.Due != nil {
		said += ", due " + s.when(*t.Due)
		if !t.Completed && t.DueAt != nil && t.DueAt.Before(s.turn.Now) {
			said += ", overdue"
		}
	}
	if t.Rule != nil && t.Rule.Text != "" {
		said += ", " + t.Rule.Text
	}
	if t.Priority != "" && t.Priority != "normal" {
		said += ", " + t.Priority + " priority"
	}
	for _, tag := range t.Tags {
		said += ", #" + safe(tag)
	}
	return said
}

// details says what a task has besides its title.
func (s *script) details(t task) string {
	var parts []string
	if t.Due != nil {
		parts = append(parts, "due "+s.when(*t.Due))
	}
	if t.Rule != nil {
		parts = append(parts, "repeating "+t.Rule.Text)
	}
	if words := s.rings(t.Reminders); words != "" {
		parts = append(parts, words)
	}
	if t.Priority != "" && t.Priority != "normal" {
		parts = append(parts, t.Priority+" priority")
	}
	if len(t.Tags) > 0 {
		parts = append(parts, "tagged "+safe(both(t.Tags)))
	}
	if t.Description != "" {
		parts = append(parts, "with the description "+quote(short(t.Description)))
	}
	if len(parts) == 0 {
		return ""
	}
	return ", " + strings.Join(parts, ", ")
}

// rings says when reminders come.
func (s *script) rings(reminders []reminder) string {
	var list []string
	for _, r := range reminders {
		switch {
		case r.Minutes != nil && *r.Minutes == 0:
			list = append(list, "when it is due")
		case r.Minutes != nil:
			list = append(list, span(*r.Minutes)+" before")
		case r.Days != nil && *r.Days == 0:
			list = append(list, "on the day at "+r.Time)
		case r.Days != nil:
			list = append(list, counted(*r.Days, "day")+" before at "+r.Time)
		case r.At != "":
			list = append(list, "on "+s.when(r.At))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "with a reminder " + both(list)
}

// span says minutes in the largest unit that fits.
func span(minutes int) string {
	for _, unit := range []struct {
		minutes int
		name    string
	}{{10080, "week"}, {1440, "day"}, {60, "hour"}} {
		if minutes%unit.minutes == 0 {
			return counted(minutes/unit.minutes, unit.name)
		}
	}
	return counted(minutes, "minute")
}

func both(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func short(words string) string {
	runes := []rune(words)
	if len(runes) <= 80 {
		return words
	}
	return strings.TrimSpace(string(runes[:79])) + "…"
}

// sayProblem says why something was not done, and what to do.
func (s *script) sayProblem(p problem, title string) {
	about := "That"
	if title != "" {
		about = quote(title)
	}
	switch p.Code {
	case "not_found":
		s.say(about + " is not there any more, so nothing was changed. Say “show my tasks” to see what is.")
	case "conflict":
		s.say(about + " was changed by something else meanwhile, so I left it as it is. " + sentence(p.Detail))
	case "rate_limited":
		s.say("That was too much at once. Nothing was changed; try again in a minute.")
	case "unauthorized", "forbidden":
		s.say("I am not allowed to do that for you. Sign in again, or use a token that may change tasks.")
	case "invalid", "malformed", "too_long", "too_short", "not_allowed", "format", "required", "range":
		s.say(s.invalid(p))
	default:
		s.say("Your tasks cannot be reached just now. Nothing was lost; try again in a moment.")
	}
}

// invalid says which value is wrong and how to mend it.
func (s *script) invalid(p problem) string {
	field := strings.Trim(p.Field, "/")
	field, _, _ = strings.Cut(field, "/")
	switch {
	case field == "title" && strings.Contains(p.Code+p.Detail, "most"), field == "title" && p.Code == "too_long":
		return "That title is too long: at most 200 characters. Say it shorter, and put the rest into a description."
	case field == "tags":
		return "Those tags do not fit: at most 10, each of at most 50 characters. Nothing was changed."
	case field == "confirmation":
		return "That took too long, so nothing was changed. Say again what you want."
	case field == "due_date":
		return "That date cannot be kept: " + safe(p.Detail) + ". Nothing was changed; try another, such as “Friday at 3pm”."
	case field == "reminders":
		return "That reminder cannot be kept: " + safe(p.Detail) + ". Nothing was changed."
	case field == "recurrence_rule":
		return "That repetition cannot be kept: " + safe(p.Detail) + ". Try “every Monday” or “every 2 weeks”."
	}
	return "That did not work: " + safe(p.Detail) + ". Nothing was changed; say it in another way."
}

func sentence(words string) string {
	if words == "" {
		return ""
	}
	words = safe(words)
	return strings.ToUpper(words[:1]) + words[1:] + "."
}
