package quick

import (
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/recurrence"
)

// numeric reads 2026-12-31, 31.12.2026, 31.12., 12/25 and 12/25/2026.
func (r *reader) numeric(i int) (when, int, bool) {
	a, sep, b := r.at(i), r.at(i+1), r.at(i+2)
	if w, next, ok := r.isoTime(i); ok {
		return w, next, true
	}
	if a.number < 0 || b.number < 0 || a.ordinal || b.ordinal || !sep.glued || !b.glued || a.glued && !r.is(i-1, "(", ",", ":") {
		return when{}, i, false
	}
	again := r.at(i+3).text == sep.text && r.at(i+3).glued
	c := r.at(i + 4)
	full := again && c.glued && c.number >= 0 && !c.ordinal
	next := i + 3
	if full {
		next = i + 5
	}
	if follow := r.at(next); follow.glued && !follow.sign() || follow.glued && r.at(next+1).glued && r.at(next+1).text != "" && follow.text != "," && follow.text != ")" {
		return when{}, i, false
	}
	switch {
	case full && a.end-a.start == 4 && (sep.text == "-" || sep.text == "/"):
		return exactly(a.number, b.number, c.number, next, nothing)
	case full && sep.text == "." && c.end-c.start == 4:
		return exactly(c.number, b.number, a.number, next, nothing)
	case full && (sep.text == "/" || sep.text == "-"):
		return r.byOrder(a.number, b.number, c, next)
	case again && !full && sep.text == ".": // 31.12.
		date, ok := r.coming(time.Month(b.number), a.number)
		return when{date: date, need: both}, i + 4, ok && r.order == dayFirst
	case !again && sep.text == "/":
		return r.byOrder(a.number, b.number, token{number: -1}, next)
	}
	return when{}, i, false
}

// isoTime reads 2026-12-31T17:30, local time.
func (r *reader) isoTime(i int) (when, int, bool) {
	if r.at(i).number < 0 || !r.all(i+1, "-") || !r.all(i+3, "-") || !r.all(i+5, ":") || !r.at(i+6).glued {
		return when{}, i, false
	}
	text := string(r.runes[r.at(i).start:r.at(i+6).end])
	c, err := recurrence.ParseCivil(strings.ToUpper(text))
	if err != nil || c.Year < 1970 || r.at(i+7).glued && !r.ends(i+7) {
		return when{}, i, false
	}
	return when{date: c.Date(), timed: true, hour: c.Hour, minute: c.Minute}, i + 7, true
}

func exactly(year, month, day, next int, need need) (when, int, bool) {
	date, ok := dateOf(year, time.Month(month), day)
	return when{date: date, need: need}, next, ok
}

// byOrder reads a/b as the locale has it. Where only one of both can be the month, that is it.
func (r *reader) byOrder(a, b int, year token, next int) (when, int, bool) {
	month, day, sure := a, b, true
	switch {
	case a == 24 && b == 7, a < 1 || b < 1 || a > 31 || b > 31 || a > 12 && b > 12: // 24/7
		return when{}, next, false
	case a > 12:
		month, day = b, a
	case b > 12 || a == b:
	case r.order == unknownOrder:
		return when{}, next, false
	case r.order == dayFirst:
		month, day, sure = b, a, false
	default:
		sure = false
	}
	w := when{need: place}
	if !sure || a == b { // 3/4 may be a fraction, 9/11 a name
		w.need = both
	}
	var date recurrence.Civil
	var ok bool
	switch digits := year.end - year.start; {
	case year.number < 0:
		date, ok = r.coming(time.Month(month), day)
	case digits == 4:
		date, ok = dateOf(year.number, time.Month(month), day)
		w.need = place
	case digits == 2:
		date, ok = dateOf(2000+year.number, time.Month(month), day)
	}
	w.date = date
	return w, next, ok
}

// nth reads "the 15th": the next such day.
func (r *reader) nth(i int) (when, int, bool) {
	t := r.at(i + 1)
	if !r.is(i, "the") || !t.ordinal || t.number < 1 || t.number > 31 {
		return when{}, i, false
	}
	month := r.now.Date()
	month.Day = 1
	for range 12 {
		if date, ok := dateOf(month.Year, month.Month, t.number); ok && date.Compare(r.now.Date()) >= 0 {
			return when{date: date, need: both}, i + 2, true
		}
		month = monthAfter(month, 1)
	}
	return when{}, i, false
}

var units = map[string]int{ // in minutes; of months and years 0
	"minute": 1, "minutes": 1, "min": 1, "mins": 1, "hour": 60, "hours": 60, "hr": 60, "hrs": 60, "day": 1440, "days": 1440,
	"week": 10080, "weeks": 10080, "month": 0, "months": 0, "year": 0, "years": 0, "m": 1, "h": 60, "d": 1440, "w": 10080, "wk": 10080, "wks": 10080,
	"fortnight": 20160,
}

// seconds are units for what is to come alone: reminders and rules have none that are so short.
var seconds = []string{"seconds", "secs", "sec"}

var counts = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
}

// unit reports whether a token is a unit of time, or of something else that numbers count.
func (r *reader) unit(i int) bool {
	_, ok := units[r.at(i).text]
	return ok || r.is(i, seconds...) || r.is(i, "%", "km", "kg", "miles", "pages", "times", "people", "x")
}

// amount is so many units.
type amount struct {
	n    int
	unit string
}

// minutes is false of months and years.
func (a amount) minutes() (int, bool) { return a.n * units[a.unit], units[a.unit] > 0 }

// amount reads 2 hours, 1h, an hour, half an hour.
func (r *reader) amount(i int) (amount, int, bool) {
	t := r.at(i)
	if r.is(i, "half") {
		next := r.skip(i+1, "a", "an")
		if r.is(next, "hour") {
			return amount{30, "minute"}, next + 1, true
		}
		return amount{}, i, false
	}
	n, word, next := t.number, r.at(i+1).text, i+2
	if n < 0 {
		if count, ok := counts[t.text]; ok {
			n = count
		} else { // 1h
			digits := 0
			for digits < len(t.text) && t.text[digits] >= '0' && t.text[digits] <= '9' {
				digits++
			}
			n, _ = numeral(t.text[:digits])
			word, next = t.text[digits:], i+1
		}
	}
	if _, ok := units[word]; !ok || n < 1 || n > 9999 || t.ordinal {
		return amount{}, i, false
	}
	if next == i+2 && len(word) == 1 && !r.at(i+1).glued && word == "m" {
		return amount{}, i, false
	}
	return amount{n, word}, next, true
}

// ahead reads in 3 days, in half an hour, 2 weeks from now, in 30 seconds.
func (r *reader) ahead(i int) (when, int, bool) {
	in := r.is(i, "in")
	if n := r.at(i + 1); in && n.number > 0 && n.number <= 9999 && !n.ordinal && r.is(i+2, seconds...) && !r.at(i+2).capital && !r.is(i+3, "or") {
		w := momentOf(r.instant.Add(time.Duration(n.number) * time.Second))
		w.need = place // or it is how long something takes: run 400 m in 60 seconds flat
		return w, i + 3, true
	}
	a, next, ok := r.amount(r.skip(i, "in"))
	if !ok || r.at(next-1).capital && r.at(i).capital {
		return when{}, i, false
	}
	from := r.is(next, "from") && r.is(next+1, "now", "today")
	if in == from {
		return when{}, i, false
	}
	if from {
		next += 2
	}
	if in && r.at(next-1).capital || r.is(next, "or") {
		return when{}, i, false
	}
	today := r.now.Date()
	minutes, fixed := a.minutes()
	switch {
	case fixed && minutes%1440 == 0 && units[a.unit] >= 1440:
		return r.partOf(when{date: today.AddDays(minutes / 1440)}, next)
	case fixed:
		return momentOf(r.instant.Truncate(time.Minute).Add(time.Duration(minutes) * time.Minute)), next, true
	case a.unit[0] == 'y':
		a.n *= 12
	}
	if a.n > 1200 {
		return when{}, i, false
	}
	return when{date: monthAfter(today, a.n)}, next, true
}

// momentOf is a moment, to the second.
func momentOf(moment time.Time) when {
	c := recurrence.CivilOf(moment)
	return when{date: c.Date(), timed: true, hour: c.Hour, minute: c.Minute, second: c.Sec}
}
