package quick

import (
	"strings"

	"github.com/tickler-app/tickler/pkg/recurrence"
)

// when is a date, a time, or both.
type when struct {
	date         recurrence.Civil
	timed        bool
	hour, minute int
	second       int // of what is so many seconds ahead
	need         need
	part         bool // the time is that of a part of the day: a time beside it says more
	fades        bool // the part belongs to the date even when it has passed
	vague        bool // an hour that may be before or after noon
}

// need is what must stand around words that may mean something else.
type need int

const (
	nothing need = iota
	place        // before it "by", "on" or the like, or behind it the end of a part
	both         // both
)

func (w when) none() bool { return w.date.IsZero() && !w.timed }

// on is the date at the time of w, if it has one.
func (w when) on(date recurrence.Civil) recurrence.Civil {
	if !w.timed {
		return date.Date()
	}
	return date.WithClock(recurrence.Civil{Timed: true, Hour: w.hour, Minute: w.minute, Sec: w.second})
}

var partHours = map[string]int{"morning": 9, "afternoon": 14, "evening": 19, "night": 19}

// clock reads a time of day: 5pm, 5:30 p.m., 17:30, noon, midnight, 8 in the evening. A bare
// hour is one only after "at", and only where nobody could mean the other half of the day.
func (r *reader) clock(i int, at bool) (when, int, bool) {
	switch {
	case r.is(i, "noon", "midday") && (at || !r.at(i).capital):
		return when{timed: true, hour: 12, need: place}, i + 1, true
	case r.is(i, "midnight") && (at || !r.at(i).capital):
		return when{timed: true, need: place}, i + 1, true
	}
	w, next, ok := r.figures(i)
	if !ok {
		return w, i, false
	}
	if half, after := r.half(next); half != "" {
		if w.hour < 1 || w.hour > 12 {
			return w, i, false
		}
		w.hour %= 12
		if half == "pm" {
			w.hour += 12
		}
		w.need, w.vague = nothing, false
		next = after
	} else if from := r.skip(next, "in"); from > next && r.is(r.skip(from, "the"), "morning", "afternoon", "evening") {
		from = r.skip(from, "the")
		if w.vague {
			w = w.in(r.at(from).text)
		}
		next = from + 1
	}
	if r.range_(next) || w.need == both && !at {
		return w, i, false
	}
	return w, next, true
}

// in moves an hour that may be before or after noon into a part of the day.
func (w when) in(part string) when {
	if w.vague && part != "morning" && w.hour < 12 {
		w.hour += 12
	}
	w.vague, w.need = false, place
	return w
}

// figures reads 17:30, 5, and 5pm up to where "pm" begins.
func (r *reader) figures(i int) (when, int, bool) {
	t := r.at(i)
	digits := strings.TrimRight(t.text, "apm")
	hour, ordinal := numeral(digits)
	if hour < 0 || ordinal || len(digits) > 2 || hour > 24 || t.glued && r.at(i-1).text != "@" && r.at(i-1).text != "(" && r.at(i-1).text != "," {
		return when{}, i, false
	}
	w := when{timed: true, hour: hour, need: both, vague: hour >= 1 && hour <= 12}
	if digits != t.text {
		return w, i, t.text == digits+"am" || t.text == digits+"pm" || t.text == digits+"a" || t.text == digits+"p"
	}
	next := i + 1
	if sep := r.at(next); (sep.text == ":" || sep.text == ".") && sep.glued && r.at(next+1).glued {
		text := r.at(next + 1).text
		digits := strings.TrimRight(text, "apm")
		minute, ordinal := numeral(digits)
		half := strings.TrimPrefix(text, digits)
		if minute < 0 || ordinal || minute > 59 || len(digits) != 2 || hour > 23 || half != "" && half != "am" && half != "pm" {
			return w, i, false
		}
		if sep.text == "." && half == "" && !r.is(next+2, "am", "pm") { // version 2.10
			return w, i, false
		}
		w.minute, w.need, w.vague = minute, place, hour >= 1 && hour <= 12 && len(t.text) == 1
		if half != "" {
			return w, next + 1, true
		}
		if w.vague && hour <= 5 { // 3:30 is hardly ever in the night
			w.need = both
		}
		if r.is(next+2, ":") && r.at(next+2).glued { // a duration, or seconds
			return w, i, false
		}
		return w, next + 2, true
	}
	return w, next, hour < 24
}

// half reads am and pm at a token, or at the end of it.
func (r *reader) half(i int) (string, int) {
	t := r.at(i)
	if t.number < 0 && t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' { // the token that figures stopped at
		if strings.HasSuffix(t.text, "am") || strings.HasSuffix(t.text, "a") {
			return "am", i + 1
		}
		if strings.HasSuffix(t.text, "pm") || strings.HasSuffix(t.text, "p") {
			return "pm", i + 1
		}
	}
	if r.is(i, "am", "pm") {
		return t.text, i + 1
	}
	if r.is(i, "a", "p") && r.all(i+1, ".", "m") && r.at(i+1).glued && r.at(i+2).glued {
		next := i + 3
		if r.is(next, ".") && r.at(next).glued {
			next++
		}
		return t.text + "m", next
	}
	return "", i
}

// range_ reports whether what was read is only the begin of something longer: 2pm-4pm, 9 to 5.
func (r *reader) range_(i int) bool {
	if r.is(i, "-", "–", "/") && r.at(i+1).text != "" && r.at(i + 1).text[0] >= '0' && r.at(i + 1).text[0] <= '9' {
		return true
	}
	if r.is(i, "to", "till", "until", "through") {
		next := r.at(i + 1).text
		return next != "" && next[0] >= '0' && next[0] <= '9' || r.is(i+1, "noon", "midnight")
	}
	return false
}
