package recurrence

import "math/bits"

// lastDay is 9999-12-31, where every rule ends.
var lastDay = dayNumber(9999, 12, 31)

// page holds the dates of one month: bit 0 is its first day.
type page uint32

// set is the dates of a rule that starts on a day, a page a month. What a page shows depends, but
// for the interval, only on the shape of its month or year, so the few shapes are computed once:
// a search to the end of the calendar, which is what a rule without any date costs, takes about a
// millisecond.
type set struct {
	rule                 Rule // with what the start says filled in
	start, year, month   int  // the day number of the start, its year and month
	months               uint16
	nthInYear            bool          // weekdays count within the year, not the month
	front, end           page          // BYMONTHDAY from either end
	weekdays             uint8         // BYDAY without a number
	nth                  []weekday     // BYDAY with one
	week                 page          // the weekdays, from the first day of the week on
	picked               [128]page     // by the days of a week
	byMonth              [4][7]*page   // by length and first weekday
	byYear               [42]*[12]page // by yearKind
	empty                bool
	weekFrom, weekPhases int // the week of the start, and days from one week of the rule to the next
}

func newSet(r Rule, start Civil) *set {
	s := &set{rule: filled(r, start), nthInYear: r.freq == Yearly && len(r.byMonth) == 0}
	s.begin(start)
	for _, m := range s.rule.byMonth {
		s.months |= 1 << m
	}
	if s.months == 0 {
		s.months = ^s.months
	}
	for _, d := range s.rule.byMonthDay {
		if d > 0 {
			s.front |= 1 << (d - 1)
		} else {
			s.end |= 1 << (-d - 1)
		}
	}
	for _, d := range s.rule.byDay {
		if d.nth == 0 {
			s.weekdays |= 1 << d.day
			s.week |= 1 << ((d.day - r.weekStart + 7) % 7)
		} else {
			s.nth = append(s.nth, d)
		}
	}
	if r.freq == Daily && len(r.bySetPos) > 0 { // a day is a set of one
		s.empty = pick(1, r.bySetPos) == 0
	}
	return s
}

// begin counts intervals from a start.
func (s *set) begin(start Civil) {
	s.start, s.year, s.month = start.number(), start.Year, int(start.Month)
	s.weekFrom = s.start - (weekdayOf(s.start)-s.rule.weekStart+7)%7
	s.weekPhases = 7 * s.rule.interval
}

// filled adds what RFC 5545 §3.3.10 takes from the start where the rule does not say it.
func filled(r Rule, start Civil) Rule {
	if len(r.byDay)+len(r.byMonthDay)+len(r.byYearDay) > 0 {
		return r
	}
	switch {
	case r.freq == Weekly || len(r.byWeekNo) > 0:
		r.byDay = []weekday{{day: weekdayOf(start.number())}}
	case r.freq == Yearly && len(r.byMonth) == 0:
		r.byMonth, r.byMonthDay = []int{int(start.Month)}, []int{start.Day}
	case r.freq == Yearly || r.freq == Monthly:
		r.byMonthDay = []int{start.Day}
	}
	return r
}

// next returns the first date from one day to another, both included, whatever the rule's count.
// What has no date in one cycle has none.
func (s *set) next(from, to int) (int, bool) {
	from = max(from, s.start)
	to = min(to, lastDay, from+s.cycle())
	if from > to || s.empty {
		return 0, false
	}
	y, m, d := dateOf(from)
	for first := from - d + 1; first <= to; {
		if dates := s.page(y, m, first) >> (d - 1) << (d - 1); dates != 0 {
			found := first + bits.TrailingZeros32(uint32(dates))
			return found, found <= to
		}
		first += monthLength(y, m)
		d = 1
		if m++; m > 12 {
			y, m = y+1, 1
		}
	}
	return 0, false
}

// cycle returns after how many days the dates repeat. The calendar does so after 400 years, or as
// many times that as the interval needs to fit.
func (s *set) cycle() int {
	const days = 146097
	units := days
	switch s.rule.freq {
	case Weekly:
		units = days / 7
	case Monthly:
		units = 12 * 400
	case Yearly:
		units = 400
	}
	common, rest := units, s.rule.interval
	for rest != 0 {
		common, rest = rest, common%rest
	}
	return days * (s.rule.interval / common)
}

// number counts the dates from the start to a day, both included.
func (s *set) number(to int) int {
	if s.empty {
		return 0
	}
	n := 0
	y, m, d := dateOf(s.start)
	for first := s.start - d + 1; first <= to; {
		dates := s.page(y, m, first) >> (d - 1) << (d - 1)
		if beyond := to - first + 1; beyond < 32 {
			dates &= 1<<beyond - 1
		}
		n += bits.OnesCount32(uint32(dates))
		first += monthLength(y, m)
		d = 1
		if m++; m > 12 {
			y, m = y+1, 1
		}
	}
	return n
}

// page returns the dates in a month whose first day has this number.
func (s *set) page(y, m, first int) page {
	if s.months>>m&1 == 0 {
		return 0
	}
	switch s.rule.freq {
	case Daily:
		return s.ofMonth(first, monthLength(y, m)) & every(s.rule.interval, s.start-first)
	case Weekly:
		return s.ofWeeks(m, first, monthLength(y, m))
	case Monthly:
		if (12*(y-s.year)+m-s.month)%s.rule.interval != 0 {
			return 0
		}
		return s.ofMonth(first, monthLength(y, m))
	}
	if (y-s.year)%s.rule.interval != 0 {
		return 0
	}
	return s.ofYear(y)[m-1]
}

// every marks each nth day, one of which lies offset days from the first of the month.
func every(n, offset int) page {
	if n == 1 {
		return ^page(0)
	}
	var p page
	for d := (offset%n + n) % n; d < 31; d += n {
		p |= 1 << d
	}
	return p
}

// ofMonth returns the days of a month that fit, each interval aside.
func (s *set) ofMonth(first, length int) page {
	weekday := weekdayOf(first)
	known := &s.byMonth[length-28][weekday]
	if *known != nil {
		return **known
	}
	var p page
	for i := range length {
		if s.dayFits(i, length) && s.weekdayFits((weekday+i)%7, i, length) {
			p |= 1 << i
		}
	}
	if s.rule.freq == Monthly && len(s.rule.bySetPos) > 0 {
		p = pick(p, s.rule.bySetPos)
	}
	*known = &p
	return p
}

// ofWeeks returns the days in a month of the rule's weeks. A position counts within a whole week,
// of which BYMONTH may cut off a part.
func (s *set) ofWeeks(month, first, length int) page {
	week := s.weekFrom + max(0, (first-s.weekFrom)/s.weekPhases*s.weekPhases)
	var p page
	for ; week < first+length; week += s.weekPhases {
		days := s.week
		if len(s.rule.bySetPos) > 0 {
			if week < first && s.months>>((month+10)%12+1)&1 == 0 {
				days &^= 1<<(first-week) - 1
			}
			if end := first + length; week+7 > end && s.months>>(month%12+1)&1 == 0 {
				days &= 1<<(end-week) - 1
			}
			days = s.pickWeek(days)
		}
		if shift := week - first; shift >= 0 {
			p |= days << shift
		} else {
			p |= days >> -shift
		}
	}
	return p & (1<<length - 1)
}

// pickWeek is pick, of the few sets that a week can have.
func (s *set) pickWeek(days page) page {
	const known = 1 << 31
	if s.picked[days] == 0 {
		s.picked[days] = pick(days, s.rule.bySetPos) | known
	}
	return s.picked[days] &^ known
}

// dayFits and weekdayFits look at the day with index i from the front of a period with a length.
func (s *set) dayFits(i, length int) bool {
	return len(s.rule.byMonthDay) == 0 || s.front>>i&1 != 0 || s.end>>(length-1-i)&1 != 0
}

func (s *set) weekdayFits(weekday, i, length int) bool {
	if len(s.rule.byDay) == 0 || s.weekdays>>weekday&1 != 0 {
		return true
	}
	for _, d := range s.nth {
		if d.day == weekday && (d.nth == i/7+1 || d.nth == -((length-1-i)/7+1)) {
			return true
		}
	}
	return false
}

// pick keeps the dates at these positions, from the front or the end.
func pick(p page, positions []int) page {
	var kept page
	n := bits.OnesCount32(uint32(p))
	for i := 1; p != 0; i++ {
		date := p & -p
		p &^= date
		for _, at := range positions {
			if at == i || at == i-n-1 {
				kept |= date
			}
		}
	}
	return kept
}
