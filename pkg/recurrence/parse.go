package recurrence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxText is the longest text of a rule, in bytes.
const maxText = 2000

// Parse reads the value of an RRULE (RFC 5545 §3.3.10), with or without "RRULE:" before it, in
// upper or lower case. It counts from the due date until WithAnchor says otherwise. The error is
// an *Error and names the position. Whether a series that starts on a given day has any date is
// for From to say: Parse refuses what has none for any start.
func Parse(text string) (Rule, error) {
	p := parser{text: text, at: map[string]int{}, rule: Rule{interval: 1}}
	if err := p.parse(); err != nil {
		return Rule{}, err
	}
	r, err := p.rule.checked()
	if err != nil {
		if at, ok := p.at[err.part]; ok {
			err.Detail = fmt.Sprintf("%s at position %d: %s", err.part, at+1, err.Detail)
		}
		return Rule{}, err
	}
	return r, nil
}

// parser reads one RRULE from left to right.
type parser struct {
	text string
	at   map[string]int // where each part starts, in bytes
	rule Rule
}

func (p *parser) parse() error {
	if len(p.text) > maxText {
		return wrong("", Malformed, "the rule is longer than %d bytes", maxText)
	}
	pos := 0
	if len(p.text) >= 6 && strings.EqualFold(p.text[:6], "RRULE:") {
		pos = 6
	}
	for part := range strings.SplitSeq(p.text[pos:], ";") {
		if err := p.part(part, pos); err != nil {
			return err
		}
		pos += len(part) + 1
	}
	if p.rule.freq == "" {
		return wrong("", Required, "FREQ is missing")
	}
	return nil
}

func (p *parser) part(part string, pos int) error {
	name, value, found := strings.Cut(strings.ToUpper(part), "=")
	if !found || name == "" || value == "" {
		return p.fail(pos, Malformed, "%s is not NAME=VALUE", quote(part))
	}
	if _, twice := p.at[name]; twice {
		return p.fail(pos, Duplicate, "%s stands twice", quote(name))
	}
	p.at[name] = pos
	pos += len(name) + 1
	var err error
	r := &p.rule
	switch name {
	case "FREQ":
		return p.frequency(value, pos)
	case "INTERVAL":
		r.interval, err = p.number(value, pos)
	case "COUNT":
		if r.count, err = p.number(value, pos); err == nil && r.count == 0 {
			return p.fail(pos, OutOfRange, "COUNT is at least 1")
		}
	case "UNTIL":
		return p.until(value, pos)
	case "WKST":
		if r.weekStart = slices.Index(dayCodes[:], value); r.weekStart < 0 {
			return p.fail(pos, Unknown, "%s is no day of the week", quote(value))
		}
	case "BYDAY":
		return p.days(value, pos)
	case "BYMONTH":
		r.byMonth, err = p.numbers(value, pos)
	case "BYMONTHDAY":
		r.byMonthDay, err = p.numbers(value, pos)
	case "BYYEARDAY":
		r.byYearDay, err = p.numbers(value, pos)
	case "BYWEEKNO":
		r.byWeekNo, err = p.numbers(value, pos)
	case "BYSETPOS":
		r.bySetPos, err = p.numbers(value, pos)
	case "BYHOUR", "BYMINUTE", "BYSECOND":
		return p.fail(p.at[name], SubDaily, "%s is not possible: the time of day is that of the due date", name)
	default:
		return p.fail(p.at[name], Unknown, "%s is no part of a rule", quote(name))
	}
	return err
}

func (p *parser) frequency(value string, pos int) error {
	switch value {
	case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
		p.rule.freq = Frequency(strings.ToLower(value))
		return nil
	case "HOURLY", "MINUTELY", "SECONDLY":
		return p.fail(pos, SubDaily, "%s is not possible: a rule recurs at most once a day", value)
	}
	return p.fail(pos, Unknown, "%s is no frequency", quote(value))
}

// until keeps the day of a date or a local date-time, and an instant as it is.
func (p *parser) until(value string, pos int) error {
	for _, layout := range []string{"20060102", "20060102T150405", "20060102T150405Z"} {
		t, err := time.Parse(layout, value)
		if err != nil || t.Year() < 1 {
			continue
		}
		p.rule.until = CivilOf(t)
		if p.rule.untilUTC = strings.HasSuffix(layout, "Z"); !p.rule.untilUTC {
			p.rule.until = p.rule.until.Date()
		}
		return nil
	}
	return p.fail(pos, Malformed, "%s is no date (20261231) and no instant (20261231T225959Z)", quote(value))
}

func (p *parser) days(value string, pos int) error {
	for item := range strings.SplitSeq(value, ",") {
		day, ok := parseDay(item)
		if !ok {
			return p.fail(pos, Malformed, "%s is no weekday such as MO or -1FR", quote(item))
		}
		p.rule.byDay = append(p.rule.byDay, day)
		pos += len(item) + 1
	}
	return nil
}

// parseDay reads MO, 1MO, +1MO or -1MO in upper case. The number is not yet held to its limits.
func parseDay(item string) (weekday, bool) {
	if len(item) < 2 || len(item) > 5 {
		return weekday{}, false
	}
	number, code := item[:len(item)-2], item[len(item)-2:]
	day := slices.Index(dayCodes[:], code)
	if number == "" {
		return weekday{day: day}, day >= 0
	}
	nth, err := strconv.Atoi(number)
	return weekday{nth, day}, err == nil && nth != 0 && day >= 0
}

// number reads digits alone: the limits come later, but it must fit.
func (p *parser) number(value string, pos int) (int, error) {
	if value == "" || len(value) > 9 || strings.Trim(value, "0123456789") != "" {
		return 0, p.fail(pos, Malformed, "%s is no number of at most nine digits", quote(value))
	}
	return strconv.Atoi(value)
}

func (p *parser) numbers(value string, pos int) ([]int, error) {
	var list []int
	for item := range strings.SplitSeq(value, ",") {
		digits := item
		if strings.HasPrefix(item, "-") || strings.HasPrefix(item, "+") {
			digits = item[1:]
		}
		n, err := p.number(digits, pos)
		if err != nil {
			return nil, err
		}
		if item[0] == '-' {
			n = -n
		}
		list = append(list, n)
		pos += len(item) + 1
	}
	return list, nil
}

// fail names the position in bytes, from 1.
func (p *parser) fail(pos int, code, format string, args ...any) error {
	return wrong("", code, "position %d: %s", pos+1, fmt.Sprintf(format, args...))
}

// quote shows a piece of the input, but never much of it.
func quote(s string) string {
	if runes := []rune(s); len(runes) > 30 {
		s = string(runes[:30]) + "…"
	}
	return strconv.Quote(s)
}
