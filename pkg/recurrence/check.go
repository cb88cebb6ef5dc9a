package recurrence

import "slices"

// maxCount is the greatest COUNT: a date a day for the longest life and more.
const maxCount = 99_999

// checked returns r in its normal form, or what is wrong with it whatever it starts on.
func (r Rule) checked() (Rule, *Error) {
	for _, check := range []func(Rule) *Error{checkNumbers, checkDays, checkTogether} {
		if err := check(r); err != nil {
			return Rule{}, err
		}
	}
	r = r.normal()
	if !r.possible() {
		return Rule{}, r.never()
	}
	return r, nil
}

// checkNumbers holds every number to its limits.
func checkNumbers(r Rule) *Error {
	if limit := limits[r.freq]; r.interval < 1 || r.interval > limit {
		return wrong("INTERVAL", OutOfRange, "of a %s rule the interval is 1 to %d", r.freq, limit)
	}
	if r.count < 0 || r.count > maxCount {
		return wrong("COUNT", OutOfRange, "a count is 1 to %d", maxCount)
	}
	if r.count > 0 && !r.until.IsZero() {
		return wrong("COUNT", CountAndUntil, "a rule ends by its count or at its until, not by both")
	}
	for _, list := range []struct {
		part     string
		numbers  []int
		min, max int
	}{
		{"BYMONTH", r.byMonth, 1, 12}, {"BYMONTHDAY", r.byMonthDay, -31, 31}, {"BYYEARDAY", r.byYearDay, -366, 366},
		{"BYWEEKNO", r.byWeekNo, -53, 53}, {"BYSETPOS", r.bySetPos, -366, 366},
	} {
		for _, n := range list.numbers {
			if n == 0 || n < list.min || n > list.max {
				return wrong(list.part, OutOfRange, "%d is not possible: from %d to %d, without 0", n, list.min, list.max)
			}
		}
	}
	return nil
}

// checkDays holds the nth weekdays to RFC 5545 §3.3.10: of a month there are five, of a year 53,
// and a week has each day once.
func checkDays(r Rule) *Error {
	for _, d := range r.byDay {
		limit := 53
		switch {
		case d.nth == 0:
			continue
		case r.freq == Daily || r.freq == Weekly:
			return wrong("BYDAY", NotAllowed, "an nth weekday needs months or years, this rule is %s", r.freq)
		case len(r.byWeekNo) > 0:
			return wrong("BYDAY", NotAllowed, "an nth weekday cannot stand beside BYWEEKNO")
		case r.freq == Monthly || len(r.byMonth) > 0:
			limit = 5
		}
		if d.nth > limit || d.nth < -limit {
			return wrong("BYDAY", OutOfRange, "%s is not possible, there are at most %d", d, limit)
		}
	}
	return nil
}

// checkTogether refuses the combinations that RFC 5545 §3.3.10 rules out.
func checkTogether(r Rule) *Error {
	switch {
	case len(r.byWeekNo) > 0 && r.freq != Yearly:
		return wrong("BYWEEKNO", NotAllowed, "weeks of the year need a yearly rule, this one is %s", r.freq)
	case len(r.byYearDay) > 0 && r.freq != Yearly:
		return wrong("BYYEARDAY", NotAllowed, "days of the year need a yearly rule, this one is %s", r.freq)
	case len(r.byMonthDay) > 0 && r.freq == Weekly:
		return wrong("BYMONTHDAY", NotAllowed, "days of the month cannot stand in a weekly rule")
	case len(r.bySetPos) > 0 && len(r.byDay)+len(r.byMonth)+len(r.byMonthDay)+len(r.byYearDay)+len(r.byWeekNo) == 0:
		return wrong("BYSETPOS", NotAllowed, "a position needs a set to choose from, such as weekdays")
	}
	return nil
}

// possible reports whether some start gives r a date. What a start adds to a rule is at most its
// weekday or a day that every month has, and an interval only matters with a start, which From
// looks at.
func (r Rule) possible() bool {
	r.interval, r.until = 1, Civil{}
	for day := 1; day <= 7; day++ {
		s := newSet(r, Day(2000, 1, day))
		if _, ok := s.next(s.start, lastDay); ok {
			return true
		}
	}
	return false
}

// never says why there is no date, as far as one part alone is to blame.
func (r Rule) never() *Error {
	longest := 31
	if len(r.byMonth) > 0 {
		longest = 0
		for _, m := range r.byMonth {
			longest = max(longest, monthLength(2000, m))
		}
	}
	tooLong := func(d int) bool { return max(d, -d) > longest }
	switch {
	case len(r.byMonthDay) > 0 && !slices.ContainsFunc(r.byMonthDay, func(d int) bool { return !tooLong(d) }):
		return wrong("BYMONTHDAY", Never, "the rule has no date: its months have no day %s", join(r.byMonthDay, ", "))
	case len(r.bySetPos) > 0:
		return wrong("BYSETPOS", Never, "the rule has no date: there are never so many to choose from as the position says")
	}
	return wrong("", Never, "the rule has no date: no day fits all its parts")
}
