package recurrence

import "slices"

// most bounds lists: a year has no more days, and a running text no patience.
func (p *phrase) most() int {
	if p.strict {
		return 12
	}
	return 366
}

// items reads days within a month or year: the 1st, 15th and last day; the first Monday; the last
// workday; day 15; every Thursday.
func (p *phrase) items() bool {
	end := p.next + 3*p.most() // the words of an item are few
	if !p.try((*phrase).item) {
		return false
	}
	for p.next < end && p.separator((*phrase).item) {
	}
	return len(p.r.bySetPos) == 0 || len(p.r.byMonthDay) == 0
}

func (p *phrase) item() bool {
	p.accept("the")
	if p.accept("every", "each") {
		day, ok := p.dayWord()
		p.r.byDay = append(slices.Clip(p.r.byDay), weekday{day: day})
		return ok && len(p.r.bySetPos) == 0
	}
	if p.is(0, "day") && p.peek(1).number > 0 && !p.peek(1).ordinal {
		p.r.byMonthDay = append(slices.Clip(p.r.byMonthDay), p.peek(1).number)
		p.next += 2
		return true
	}
	ordinals := p.ordinalList()
	if len(ordinals) == 0 {
		if ordinals = p.ordinals; len(ordinals) == 0 { // first Monday and Friday
			return false
		}
		day, ok := p.dayWord()
		p.nth(ordinals, day)
		return ok && len(p.r.bySetPos) == 0
	}
	return p.noun(ordinals)
}

// noun reads what is counted: days, weekdays, or whatever else of a set.
func (p *phrase) noun(ordinals []int) bool {
	switch {
	case p.all("weekend", "day"):
		return p.choose(ordinals, weekend)
	case p.accept("workday", "weekday") || p.all("business", "day") || p.all("working", "day"):
		return p.choose(ordinals, workdays)
	case p.accept("day", "days"):
		p.r.byMonthDay = append(slices.Clip(p.r.byMonthDay), ordinals...)
		p.yearDay = p.yearDay || slices.Max(ordinals) > 31
		return true
	}
	if _, isDay := dayWords[p.peek(0).text]; isDay {
		if p.try(func(p *phrase) bool { return p.either(ordinals) }) {
			return true
		}
		day, _ := p.dayWord()
		p.nth(ordinals, day)
		p.ordinals = ordinals
		return len(p.r.bySetPos) == 0
	}
	p.r.byMonthDay = append(slices.Clip(p.r.byMonthDay), ordinals...)
	return slices.Min(ordinals) > 0
}

func (p *phrase) nth(ordinals []int, day int) {
	p.r.byDay = slices.Clip(p.r.byDay)
	for _, n := range ordinals {
		p.r.byDay = append(p.r.byDay, weekday{n, day})
	}
}

// either reads Tuesday, Wednesday or Thursday: a set to choose from.
func (p *phrase) either(ordinals []int) bool {
	var days []weekday
	for range 7 {
		day, ok := p.dayWord()
		if !ok {
			return false
		}
		days = append(days, weekday{day: day})
		comma := p.accept(",")
		if or := p.accept("or"); or || !comma {
			day, ok := p.dayWord()
			return or && ok && p.choose(ordinals, append(days, weekday{day: day}))
		}
	}
	return false
}

// choose takes positions in a set: it is the only item then.
func (p *phrase) choose(positions []int, days []weekday) bool {
	if len(p.r.byDay)+len(p.r.byMonthDay)+len(p.r.bySetPos) > 0 {
		return false
	}
	p.r.bySetPos, p.r.byDay = positions, days
	return true
}

// ordinalList reads first, 3rd and second last.
func (p *phrase) ordinalList() []int {
	var found []int
	one := func(p *phrase) bool {
		if len(found) >= p.most() {
			return false
		}
		p.accept("the")
		n, ok := p.ordinal()
		if ok {
			found = append(found, n)
		}
		return ok
	}
	if !p.try(one) {
		return nil
	}
	for p.separator(one) {
	}
	return found
}

// ordinal reads 1st, first, last, second last, second to last.
func (p *phrase) ordinal() (int, bool) {
	if p.accept("last") {
		return -1, true
	}
	if p.accept("penultimate") {
		return -2, true
	}
	n := ordinalNumbers[p.peek(0).text]
	if t := p.peek(0); t.ordinal && t.number > 0 && t.number <= 366 {
		n = t.number
	}
	if n == 0 {
		return 0, false
	}
	p.next++
	if p.accept("last") || p.all("to", "last") || p.all("-", "to", "-", "last") || p.all("-", "last") {
		return -n, true
	}
	return n, true
}

// of reads the period that items lie in: of the month, of every 2 months, of January and July, of
// the year. The frequency is taken from it where there is none yet.
func (p *phrase) of() bool {
	if !p.accept("of", "in") {
		return false
	}
	if p.try((*phrase).months) {
		if p.r.freq == "" {
			p.r.freq = Yearly
		}
		return true
	}
	if !p.accept("the", "every", "each", "a") {
		return false
	}
	if p.r.freq == "" {
		if !p.units() {
			return false
		}
	} else if !p.accept("month", "year") {
		return false
	}
	inYear := p.is(-1, "year", "years")
	switch {
	case inYear && p.r.freq == Yearly: // the 100th day of the year
		p.r.byYearDay, p.r.byMonthDay, p.yearDay = p.r.byMonthDay, nil, false
		return true
	case p.r.freq == Yearly: // every year, on the 1st of every month
		return len(p.r.byMonthDay) > 0 && !p.yearDay
	}
	return p.r.freq == Monthly && !inYear && !p.yearDay
}

// months reads names of months.
func (p *phrase) months() bool {
	one := func(p *phrase) bool {
		m, ok := monthWords[p.peek(0).text]
		if ok = ok && len(p.r.byMonth) < p.most(); ok {
			p.r.byMonth = append(slices.Clip(p.r.byMonth), m)
			p.next++
		}
		return ok
	}
	if !one(p) {
		return false
	}
	for p.separator(one) {
	}
	return true
}

// dates reads 29 February, 1 and 15 March, January 1st, or several where every month has the same
// days: 1 January and 1 July.
func (p *phrase) dates() bool {
	if len(p.r.byMonth)+len(p.r.byMonthDay) > 0 || !p.date() {
		return false
	}
	dates := len(p.r.byMonthDay)
	for n := 1; n < p.most() && p.separator((*phrase).date); n++ {
		dates = len(p.r.byMonthDay)
	}
	p.r.byMonth, p.r.byMonthDay = sorted(p.r.byMonth), sorted(p.r.byMonthDay)
	return dates == len(p.r.byMonth)*len(p.r.byMonthDay)
}

// date reads days before or after one month.
func (p *phrase) date() bool {
	var read []int
	day := func(p *phrase) bool {
		p.accept("the")
		t := p.peek(0)
		if t.number < 1 || t.number > 31 || len(read) >= p.most() {
			return false
		}
		read = append(read, t.number)
		p.next++
		return true
	}
	before := p.try(day)
	for before && p.separator(day) {
	}
	if before && p.accept("of") { // the 1st of January and July
		p.r.byMonthDay = append(slices.Clip(p.r.byMonthDay), read...)
		return p.months()
	}
	m, ok := monthWords[p.peek(0).text]
	if !ok {
		return false
	}
	p.next++
	if !before && !p.try(day) {
		return false
	}
	p.r.byMonth = append(slices.Clip(p.r.byMonth), m)
	p.r.byMonthDay = append(slices.Clip(p.r.byMonthDay), read...)
	return true
}
