package recurrence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Text returns r in words, which FromWords reads back as the same rule. What words cannot say well
// stands as the parts of an RRULE behind "by".
func (r Rule) Text() string {
	if r.IsZero() {
		return ""
	}
	b, ok := r.head()
	if !ok {
		b = r.unit() + r.byParts()
	}
	if r.anchor == Completion {
		b += " after completion"
	}
	if ok && r.skips() {
		b += ", if there is one"
	}
	if ok && r.weekStart != 0 {
		b += ", weeks starting on " + dayName(r.weekStart)
	}
	switch {
	case r.count == 1:
		b += ", 1 time"
	case r.count > 0:
		b += fmt.Sprintf(", %d times", r.count)
	case !r.until.IsZero():
		b += fmt.Sprintf(", until %d %s %04d", r.until.Day, r.until.Month, r.until.Year)
	}
	return b
}

var unitNames = map[Frequency]string{Daily: "day", Weekly: "week", Monthly: "month", Yearly: "year"}

func (r Rule) unit() string {
	if r.interval == 1 {
		return "every " + unitNames[r.freq]
	}
	return fmt.Sprintf("every %d %ss", r.interval, unitNames[r.freq])
}

func (r Rule) byParts() string {
	var parts []string
	r.writeParts(func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	})
	return ", by " + strings.Join(parts, ";")
}

// head says the rule up to its end. False: words would not do.
func (r Rule) head() (string, bool) {
	if len(r.byYearDay) > 0 {
		return r.yearDays()
	}
	switch r.freq {
	case Daily:
		return r.dailyHead()
	case Weekly:
		return r.weeklyHead()
	}
	return r.monthlyHead()
}

func (r Rule) dailyHead() (string, bool) {
	text := r.unit() + in(r.byMonth)
	switch {
	case len(r.bySetPos) > 0 || len(r.byDay) > 0 && len(r.byMonthDay) > 0:
		return "", false
	case len(r.byDay) > 0:
		text += " if it is a " + list(names(r.byDay), "or")
	case len(r.byMonthDay) > 0:
		text += " if it is the " + days(r.byMonthDay, "or")
	}
	return text, true
}

func (r Rule) weeklyHead() (string, bool) {
	days := list(names(r.byDay), "and")
	switch {
	case len(r.bySetPos) > 0:
		return "", false
	case len(r.byDay) == 0:
		return r.unit() + in(r.byMonth), true
	case r.interval > 1 && slices.Equal(r.byDay, workdays):
		return r.unit() + " on weekdays" + in(r.byMonth), true
	case r.interval > 1:
		return r.unit() + " on " + days + in(r.byMonth), true
	case slices.Equal(r.byDay, workdays):
		return "every weekday" + in(r.byMonth), true
	}
	return "every " + days + in(r.byMonth), true
}

// monthlyHead says monthly and yearly rules.
func (r Rule) monthlyHead() (string, bool) {
	text := r.unit()
	if len(r.byWeekNo) > 0 {
		return r.weekHead()
	}
	monthDays, clamped := r.unclamped()
	if !clamped {
		monthDays = r.byMonthDay
	}
	switch {
	case len(r.bySetPos) > 0 && !clamped:
		chosen, ok := r.chosen()
		return text + " on the " + chosen + r.of(), ok
	case len(monthDays) > 0 && slices.ContainsFunc(r.byDay, func(d weekday) bool { return d.nth != 0 }):
		return "", false
	case len(monthDays) > 0:
		text += r.onDays(monthDays)
		if len(r.byDay) > 0 {
			text += " if it is a " + list(names(r.byDay), "or")
		}
	case len(r.byDay) > 0:
		var items []string
		for _, d := range r.byDay {
			if d.nth == 0 {
				items = append(items, "every "+dayName(d.day))
			} else {
				items = append(items, "the "+ordinal(d.nth)+" "+dayName(d.day))
			}
		}
		text += " on " + list(items, "and") + r.of()
	default:
		text += in(r.byMonth)
	}
	return text, true
}

// onDays says days of the month: on 29 February, on the 1st and last day of May and June.
func (r Rule) onDays(monthDays []int) string {
	if r.freq == Yearly && len(r.byMonth) == 1 && monthDays[0] > 0 && monthDays[len(monthDays)-1] > 0 {
		return fmt.Sprintf(" on %s %s", list(strings.Split(join(monthDays, " "), " "), "and"), time.Month(r.byMonth[0]))
	}
	if r.freq == Yearly && len(r.byMonth) == 0 {
		return " on the " + days(monthDays, "and") + " of every month"
	}
	return " on the " + days(monthDays, "and") + r.of()
}

// of says the months of a rule with days, and that yearly ones without months mean the year's.
func (r Rule) of() string {
	switch {
	case len(r.byMonth) > 0:
		return " of" + strings.TrimPrefix(in(r.byMonth), " in")
	case r.freq == Yearly && (len(r.bySetPos) > 0 || slices.ContainsFunc(r.byDay, func(d weekday) bool { return d.nth != 0 })):
		return " of the year"
	}
	return ""
}

// chosen says a set and a position in it: last workday, first Monday or Friday. A yearly position
// counts through all of several months, which no words say.
func (r Rule) chosen() (string, bool) {
	if len(r.byMonthDay) > 0 || len(r.byDay) == 0 || r.byDay[len(r.byDay)-1].nth != 0 || r.byDay[0].nth != 0 ||
		r.freq == Yearly && len(r.byMonth) > 1 {
		return "", false
	}
	noun := list(names(r.byDay), "or")
	switch {
	case slices.Equal(r.byDay, workdays):
		noun = "workday"
	case len(r.byDay) == 1:
		return "", false // the nth weekday, in other parts
	}
	return ordinals(r.bySetPos) + " " + noun, true
}

// weekHead says weeks of the year, with plain weekdays.
func (r Rule) weekHead() (string, bool) {
	if len(r.bySetPos)+len(r.byMonthDay)+len(r.byMonth) > 0 || slices.Min(r.byWeekNo) < 0 {
		return "", false
	}
	text := r.unit() + " in week " + list(strings.Split(join(r.byWeekNo, " "), " "), "and")
	if len(r.byDay) > 0 {
		text += " on " + list(names(r.byDay), "and")
	}
	return text, true
}

func (r Rule) yearDays() (string, bool) {
	if len(r.bySetPos)+len(r.byMonthDay)+len(r.byMonth)+len(r.byDay)+len(r.byWeekNo) > 0 {
		return "", false
	}
	return r.unit() + " on the " + ordinals(r.byYearDay) + " day of the year", true
}

// skips reports whether words would let a day of the month fall back to the last where r does not.
func (r Rule) skips() bool {
	if len(r.byMonthDay) == 0 || len(r.byDay)+len(r.bySetPos) > 0 || r.freq == Daily {
		return false
	}
	q, ok := r.clamped()
	return !ok || len(q.bySetPos) > 0
}

func in(months []int) string {
	if len(months) == 0 {
		return ""
	}
	texts := make([]string, len(months))
	for i, m := range months {
		texts[i] = time.Month(m).String()
	}
	return " in " + list(texts, "and")
}

func dayName(day int) string { return time.Weekday((day + 1) % 7).String() }

func names(days []weekday) []string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = dayName(d.day)
	}
	return texts
}

// days says days of the month: 1st, 15th and last day. Only a list that ends with a day counted
// from the end needs the noun.
func days(monthDays []int, word string) string {
	texts := make([]string, len(monthDays))
	for i, d := range monthDays {
		if texts[i] = figure(d); d < 0 {
			texts[i] = ordinal(d)
		}
	}
	if monthDays[len(monthDays)-1] < 0 {
		return list(texts, word) + " day"
	}
	return list(texts, word)
}

func ordinals(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = ordinal(n)
	}
	return list(texts, "and")
}

var ordinalWords = []string{"", "first", "second", "third", "fourth", "fifth"}

// ordinal says first to fifth, 6th and so on, last, second last.
func ordinal(n int) string {
	switch {
	case n == -1:
		return "last"
	case n < 0:
		return ordinal(-n) + " last"
	case n < len(ordinalWords):
		return ordinalWords[n]
	}
	return figure(n)
}

// figure says 1st, 2nd, 13th.
func figure(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

func list(texts []string, word string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " " + word + " " + texts[last]
}
