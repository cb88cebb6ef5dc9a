package recurrence

import (
	"math/bits"
	"slices"
)

// yearKind is a number below 42 for all that the dates within a year depend on: the weekday it
// begins on, its length, and, for its first and last week, the lengths of its neighbours.
func yearKind(y, firstWeekday int) int {
	kind := firstWeekday << 1
	if leap(y) { // then its neighbours are not
		return kind | 1
	}
	switch {
	case leap(y - 1):
		return 14 + kind
	case leap(y + 1):
		return 28 + kind
	}
	return kind
}

// ofYear returns the dates in a year of the rule, a page a month.
func (s *set) ofYear(y int) *[12]page {
	jan1 := dayNumber(y, 1, 1)
	kind := yearKind(y, weekdayOf(jan1))
	if s.byYear[kind] != nil {
		return s.byYear[kind]
	}
	var pages [12]page
	weeks := newWeeks(y, jan1, s.rule.weekStart)
	length := yearLength(y)
	for m, i := 1, 0; m <= 12; m++ {
		days := monthLength(y, m)
		if s.months>>m&1 == 0 {
			i += days
			continue
		}
		for d := range days {
			if s.fitsYear(weekdayOf(jan1+i), d, days, i, length) && s.weekFits(weeks, i) {
				pages[m-1] |= 1 << d
			}
			i++
		}
	}
	if len(s.rule.bySetPos) > 0 {
		pages = pickYear(pages, s.rule.bySetPos)
	}
	s.byYear[kind] = &pages
	return &pages
}

// fitsYear looks at the day with index d in its month and i in its year.
func (s *set) fitsYear(weekday, d, monthLength, i, yearLength int) bool {
	if !s.dayFits(d, monthLength) {
		return false
	}
	if s.nthInYear {
		d, monthLength = i, yearLength
	}
	if !s.weekdayFits(weekday, d, monthLength) {
		return false
	}
	return len(s.rule.byYearDay) == 0 || slices.Contains(s.rule.byYearDay, i+1) || slices.Contains(s.rule.byYearDay, i-yearLength)
}

// pickYear is pick for the pages of a year.
func pickYear(pages [12]page, positions []int) [12]page {
	n := 0
	for _, p := range pages {
		n += bits.OnesCount32(uint32(p))
	}
	var wanted [367]bool
	for _, at := range positions {
		if at < 0 {
			at += n + 1
		}
		if at > 0 {
			wanted[at] = true
		}
	}
	i := 0
	for m, p := range pages {
		for ; p != 0; p &= p - 1 {
			if i++; !wanted[i] {
				pages[m] &^= p & -p
			}
		}
	}
	return pages
}

// weeks numbers the weeks of a calendar year as ISO 8601 does, for any first day of the week: week
// 1 is the first with at least four days in the year (RFC 5545 §3.3.10, BYWEEKNO). Its first and
// last days may lie in a week of the neighbouring year.
type weeks struct {
	first             int // the index in the year, maybe below zero, of the first day of week 1
	last, these, next int // the number of weeks of the year before, of this one, of the next
}

func newWeeks(y, jan1, weekStart int) weeks {
	first := func(jan1 int) int {
		into := (weekdayOf(jan1) - weekStart + 7) % 7
		if into <= 3 {
			return jan1 - into
		}
		return jan1 + 7 - into
	}
	before, this := first(jan1-yearLength(y-1)), first(jan1)
	after := first(jan1 + yearLength(y))
	beyond := first(jan1 + yearLength(y) + yearLength(y+1))
	return weeks{first: this - jan1, last: (this - before) / 7, these: (after - this) / 7, next: (beyond - after) / 7}
}

// weekFits reports whether the day with index i in the year lies in one of the rule's weeks.
func (s *set) weekFits(w weeks, i int) bool {
	if len(s.rule.byWeekNo) == 0 {
		return true
	}
	number, of := (i-w.first+7)/7, w.these
	switch {
	case number == 0:
		number, of = w.last, w.last
	case number > w.these:
		number, of = 1, w.next
	}
	for _, n := range s.rule.byWeekNo {
		if n == number || n == number-of-1 {
			return true
		}
	}
	return false
}
