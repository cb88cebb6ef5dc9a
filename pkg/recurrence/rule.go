// Package recurrence computes the dates of tasks that come again. A Rule is made from an RFC 5545
// RRULE (Parse), from the simple form of the API (FromSimple) or from words (FromWords), and says
// itself in all three. It knows dates and wall clocks only: there is no clock and no time zone
// inside, except in Resolve and From, to which the caller gives one.
//
// A series keeps three things: the text of its rule (Rule.String, after Rule.From), its anchor, and
// the local date (and time) that it started on. docs/decisions/0020-recurrence-engine.md says why.
package recurrence

import (
	"slices"
	"strconv"
	"strings"
)

// Frequency is the unit that a rule counts in.
type Frequency string

// The frequencies.
const (
	Daily   Frequency = "daily"
	Weekly  Frequency = "weekly"
	Monthly Frequency = "monthly"
	Yearly  Frequency = "yearly"
)

// limits are the greatest intervals.
var limits = map[Frequency]int{Daily: 365, Weekly: 52, Monthly: 12, Yearly: 100}

// Anchor is what the next date counts from.
type Anchor string

// The anchors.
const (
	DueDate    Anchor = "due_date"
	Completion Anchor = "completion"
)

// Rule says when something recurs. It is a value: its methods change nothing and are safe for
// concurrent use. The zero Rule is none; the others come from Parse, FromSimple and FromWords.
type Rule struct {
	freq     Frequency
	interval int

	byMonth, byWeekNo, byYearDay, byMonthDay, bySetPos []int
	byDay                                              []weekday
	weekStart                                          int // Monday is 0

	count    int
	until    Civil // the last day; a time on it only where untilUTC
	untilUTC bool  // until is an instant whose day only a zone tells: From asks it
	anchor   Anchor

	// clamp is of rules from the simple form and words that leave the day to the start: a month
	// too short for it takes its last day. From makes it explicit, so that it is never stored.
	clamp bool
}

// weekday is an element of BYDAY: every such day, or only the nth from the front or the end.
type weekday struct{ nth, day int } // day: Monday is 0

var dayCodes = [7]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

func (w weekday) String() string {
	if w.nth == 0 {
		return dayCodes[w.day]
	}
	return strconv.Itoa(w.nth) + dayCodes[w.day]
}

// workdays are Monday to Friday.
var workdays = []weekday{{day: 0}, {day: 1}, {day: 2}, {day: 3}, {day: 4}}

// IsZero reports whether there is no rule.
func (r Rule) IsZero() bool { return r.freq == "" }

// Frequency returns the unit that r counts in.
func (r Rule) Frequency() Frequency { return r.freq }

// Interval returns how many units lie between one period of r and the next.
func (r Rule) Interval() int { return r.interval }

// Count returns how many dates r has from its start on, or 0 if their number is not limited so.
func (r Rule) Count() int { return r.count }

// Until returns the last day that r may fall on, or the zero Civil.
func (r Rule) Until() Civil { return r.until.Date() }

// Anchor returns what the next date counts from.
func (r Rule) Anchor() Anchor { return r.anchor }

// WithAnchor returns r counted from a.
func (r Rule) WithAnchor(a Anchor) Rule {
	r.anchor = a
	return r
}

// String returns r as the value of an RRULE, in one order and with every list sorted, so that
// equal rules have equal texts. The anchor is not in it.
func (r Rule) String() string {
	if r.IsZero() {
		return ""
	}
	var b strings.Builder
	part := func(name, value string) {
		if value == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(';')
		}
		b.WriteString(name + "=" + value)
	}
	part("FREQ", strings.ToUpper(string(r.freq)))
	if r.interval > 1 {
		part("INTERVAL", strconv.Itoa(r.interval))
	}
	r.writeParts(part)
	switch {
	case r.count > 0:
		part("COUNT", strconv.Itoa(r.count))
	case r.untilUTC:
		part("UNTIL", r.until.wall().Format("20060102T150405Z"))
	case !r.until.IsZero():
		part("UNTIL", r.until.wall().Format("20060102"))
	}
	return b.String()
}

// writeParts writes what chooses the dates within a period.
func (r Rule) writeParts(part func(name, value string)) {
	part("BYMONTH", join(r.byMonth, ","))
	part("BYWEEKNO", join(r.byWeekNo, ","))
	part("BYYEARDAY", join(r.byYearDay, ","))
	part("BYMONTHDAY", join(r.byMonthDay, ","))
	days := make([]string, len(r.byDay))
	for i, d := range r.byDay {
		days[i] = d.String()
	}
	part("BYDAY", strings.Join(days, ","))
	part("BYSETPOS", join(r.bySetPos, ","))
	if r.weekStart != 0 {
		part("WKST", dayCodes[r.weekStart])
	}
}

// normal sorts the lists and leaves out what changes nothing.
func (r Rule) normal() Rule {
	for _, list := range []*[]int{&r.byMonth, &r.byWeekNo, &r.byYearDay, &r.byMonthDay, &r.bySetPos} {
		*list = sorted(*list)
	}
	r.byDay = slices.Clone(r.byDay)
	slices.SortFunc(r.byDay, func(a, b weekday) int {
		if a.nth != b.nth {
			return order(a.nth, b.nth)
		}
		return a.day - b.day
	})
	r.byDay = slices.Compact(r.byDay)
	if len(r.byMonth) == 12 {
		r.byMonth = nil
	}
	if !r.weekStartMatters() {
		r.weekStart = 0
	}
	if r.anchor == "" {
		r.anchor = DueDate
	}
	return r
}

// weekStartMatters follows RFC 5545 §3.3.10: WKST is significant where weeks are skipped, counted
// or cut out of.
func (r Rule) weekStartMatters() bool {
	return len(r.byWeekNo) > 0 || r.freq == Weekly && len(r.byDay) > 0 && (r.interval > 1 || len(r.bySetPos) > 0)
}

// sorted returns the numbers once each: from the front, then from the end.
func sorted(list []int) []int {
	list = slices.Clone(list)
	slices.SortFunc(list, order)
	return slices.Compact(list)
}

func order(a, b int) int {
	if (a < 0) != (b < 0) {
		return b - a
	}
	return a - b
}

func join(list []int, sep string) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, sep)
}
