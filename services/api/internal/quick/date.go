package quick

import (
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/recurrence"
)

var weekdays = map[string]time.Weekday{
	"monday": 1, "mon": 1, "tuesday": 2, "tue": 2, "tues": 2, "wednesday": 3, "wed": 3, "weds": 3, "thursday": 4, "thu": 4, "thur": 4,
	"thurs": 4, "friday": 5, "fri": 5, "saturday": 6, "sat": 6, "sunday": 0, "sun": 0,
}

var months = map[string]time.Month{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6,
	"july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10,
	"november": 11, "nov": 11, "december": 12, "dec": 12,
}

// day reads a date.
func (r *reader) day(i int) (when, int, bool) {
	for _, read := range []func(int) (when, int, bool){r.nearDay, r.ahead, r.period, r.weekday, r.monthDay, r.numeric, r.nth} {
		if w, next, ok := read(i); ok {
			return w, next, true
		}
	}
	return when{}, i, false
}

// nearDay reads today, tonight, tomorrow morning, the day after tomorrow, this evening.
func (r *reader) nearDay(i int) (when, int, bool) {
	today := r.now.Date()
	at := r.skip(i, "the")
	switch {
	case r.all(at, "day", "after", "tomorrow"):
		return r.partOf(when{date: today.AddDays(2)}, at+3)
	case r.is(i, "today"):
		return r.partOf(when{date: today}, i+1)
	case r.is(i, "tonight", "tonite"):
		return when{date: today, timed: true, hour: 19, part: true, fades: true}, i + 1, true
	case r.is(i, "tomorrow", "tmrw", "tmr", "tomorow", "tommorow", "tommorrow"):
		return r.partOf(when{date: today.AddDays(1)}, i+1)
	case r.is(i, "this") && r.is(i+1, "morning", "afternoon", "evening"):
		return when{date: today, timed: true, hour: partHours[r.at(i+1).text], part: true, fades: true}, i + 2, true
	case r.is(i, "yesterday") && !r.told(i):
		return r.partOf(when{date: today.AddDays(-1), need: place}, i+1)
	case r.is(i, "eod", "cob"):
		if w, next, ok := r.day(r.skip(i+1, "on")); ok && !w.timed {
			return w, next, true
		}
		return when{date: today, need: place}, i + 1, true
	}
	return when{}, i, false
}

// pasts are words that tell what was, beside those that end in -ed.
var pasts = []string{"was", "were", "had", "did", "went", "came", "said", "told", "got", "saw", "met", "sent", "made", "took", "bought", "broke", "left", "found", "wrote",
	"gave", "spoke", "lost", "paid", "done", "held", "read", "what", "who", "which", "that", "where", "how", "why", "i", "we", "you", "he", "she", "they", "it", "from", "since"}

// told reports whether what stands before yesterday tells what was then, rather than what was to be
// done: review what happened yesterday.
func (r *reader) told(i int) bool {
	if r.is(i-1, "due") {
		return false
	}
	if r.at(i).capital && i > 0 || len(r.at(i-1).text) > 4 && strings.HasSuffix(r.at(i-1).text, "ed") {
		return true
	}
	for n := range i {
		if r.is(n, pasts...) {
			return true
		}
	}
	return false
}

// partOf reads a part of the day behind a date.
func (r *reader) partOf(w when, i int) (when, int, bool) {
	next := r.skip(r.skip(i, "in"), "the")
	if next > i && !(r.is(i, "in") && r.is(i+1, "the")) {
		return w, i, true
	}
	if hour, ok := partHours[r.at(next).text]; ok && !(next > i && hour == 19 && r.is(next, "night")) {
		w.timed, w.part, w.hour, w.fades = true, true, hour, w.date == r.now.Date()
		return w, next + 1, true
	}
	return w, i, true
}

// period reads next week, this weekend, end of month and the like.
func (r *reader) period(i int) (when, int, bool) {
	today := r.now.Date()
	monday := today.AddDays(-(int(today.Weekday()) + 6) % 7)
	w := when{need: place}
	switch {
	case r.all(i, "next", "week"):
		w.date = monday.AddDays(7)
	case r.all(i, "next", "month"):
		w.date = monthAfter(today, 1)
		w.date.Day = 1
	case r.all(i, "next", "year"):
		w.date = recurrence.Day(today.Year+1, 1, 1)
	case r.all(i, "this", "weekend"):
		w.date = monday.AddDays(max(5, (int(today.Weekday())+6)%7))
	case r.all(i, "next", "weekend"):
		w.date = monday.AddDays(12)
	case r.is(i, "eow"):
		w.date = fridayFrom(today)
		return w, i + 1, true
	case r.is(i, "eom"):
		w.date = lastOf(today)
		return w, i + 1, true
	default:
		return r.endOf(i)
	}
	return w, i + 2, true
}

func (r *reader) endOf(i int) (when, int, bool) {
	today := r.now.Date()
	i = r.skip(i, "the")
	if !r.all(i, "end", "of") {
		return when{}, i, false
	}
	w, at := when{need: place}, i+2
	if next := r.skip(at, "next"); next > at && r.is(next, "week", "month", "year") {
		switch at = next; r.at(at).text {
		case "week":
			today = today.AddDays((8-int(today.Weekday()))%7 + 7*btoi(today.Weekday() == 1))
		case "month":
			today = monthAfter(today, 1)
		case "year":
			today.Year++
		}
	} else {
		at = r.skip(at, "the", "this")
	}
	switch r.at(at).text {
	case "day", "today":
		w.date = today
	case "week":
		w.date = fridayFrom(today)
	case "month":
		w.date = lastOf(today)
	case "year":
		w.date = recurrence.Day(today.Year, 12, 31)
	default:
		return w, i, false
	}
	return w, at + 1, true
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func fridayFrom(day recurrence.Civil) recurrence.Civil {
	return day.AddDays((5 - int(day.Weekday()) + 7) % 7)
}

func lastOf(day recurrence.Civil) recurrence.Civil {
	first := monthAfter(day, 1)
	first.Day = 1
	return first.AddDays(-1)
}

// monthAfter is the same day so many months later, or the last of a month that is too short.
func monthAfter(day recurrence.Civil, n int) recurrence.Civil {
	t := time.Date(day.Year, day.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := t.AddDate(0, 1, -1).Day()
	return recurrence.Day(t.Year(), t.Month(), min(day.Day, last))
}

var riskyDays = map[string]bool{"sun": true, "sat": true, "wed": true, "mon": true}

// weekday reads Friday, this Friday, next Friday evening, Friday, 25 December.
func (r *reader) weekday(i int) (when, int, bool) {
	today := r.now.Date()
	at := r.skip(i, "this", "next", "coming")
	at = r.skip(at, "coming")
	t := r.at(at)
	day, ok := weekdays[t.text]
	if !ok {
		return when{}, i, false
	}
	ahead := (int(day) - int(today.Weekday()) + 7) % 7
	w := when{need: place}
	switch {
	case r.is(i, "next"): // the one in the following week
		ahead = (int(day)+6)%7 - (int(today.Weekday())+6)%7 + 7
	case !r.is(i, "this") && ahead == 0:
		ahead = 7
	}
	w.date = today.AddDays(ahead)
	next := at + 1
	if r.is(next, ".") && r.at(next).glued && len(t.text) < 5 && r.at(next+1).text != "" {
		next++
	}
	if exact, after, ok := r.exactDay(r.skip(next, ",")); ok && at == i {
		if exact.date.Weekday() != day {
			return when{}, i, false
		}
		return exact, after, true
	}
	if riskyDays[t.text] && !t.capital && at == i {
		w.need = both
	}
	return r.partOf(w, next)
}

func (r *reader) exactDay(i int) (when, int, bool) {
	if w, next, ok := r.monthDay(i); ok {
		return w, next, true
	}
	return r.numeric(i)
}

// monthDay reads 25 December, Dec 25th, 2027, the 1st of May.
func (r *reader) monthDay(i int) (when, int, bool) {
	at := r.skip(i, "the")
	var day, next int
	var month time.Month
	if n := r.at(at); n.number > 0 && at < len(r.tokens) {
		next = r.skip(at+1, "of")
		name := r.at(next)
		day, month = n.number, months[name.text]
		if month == 0 || !name.capital && name.text == "mar" || name.glued {
			return when{}, i, false
		}
		next++
	} else {
		name := r.at(at)
		month, next = months[name.text], at+1
		next = r.skip(next, ".")
		n := r.at(next)
		if day = n.number; month == 0 || day < 1 || n.glued && !r.is(next-1, ".") || r.unit(next+1) {
			return when{}, i, false
		}
		if r.is(next+1, ":", ".") && r.at(next+1).glued && r.at(next+2).glued || r.is(next+1, "am", "pm") { // May 5:30, May 5 pm
			return when{}, i, false
		}
		next++
	}
	return r.dated(day, month, next, i)
}

// dated adds the year, or finds the coming one.
func (r *reader) dated(day int, month time.Month, next, i int) (when, int, bool) {
	year := r.skip(next, ",")
	if y := r.at(year); y.number >= 1970 && y.number <= 2999 && !y.ordinal && y.end-y.start == 4 && !r.is(year+1, ":") {
		date, ok := dateOf(y.number, month, day)
		return when{date: date, need: place}, year + 1, ok
	}
	date, ok := r.coming(month, day)
	if r.range_(next) || !ok {
		return when{}, i, false
	}
	return r.partOf(when{date: date, need: place}, next)
}

// coming returns the next such day, today being one.
func (r *reader) coming(month time.Month, day int) (recurrence.Civil, bool) {
	for year := r.now.Year; year < r.now.Year+9; year++ {
		if date, ok := dateOf(year, month, day); ok && date.Compare(r.now.Date()) >= 0 {
			return date, true
		}
	}
	return recurrence.Civil{}, false
}

func dateOf(year int, month time.Month, day int) (recurrence.Civil, bool) {
	if year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 {
		return recurrence.Civil{}, false
	}
	date := recurrence.Day(year, month, day)
	return date, time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day() == day
}
