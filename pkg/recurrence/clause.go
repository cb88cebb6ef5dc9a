package recurrence

import "strings"

// clause reads days or months that follow the unit.
func (p *phrase) clause() bool {
	return p.try((*phrase).onDays) || p.try((*phrase).inMonths) || p.try((*phrase).onlyIf) || p.try((*phrase).byParts)
}

// onDays reads "on Monday and Friday" of a week, "on the last workday" of a month, "on 29 February"
// of a year.
func (p *phrase) onDays() bool {
	bare := len(p.r.byDay)+len(p.r.byMonthDay)+len(p.r.byYearDay)+len(p.r.bySetPos) == 0
	if !bare || !p.accept("on") {
		return false
	}
	if p.r.freq == Weekly || len(p.r.byWeekNo) > 0 {
		days, ok := p.dayList()
		p.r.byDay = days
		return ok
	}
	switch p.r.freq {
	case Monthly:
		if !p.items() {
			return false
		}
		return p.try((*phrase).of) || !p.yearDay
	case Yearly:
		if p.try((*phrase).dates) {
			return true
		}
		if !p.items() {
			return false
		}
		// a day of the month alone does not say which month
		return p.try((*phrase).of) || len(p.r.byMonthDay) == 0 || len(p.r.byMonth) > 0
	}
	return false
}

// inMonths reads "in January and July", and "in week 20" of a year.
func (p *phrase) inMonths() bool {
	if !p.accept("in") {
		return false
	}
	if p.r.freq != Yearly || !p.accept("week", "weeks") {
		return len(p.r.byMonth) == 0 && p.months()
	}
	one := func(p *phrase) bool {
		n := p.peek(0).number
		if n < 0 || len(p.r.byWeekNo) > 53 || p.is(1, "times", "time") { // in week 1, 5 times
			return false
		}
		p.next++
		p.r.byWeekNo = append(p.r.byWeekNo[:len(p.r.byWeekNo):len(p.r.byWeekNo)], n)
		return true
	}
	if len(p.r.byWeekNo) > 0 || !one(p) {
		return false
	}
	for p.separator(one) {
	}
	return true
}

// onlyIf reads "if it is a Friday", and "if it is the 1st or last day" of daily rules.
func (p *phrase) onlyIf() bool {
	if !p.all("if", "it", "is") || len(p.r.byDay) > 0 {
		return false
	}
	if p.r.freq == Daily && len(p.r.byMonthDay) == 0 && p.is(0, "the") {
		return p.items() && len(p.r.byDay) == 0
	}
	if !p.accept("a") || p.r.freq == Weekly || p.r.freq != Daily && len(p.r.byMonthDay) == 0 {
		return false
	}
	days, ok := p.dayList()
	p.r.byDay = days
	return ok
}

// byParts reads the parts of an RRULE as Text writes them: by BYWEEKNO=-1;BYDAY=MO.
func (p *phrase) byParts() bool {
	p.accept(",")
	if !p.accept("by") {
		return false
	}
	start := p.peek(0).start
	raw := p.text[start:]
	if end := strings.IndexAny(raw, " \t\n"); end >= 0 {
		raw = raw[:end]
	}
	raw = strings.TrimSuffix(raw, ",")
	r, err := Parse("FREQ=" + string(p.r.freq) + ";" + raw)
	if err != nil || r.count > 0 || !r.until.IsZero() || r.interval != 1 {
		return false
	}
	for p.next < len(p.tokens) && p.peek(0).start < start+len(raw) {
		p.next++
	}
	interval, anchor := p.r.interval, p.r.anchor
	p.r, p.skip = r, true
	p.r.interval, p.r.anchor = interval, anchor
	return true
}

// limit reads where the rule ends and what it counts from.
func (p *phrase) limit() bool {
	return p.try((*phrase).until) || p.try((*phrase).times) || p.try((*phrase).completion) || p.try((*phrase).details)
}

// until reads "until 31 December".
func (p *phrase) until() bool {
	p.accept(",")
	if !p.accept("until", "till") || !p.r.until.IsZero() {
		return false
	}
	day, ok := p.oneDate()
	p.r.until = day
	return ok
}

// times reads "for 5 times" and ", 5 times"; "every day 2 times" is twice a day.
func (p *phrase) times() bool {
	comma := p.accept(",")
	if word := p.accept("for"); !comma && !word || p.r.count > 0 {
		return false
	}
	n := p.peek(0).number
	if n < 0 {
		n = numberWords[p.peek(0).text]
	}
	p.next++
	p.r.count = n
	return n > 0 && p.accept("times", "time", "occurrences", "occurrence")
}

// completion reads "after completion".
func (p *phrase) completion() bool {
	switch {
	case p.all("after", "completion"), p.all("from", "completion"), p.all("when", "completed"), p.all("when", "done"),
		p.all("once", "completed"), p.all("once", "done"), p.all("after", "completing", "it"), p.all("after", "completing"):
		p.r.anchor = Completion
		return !p.is(0, "of")
	}
	return false
}

// details reads what Text adds where words alone would mean another rule.
func (p *phrase) details() bool {
	p.accept(",")
	if p.all("if", "there", "is", "one") {
		p.skip = true
		return true
	}
	if !p.all("weeks", "starting", "on") {
		return false
	}
	day, ok := p.dayWord()
	p.r.weekStart = day
	return ok
}
