package recurrence

import (
	"slices"
	"time"
)

// From returns the rule of a series that starts then, in the form to keep: an instant to end at has
// become its day in the zone, and what the simple form or words left to the start's day of the
// month stands in the rule, so that its text alone, read as RFC 5545 says, gives the same dates.
// The *Error says why there is no date at all.
func (r Rule) From(start Civil, zone *time.Location) (Rule, error) {
	if r.untilUTC {
		r.until, r.untilUTC = CivilOf(r.until.wall().In(zone)).Date(), false
	}
	if r.anchor == DueDate {
		r = r.bound(start)
	}
	r.clamp = false
	if _, ok := r.First(start); !ok {
		if !r.until.IsZero() && r.until.number() < start.number() {
			return Rule{}, wrong("UNTIL", Never, "the rule ends on %s, before it starts on %s", r.until, start.Date())
		}
		return Rule{}, wrong("", Never, "the rule has no date from %s on", start.Date())
	}
	return r, nil
}

// bound makes explicit what a rule that clamps takes from its start. Counted from completion every
// rule without a day of its own does: an interval after the 31st is at the end of a shorter month.
func (r Rule) bound(start Civil) Rule {
	if !r.clamp && r.anchor != Completion || !r.bare() {
		return r
	}
	r.clamp = false
	q := r
	q.byMonthDay = []int{start.Day}
	if r.freq == Yearly && len(r.byMonth) == 0 {
		q.byMonth = []int{int(start.Month)}
	}
	if q, ok := q.clamped(); ok && len(q.bySetPos) > 0 {
		return q.normal()
	}
	return r
}

// bare reports whether the day of the month is the start's.
func (r Rule) bare() bool {
	return (r.freq == Monthly || r.freq == Yearly) &&
		len(r.byDay)+len(r.byMonthDay)+len(r.byYearDay)+len(r.byWeekNo)+len(r.bySetPos) == 0
}

// clamped returns the rule in which a month too short for one of its days takes its last day
// instead, said in the terms of RFC 5545: on the 31st is the last of 28, 29, 30, 31. False: there
// are no such terms, as for the 30th beside the last day but one.
func (r Rule) clamped() (Rule, bool) {
	months := r.byMonth
	if len(months) == 0 {
		months = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	}
	high, shortest := slices.Max(r.byMonthDay), 31
	for _, m := range months {
		shortest = min(shortest, monthLength(2001, m))
	}
	if high <= shortest {
		return r, true
	}
	days := slices.Clone(r.byMonthDay)
	for d := 28; d <= high; d++ {
		days = append(days, d)
	}
	var choices []choice
	for _, year := range []int{2000, 2001} { // one of each length
		var c choice
		for _, m := range months {
			c.add(m, monthLength(year, m), days, r.byMonthDay)
			if r.freq == Monthly { // each month is a set of its own
				choices = append(choices, c)
				c = choice{}
			}
		}
		if r.freq == Yearly {
			choices = append(choices, c)
		}
	}
	r.byMonthDay = sorted(days)
	var ok bool
	r.bySetPos, ok = positions(choices)
	return r, ok
}

// choice is the days that one period offers, in order, and which of them are wanted.
type choice struct {
	offered []int // months and days as one number
	wanted  map[int]bool
}

func (c *choice) add(month, length int, offered, wanted []int) {
	if c.wanted == nil {
		c.wanted = map[int]bool{}
	}
	id := func(d int) int {
		if d < 0 {
			d += length + 1
		}
		return 32*month + d
	}
	for _, d := range offered {
		if d <= length && -d <= length {
			c.offered = append(c.offered, id(d))
		}
	}
	for _, d := range wanted {
		if -d <= length {
			c.wanted[id(min(d, length))] = true
		}
	}
	c.offered = sorted(c.offered)
}

// at returns the day at a BYSETPOS, or 0.
func (c choice) at(position int) int {
	if position < 0 {
		position += len(c.offered) + 1
	}
	if position < 1 || position > len(c.offered) {
		return 0
	}
	return c.offered[position-1]
}

// positions finds the BYSETPOS that gives in every period just the wanted days, if there is one:
// the positions nearest to either end that never hit another day.
func positions(choices []choice) ([]int, bool) {
	longest, open := 0, 0
	covered := make([]map[int]bool, len(choices))
	for i, c := range choices {
		covered[i] = map[int]bool{}
		longest, open = max(longest, len(c.offered)), open+len(c.wanted)
	}
	var found []int
	for n := 1; n <= longest && open > 0; n++ {
		for _, position := range []int{n, -n} {
			if slices.ContainsFunc(choices, func(c choice) bool { return c.at(position) != 0 && !c.wanted[c.at(position)] }) {
				continue
			}
			before := open
			for i, c := range choices {
				if day := c.at(position); day != 0 && !covered[i][day] {
					covered[i][day] = true
					open--
				}
			}
			if open < before {
				found = append(found, position)
			}
		}
	}
	return sorted(found), open == 0
}

// unclamped returns the days of the month of which clamped made r, if it did.
func (r Rule) unclamped() ([]int, bool) {
	if len(r.bySetPos) == 0 || len(r.byMonthDay) == 0 || len(r.byDay)+len(r.byYearDay)+len(r.byWeekNo) > 0 {
		return nil, false
	}
	high := slices.Max(r.byMonthDay)
	low := slices.DeleteFunc(slices.Clone(r.byMonthDay), func(d int) bool { return d >= 28 })
	if high < 29 || len(low)+high-27 != len(r.byMonthDay) {
		return nil, false
	}
	for subset := range 1 << (high - 28) { // of the days from the 28th to the one before the highest
		q := r
		q.bySetPos = nil
		q.byMonthDay = append(slices.Clone(low), high)
		for d := 28; d < high; d++ {
			if subset>>(d-28)&1 != 0 {
				q.byMonthDay = append(q.byMonthDay, d)
			}
		}
		days := sorted(q.byMonthDay)
		if q, ok := q.clamped(); ok && slices.Equal(q.byMonthDay, r.byMonthDay) && slices.Equal(q.bySetPos, r.bySetPos) {
			return days, true
		}
	}
	return nil, false
}
