package recurrence

import "time"

// oneDate reads one date, with or without its year.
func (p *phrase) oneDate() (Civil, bool) {
	var c Civil
	ok := p.try(func(p *phrase) bool { c = p.figures(); return !c.IsZero() }) ||
		p.try(func(p *phrase) bool { c = p.dayAndMonth(); return !c.IsZero() }) ||
		p.try(func(p *phrase) bool { c = p.relative(); return !c.IsZero() })
	return c, ok
}

// figures reads 2026-12-31, 31.12.2026, 31.12., and 12/31/2026 where only one reading is a date.
func (p *phrase) figures() Civil {
	a, sign, b := p.peek(0), p.peek(1).text, p.peek(2)
	if a.number < 0 || b.number < 0 || !p.peek(1).glued || !b.glued {
		return Civil{}
	}
	again, c := p.is(3, sign) && p.peek(3).glued, p.peek(4)
	full := again && c.glued && c.number >= 0
	switch {
	case sign == "-" && full && a.end-a.start == 4:
		p.next += 5
		return valid(a.number, b.number, c.number)
	case sign == "." && full && c.end-c.start == 4:
		p.next += 5
		return valid(c.number, b.number, a.number)
	case sign == "." && again && !full:
		p.next += 4
		return p.coming(b.number, a.number)
	case sign == "/" && full && c.end-c.start == 4 && (a.number > 12 || a.number == b.number):
		p.next += 5
		return valid(c.number, b.number, a.number)
	case sign == "/" && full && c.end-c.start == 4 && b.number > 12:
		p.next += 5
		return valid(c.number, a.number, b.number)
	}
	return Civil{}
}

// dayAndMonth reads 31 December, the 31st of December 2026, December 31, 2026.
func (p *phrase) dayAndMonth() Civil {
	p.accept("the")
	day, month := p.peek(0).number, 0
	if day > 0 {
		p.next++
		p.accept("of")
		month = monthWords[p.peek(0).text]
		p.next++
	} else {
		month, day = monthWords[p.peek(0).text], p.peek(1).number
		p.next += 2
	}
	if month == 0 || day < 1 {
		return Civil{}
	}
	if p.is(0, ",") && isYear(p.peek(1)) {
		p.next++
	}
	if isYear(p.peek(0)) {
		p.next++
		return valid(p.peek(-1).number, month, day)
	}
	return p.coming(month, day)
}

func isYear(t token) bool { return t.number >= 0 && t.end-t.start == 4 && !t.ordinal }

// relative reads tomorrow, Friday, the end of the month, the end of next year.
func (p *phrase) relative() Civil {
	if p.today.IsZero() {
		return Civil{}
	}
	p.accept("the")
	if p.accept("tomorrow") {
		return p.today.Date().AddDays(1)
	}
	if p.accept("today") {
		return p.today.Date()
	}
	if day, ok := p.dayWord(); ok {
		ahead := (day - weekdayOf(p.today.number()) + 6) % 7
		return p.today.Date().AddDays(ahead + 1)
	}
	if !p.all("end", "of") {
		return Civil{}
	}
	next := 0
	if p.accept("next") {
		next = 1
	} else {
		p.accept("the", "this")
	}
	y, m := p.today.Year, int(p.today.Month)
	switch {
	case p.accept("week"):
		return p.today.Date().AddDays(6 - weekdayOf(p.today.number()) + 7*next)
	case p.accept("month"):
		y, m = y+(m-1+next)/12, (m-1+next)%12+1
		return Day(y, time.Month(m), monthLength(y, m))
	case p.accept("year"):
		return Day(y+next, 12, 31)
	}
	return Civil{}
}

// coming returns the next such day from today on.
func (p *phrase) coming(month, day int) Civil {
	for y := p.today.Year; !p.today.IsZero() && y < p.today.Year+9; y++ {
		if c := valid(y, month, day); !c.IsZero() && c.Compare(p.today.Date()) >= 0 {
			return c
		}
	}
	return Civil{}
}

func valid(y, m, d int) Civil {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > monthLength(y, m) {
		return Civil{}
	}
	return Day(y, time.Month(m), d)
}
