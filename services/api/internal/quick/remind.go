package quick

import (
	"fmt"
	"strconv"
	"strings"
)

// reminders takes "remind me 1 hour before", "reminder at 8am" and "remind me to" out of the text.
func (r *reader) reminders() {
	for i := range r.tokens {
		at, ok := r.keyword(i)
		if !ok {
			continue
		}
		if r.before(i, at) {
			continue
		}
		r.remindMe(i, at)
	}
}

// keyword reads what a reminder begins with.
func (r *reader) keyword(i int) (int, bool) {
	at := r.skip(i, ",", "and")
	at = r.skip(r.skip(r.skip(at, "with", "set", "add"), "a", "an"), "email")
	switch {
	case r.is(at, "remind", "alert", "notify", "ping"):
		named := r.is(at, "remind")
		at++
		if next := r.skip(at, "me"); next > at {
			return next, true
		}
		_, _, amount := r.amount(at)
		return at, named && (amount || r.is(at, "at", "the"))
	case r.is(at, "reminder", "reminders", "alarm"):
		at = r.skip(at+1, ":", "=", "at", "set")
		at = r.skip(at, "for")
		return at, true
	}
	return i, false
}

// before reads one or more amounts before the due time, from at on.
func (r *reader) before(from, at int) bool {
	var list []Reminder
	for len(list) < 5 {
		reminder, next, ok := r.oneBefore(at)
		if !ok {
			break
		}
		list = append(list, reminder)
		more := r.skip(r.skip(next, ","), "and", "&")
		if _, _, ok := r.oneBefore(more); !ok || more == next {
			at = next
			break
		}
		at = more
	}
	if len(list) == 0 {
		return false
	}
	// "remind me the day before tomorrow" would say something else
	words := make([]string, len(list))
	for i, reminder := range list {
		words[i] = reminder.Words()
	}
	r.task.Reminders = append(r.task.Reminders, list...)
	r.cut(from, at, "reminders", strings.Join(words, ", "))
	return true
}

var befores = []string{"before", "ahead", "early", "prior", "beforehand", "earlier"}

// oneBefore reads 1 hour before, half an hour before, the day before at 18:00, 1 day and (1 hour before).
func (r *reader) oneBefore(i int) (Reminder, int, bool) {
	if r.is(i, "the") && r.is(i+1, "day", "night", "evening") && r.is(i+2, "before") {
		clock := "09:00"
		if !r.is(i+1, "day") {
			clock = "19:00"
		}
		return r.daysBefore(1, clock, i+3)
	}
	a, next, ok := r.amount(i)
	if !ok {
		return Reminder{}, i, false
	}
	minutes, fixed := a.minutes()
	if !fixed || minutes > 366*24*60 {
		return Reminder{}, i, false
	}
	if !r.is(next, befores...) {
		_, _, more := r.oneBefore(next + 1)
		if !r.is(next, "and", ",", "&") || !more {
			return Reminder{}, i, false
		}
		return Reminder{MinutesBefore: &minutes}, next, true
	}
	if minutes%1440 == 0 && r.is(next+1, "at", "@") {
		if reminder, after, ok := r.daysBefore(minutes/1440, "", next+1); ok {
			return reminder, after, true
		}
	}
	return Reminder{MinutesBefore: &minutes}, next + 1, true
}

// daysBefore adds the time, if it is said or there is one anyway.
func (r *reader) daysBefore(n int, clock string, i int) (Reminder, int, bool) {
	if r.is(i, "at", "@") {
		if w, next, ok := r.clock(i+1, true); ok && (w.need != both || r.sure(w)) {
			return Reminder{DaysBefore: &n, Time: clockText(w)}, next, true
		}
	}
	return Reminder{DaysBefore: &n, Time: clock}, i, clock != ""
}

func clockText(w when) string { return fmt.Sprintf("%02d:%02d", w.hour, w.minute) }

// remindMe reads "remind me to …", where the due date is when to remind, and "remind me at 8",
// which is a time of its own if the task is due at another.
func (r *reader) remindMe(from, at int) {
	me := r.is(at-1, "me")
	switch {
	case (me || r.is(at, "to") && r.is(at-1, "reminder")) && r.is(at, "to", "that", "about", "of") && r.leads(from):
		r.ringDue = true
		r.drop(from, r.skip(at, "to", "that", "about", "of"))
	case me && r.leads(from):
		s, ok := r.said(at)
		ruled := at < len(r.tokens) && r.tokens[at].cut
		if !ok && !ruled && !r.is(at, "when", "in") {
			return
		}
		r.ringDue = true
		r.drop(from, at)
		if to := r.skip(s.to, "to"); ok && to > s.to {
			r.drop(s.to, to)
			s.led = true
			r.cut(s.from, s.to, "due_date", "")
			r.when = s.when
		}
	case from > 0:
		r.ringLater(from, at, me)
	}
}

// leads reports whether nothing but what leads in stands before a token.
func (r *reader) leads(i int) bool {
	for _, t := range r.tokens[:i] {
		if !t.cut {
			return false
		}
	}
	return true
}

func (r *reader) ringLater(from, at int, me bool) {
	if s, ok := r.said(at); ok && r.ends(s.to) && (me || s.led || r.is(at-1, ":", "at")) || ok && r.is(from, "with", ",") && r.ends(s.to) {
		r.rings = append(r.rings, ring{s.when, r.cut(from, s.to, "reminders", "")})
		return
	}
	if r.ends(at) && (me && r.is(at-2, "remind") || r.is(from, "with")) {
		r.ringDue = true
		r.cut(from, at, "reminders", "at the due time")
	}
}

// ringAt says what "remind me at 8" means for the due date there is by now.
func (r *reader) ringAt(g ring) Reminder {
	zero := 0
	reminder := Reminder{MinutesBefore: &zero}
	switch {
	case g.when.date.IsZero():
		reminder = Reminder{DaysBefore: &zero, Time: clockText(g.when)}
	case g.when.timed:
		reminder = Reminder{At: g.when.on(g.when.date)}
	case g.when.date.Compare(r.task.Due.Date()) != 0:
		at := g.when.date
		at.Timed, at.Hour = true, 9
		reminder = Reminder{At: at}
	}
	r.task.Spans[g.span].Value = reminder.Words()
	return reminder
}

// Words says the reminder as a person would.
func (m Reminder) Words() string {
	switch {
	case !m.At.IsZero():
		return m.At.String()
	case m.DaysBefore != nil && *m.DaysBefore == 0:
		return "on the day at " + m.Time
	case m.DaysBefore != nil:
		return plural(*m.DaysBefore, "day") + " before at " + m.Time
	case *m.MinutesBefore == 0:
		return "at the due time"
	}
	n := *m.MinutesBefore
	for _, unit := range []string{"week", "day", "hour"} {
		if minutes := units[unit]; n%minutes == 0 {
			return plural(n/minutes, unit) + " before"
		}
	}
	return plural(n, "minute") + " before"
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}
