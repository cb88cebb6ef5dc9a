package recurrence

import (
	"slices"
	"strings"
	"time"
)

// Simple is a rule in the simple form of the API (wire-api.md §3), and what the API shows of any
// rule. Absent fields are nil or empty.
type Simple struct {
	RRule      string    `json:"rrule,omitempty"`
	Anchor     Anchor    `json:"anchor,omitempty"`
	Text       string    `json:"text,omitempty"` // in words; FromSimple does not read it
	Frequency  Frequency `json:"frequency,omitempty"`
	Interval   *int      `json:"interval,omitempty"`     // 1 if absent
	ByWeekday  []string  `json:"by_weekday,omitempty"`   // mo to su; 1mo the first, -1fr the last
	ByMonthDay []int     `json:"by_month_day,omitempty"` // -1 the last
	ByMonth    []int     `json:"by_month,omitempty"`
	BySetPos   *int      `json:"by_set_pos,omitempty"`
	Count      *int      `json:"count,omitempty"`
	Until      *string   `json:"until,omitempty"` // a date, a local date-time or an instant; its day counts
}

// pointers lead from the parts of a rule to the fields of the simple form.
var pointers = map[string]string{
	"FREQ": "/frequency", "INTERVAL": "/interval", "BYDAY": "/by_weekday", "BYMONTHDAY": "/by_month_day", "BYMONTH": "/by_month",
	"BYSETPOS": "/by_set_pos", "COUNT": "/count", "UNTIL": "/until", "ANCHOR": "/anchor", "RRULE": "/rrule",
}

func (e *Error) named() *Error {
	e.Name = pointers[e.part]
	return e
}

// FromSimple reads the simple form. A month too short for a day of the month takes its last day
// instead, unless weekdays or a position choose among the days. What the API showed (Rule.Simple)
// can be given back: where rrule is there it is the rule, and the other fields may not differ from
// it. The error is an *Error whose Name points to the field.
func FromSimple(s Simple) (Rule, error) {
	r, err := s.rule()
	if err != nil {
		return Rule{}, err.named()
	}
	return r, nil
}

func (s Simple) rule() (Rule, *Error) {
	if s.RRule != "" {
		return s.given()
	}
	r := Rule{freq: s.Frequency, interval: 1, byMonthDay: s.ByMonthDay, byMonth: s.ByMonth, anchor: s.Anchor}
	if err := checkNames(s); err != nil {
		return Rule{}, err
	}
	if s.Interval != nil {
		r.interval = *s.Interval
	}
	for _, text := range s.ByWeekday {
		day, ok := parseDay(strings.ToUpper(text))
		if !ok {
			return Rule{}, wrong("BYDAY", Unknown, "%s is no weekday such as mo or -1fr", quote(text))
		}
		r.byDay = append(r.byDay, day)
	}
	if s.BySetPos != nil {
		r.bySetPos = []int{*s.BySetPos}
	}
	if s.Count != nil {
		if r.count = *s.Count; r.count < 1 {
			return Rule{}, wrong("COUNT", OutOfRange, "a count is 1 to %d", maxCount)
		}
	}
	if s.Until != nil {
		ok := false
		if r.until, r.untilUTC, ok = parseUntil(*s.Until); !ok {
			return Rule{}, wrong("UNTIL", Malformed, "%s is neither a date nor a date-time", quote(*s.Until))
		}
	}
	return r.clampedAndChecked()
}

func checkNames(s Simple) *Error {
	switch s.Frequency {
	case Daily, Weekly, Monthly, Yearly:
	case "":
		return wrong("FREQ", Required, "a rule needs a frequency")
	case "hourly", "minutely", "secondly":
		return wrong("FREQ", SubDaily, "%s is not possible: a rule recurs at most once a day", s.Frequency)
	default:
		return wrong("FREQ", Unknown, "%s is no frequency: daily, weekly, monthly, yearly", quote(string(s.Frequency)))
	}
	if s.Anchor != "" && s.Anchor != DueDate && s.Anchor != Completion {
		return wrong("ANCHOR", Unknown, "%s is no anchor: due_date, completion", quote(string(s.Anchor)))
	}
	return nil
}

// parseUntil keeps the day of a date or local date-time, and an instant in UTC.
func parseUntil(text string) (until Civil, utc, ok bool) {
	if c, err := ParseCivil(text); err == nil {
		return c.Date(), false, true
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return Civil{}, false, false
	}
	return CivilOf(t.UTC().Truncate(time.Second)), true, true
}

// clampedAndChecked ends what the simple form and words begin.
func (r Rule) clampedAndChecked() (Rule, *Error) {
	r, err := r.checked()
	if err != nil {
		return Rule{}, err
	}
	r.clamp = r.bare()
	if len(r.byMonthDay) == 0 || len(r.byDay)+len(r.bySetPos) > 0 || r.freq == Daily {
		return r, nil
	}
	for _, day := range r.byMonthDay { // each must have a month to come back to
		if day < 0 {
			continue
		}
		if one := (Rule{freq: Monthly, interval: 1, byMonth: r.byMonth, byMonthDay: []int{day}}); !one.possible() {
			return Rule{}, one.never()
		}
	}
	r, ok := r.clamped()
	if !ok {
		return Rule{}, wrong("BYMONTHDAY", Unsupported, "days from the 29th on and days counted from the end cannot stand together so")
	}
	return r.normal(), nil
}

// given reads a form that has an rrule, and compares the rest.
func (s Simple) given() (Rule, *Error) {
	r, err := Parse(s.RRule)
	if err != nil {
		e := err.(*Error) // Parse has no others
		e.part = "RRULE"
		return Rule{}, e
	}
	if s.Anchor != "" {
		if s.Frequency == "" {
			s.Frequency = r.freq
		}
		if err := checkNames(s); err != nil {
			return Rule{}, err
		}
		r.anchor = s.Anchor
	}
	shown := r.Simple()
	differs := func(part string) (Rule, *Error) {
		return Rule{}, wrong(part, Contradiction, "this is not what rrule says: give one of the two")
	}
	switch {
	case s.Frequency != "" && s.Frequency != shown.Frequency:
		return differs("FREQ")
	case s.Interval != nil && *s.Interval != *shown.Interval:
		return differs("INTERVAL")
	case s.ByWeekday != nil && !slices.Equal(s.ByWeekday, shown.ByWeekday):
		return differs("BYDAY")
	case s.ByMonthDay != nil && !slices.Equal(s.ByMonthDay, shown.ByMonthDay):
		return differs("BYMONTHDAY")
	case s.ByMonth != nil && !slices.Equal(s.ByMonth, shown.ByMonth):
		return differs("BYMONTH")
	case s.BySetPos != nil && (shown.BySetPos == nil || *s.BySetPos != *shown.BySetPos):
		return differs("BYSETPOS")
	case s.Count != nil && (shown.Count == nil || *s.Count != *shown.Count):
		return differs("COUNT")
	case s.Until != nil && (shown.Until == nil || *s.Until != *shown.Until):
		return differs("UNTIL")
	}
	return r, nil
}

// Simple returns what the API shows of r: always rrule, anchor, text, frequency and interval, and
// the other fields where they say it all, that is, where FromSimple makes r of them without rrule.
func (r Rule) Simple() Simple {
	shown := Simple{RRule: r.String(), Anchor: r.anchor, Text: r.Text(), Frequency: r.freq, Interval: &r.interval}
	full := shown
	full.RRule, full.ByMonth = "", r.byMonth
	for _, d := range r.byDay {
		full.ByWeekday = append(full.ByWeekday, strings.ToLower(d.String()))
	}
	if days, ok := r.unclamped(); ok {
		full.ByMonthDay = days
	} else {
		full.ByMonthDay = r.byMonthDay
		if len(r.bySetPos) > 0 {
			full.BySetPos = &r.bySetPos[0]
		}
	}
	if r.count > 0 {
		full.Count = &r.count
	}
	if !r.until.IsZero() {
		until := r.until.String()
		if r.untilUTC {
			until = r.until.wall().Format(time.RFC3339)
		}
		full.Until = &until
	}
	if again, err := full.rule(); err != nil || again.String() != shown.RRule {
		return shown
	}
	full.RRule = shown.RRule
	return full
}
