package recurrence

import (
	"slices"
	"strings"
)

// rule reads a whole rule: what recurs, then its days, months and end, in any order.
func (p *phrase) rule() bool {
	if p.accept("repeat", "repeats", "repeated", "repeating", "recurring", "recurs", "recurrence") {
		p.accept(":")
		p.marked = true
	}
	if !p.core() {
		return false
	}
	for p.clause() || p.limit() {
		p.weak = false
	}
	return true
}

func (p *phrase) core() bool {
	return p.try((*phrase).every) || p.try((*phrase).adverb) || p.try((*phrase).itemsOf) || p.try((*phrase).plurals) ||
		p.try((*phrase).afterUnits)
}

// every reads what begins with "every": "every!" counts from completion.
func (p *phrase) every() bool {
	once := p.accept("once")
	switch {
	case p.accept("every", "each"):
		if p.is(0, "!") && p.peek(0).glued {
			p.next++
			p.r.anchor = Completion
		}
	case !once || !p.accept("a", "per"):
		return false
	}
	return p.try((*phrase).units) || p.try((*phrase).partOfDay) || p.try((*phrase).everyWeekday) ||
		p.try((*phrase).everyDate) || p.try((*phrase).everyNth)
}

// units reads a unit with or without a number: 3 days, third day, other week, month.
func (p *phrase) units() bool {
	n, found := p.number()
	unit, ok := unitWords[p.peek(0).text]
	if !ok {
		p.subDaily = subDailyWords[p.peek(0).text] || p.is(-1, "second")
		return false
	}
	if p.next++; unit.freq == Daily && found && p.is(0, "of") { // the 3rd day of the month
		return false
	}
	if p.r.freq, p.r.interval = unit.freq, unit.n; found {
		p.r.interval *= n
	}
	return true
}

// number reads 3, 3rd, three, third, other, and nothing where a unit such as "second" stands alone.
func (p *phrase) number() (int, bool) {
	t := p.peek(0)
	n := t.number
	if n < 0 {
		n = max(numberWords[t.text], ordinalNumbers[t.text])
	}
	if n < 0 || n == 0 && t.number != 0 {
		return 0, false
	}
	p.next++
	return n, true
}

// partOfDay reads "every morning" up to "every": the rest is a time. A night is none.
func (p *phrase) partOfDay() bool {
	if !p.is(0, "morning", "afternoon", "evening", "night") {
		return false
	}
	p.r.freq = Daily
	if !p.strict || p.is(0, "night") {
		p.next++
	}
	return true
}

// everyWeekday reads Monday, Wednesday and Friday, weekdays, other Tuesday.
func (p *phrase) everyWeekday() bool {
	p.r.freq = Weekly
	if p.accept("other", "second", "2nd") {
		p.r.interval = 2
	}
	days, ok := p.dayList()
	p.r.byDay = days
	return ok && !(p.r.interval == 2 && p.is(0, "of"))
}

// dayList reads names of weekdays, ranges of them, and words for several.
func (p *phrase) dayList() ([]weekday, bool) {
	var days []weekday
	item := func(p *phrase) bool {
		if len(days) > p.most() {
			return false
		}
		more, ok := p.dayItem()
		days = append(days, more...)
		return ok
	}
	if !item(p) {
		return nil, false
	}
	for p.separator(item) {
	}
	return days, true
}

func (p *phrase) dayItem() ([]weekday, bool) {
	switch {
	case p.accept("weekday", "weekdays", "workday", "workdays") || p.all("business", "day") || p.all("working", "day"):
		return workdays, true
	case p.all("weekend", "day") || p.accept("weekend", "weekends"):
		return weekend, true
	}
	from, ok := p.dayWord()
	if !ok {
		return nil, false
	}
	days := []weekday{{day: from}}
	p.try(func(p *phrase) bool {
		if !p.accept("to", "through", "thru", "-", "–") {
			return false
		}
		to, ok := p.dayWord()
		for day := from; ok && day != to; {
			day = (day + 1) % 7
			days = append(days, weekday{day: day})
		}
		return ok
	})
	return days, true
}

func (p *phrase) dayWord() (int, bool) {
	day, ok := dayWords[p.peek(0).text]
	if ok {
		p.next++
	}
	return day, ok
}

// adverb reads daily, weekly and so on.
func (p *phrase) adverb() bool {
	word, tokens := p.peek(0).text, 1
	if word == "bi" && p.is(1, "-") && p.is(2, "weekly") {
		word, tokens = "biweekly", 3
	}
	a, ok := adverbs[word]
	if !ok {
		p.subDaily = subDailyWords[word]
		return false
	}
	if p.strict && !p.adverbial() {
		return false
	}
	p.next += tokens
	p.weak = p.strict
	p.r.freq, p.r.interval = a.freq, a.n
	return true
}

// plurals reads "on Mondays and Fridays", "weekends", "on weekdays".
func (p *phrase) plurals() bool {
	on := p.accept("on", "at")
	if !strings.HasSuffix(p.peek(0).text, "days") && !p.is(0, "weekends") || p.strict && !on && !p.adverbial() {
		return false
	}
	p.weak = p.strict && !on
	days, ok := p.dayList()
	p.r.freq, p.r.byDay = Weekly, days
	return ok
}

// afterUnits reads "3 days after completion".
func (p *phrase) afterUnits() bool {
	return p.units() && p.completion()
}

// everyDate reads 29 February, January 1st, or a month alone.
func (p *phrase) everyDate() bool {
	p.r.freq = Yearly
	if p.try((*phrase).dates) {
		return true
	}
	if p.strict && !p.peek(0).capital {
		return false
	}
	return p.months()
}

// everyNth reads last workday, first Monday of the month, 1st and 15th.
func (p *phrase) everyNth() bool {
	if !p.items() {
		return false
	}
	if p.try((*phrase).of) {
		return true
	}
	p.r.freq = Monthly
	if len(p.r.byDay)+len(p.r.bySetPos) > 0 {
		return true
	}
	p.weak = p.strict
	return !p.yearDay && (p.peek(-1).ordinal || p.is(-1, "day"))
}

// itemsOf reads "on the 1st of every month", "last day of the month", "on the 1st and 15th".
func (p *phrase) itemsOf() bool {
	on := p.accept("on")
	if !p.items() {
		return false
	}
	if !p.try((*phrase).of) {
		p.r.freq = Monthly
		return on && !p.strict && !p.yearDay && len(p.r.byMonthDay) > 0
	}
	if !p.strict {
		return p.r.freq != Yearly || p.saysEvery()
	}
	// the 1st of the month may be a single date; its last day, or first Monday, recurs
	recurs := !slices.ContainsFunc(p.r.byMonthDay, func(d int) bool { return d > 0 })
	return p.saysEvery() || recurs && p.r.freq == Monthly
}

// saysEvery reports whether what was just read ended in "of every month" rather than "of the month".
func (p *phrase) saysEvery() bool {
	for back := -1; back >= -4; back-- {
		if p.is(back, "every", "each") {
			return true
		}
		if p.is(back, "of", "in") {
			return false
		}
	}
	return false
}
