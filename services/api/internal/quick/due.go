package quick

import (
	"slices"
	"strings"
)

// said is a date or time at a place in the text, with what leads it in.
type said struct {
	when
	from, to int
	led      bool // by "due", "on", "at" and the like
	due      bool // by "due" itself, which wins
}

// due takes the due date out of the text: the first that says so, else the first at all, and a
// time that stands apart from it.
func (r *reader) due() {
	var found []said
	for i := 0; i < len(r.tokens); i++ {
		s, ok := r.said(i)
		if !ok {
			continue
		}
		if r.fits(s) {
			found = append(found, s)
		}
		i = s.to - 1 // also of what does not fit: no time is taken out of a date that is none
	}
	r.choose(found)
}

func (r *reader) choose(found []said) {
	for _, s := range found {
		if s.due && !s.date.IsZero() {
			found = slices.DeleteFunc(found, func(o said) bool { return !o.due && !o.date.IsZero() })
			break
		}
	}
	var date, clock *said
	for i := range found {
		s := &found[i]
		switch {
		case !s.date.IsZero() && date == nil && !(s.timed && clock != nil):
			date = s
		case s.date.IsZero() && clock == nil && (date == nil || !date.timed || date.part):
			clock = s
		}
	}
	for _, s := range []*said{date, clock} {
		if s != nil {
			r.cut(s.from, s.to, "due_date", "")
		}
	}
	switch {
	case date != nil && clock != nil:
		r.when = date.with(clock.when)
	case date != nil:
		r.when = date.when
	case clock != nil:
		r.when = clock.when
	}
}

// with puts a time to a date; beside a part of the day it is within that.
func (w when) with(clock when) when {
	if w.timed && w.hour >= 12 && clock.vague && clock.hour < 12 {
		clock.hour += 12
	}
	w.timed, w.hour, w.minute, w.second, w.part, w.fades, w.vague = true, clock.hour, clock.minute, 0, false, false, false
	w.need = max(nothing, w.need-1)
	return w
}

// said reads what begins at a token, whether or not it fits there.
func (r *reader) said(i int) (said, bool) {
	s := said{from: i}
	at := r.intro(i, &s)
	if hour, part := partHours[r.at(i).text]; part && r.afterRule(i) { // every morning, every Thursday night: the rule leaves them
		s.when, s.to = when{timed: true, hour: hour, part: true}, i+1
		return s, true
	}
	w, next, ok := r.moment(at, s.led && (r.is(at-1, "at", "@", "by", "before", "until", "due", ":") || s.due))
	if !ok {
		return s, false
	}
	s.when, s.to = w, next
	return s, true
}

// afterRule reports whether the part of a rule that names the day stands before a token.
func (r *reader) afterRule(i int) bool {
	if r.rule.IsZero() || !r.cutBefore(i) {
		return false
	}
	_, day := weekdays[r.tokens[i-1].text]
	return day || r.tokens[i-1].text == "every"
}

// intro steps over words that lead a due date in.
func (r *reader) intro(i int, s *said) int {
	at := i
	if !r.at(i).capital || i == 0 || r.is(i-1, ",", ";", ".") {
		if next := r.skip(at, "due", "deadline"); next > at {
			next = r.skip(r.skip(next, "date", "is"), ":", "is", "=")
			at, s.due = next, true
		}
	}
	if next := r.skip(at, "starting", "beginning"); next > at && !r.rule.IsZero() {
		at = next
	}
	if next := r.skip(at, "from"); next > at && !r.rule.IsZero() {
		at = next
	}
	at = r.skip(at, "by", "on", "at", "before", "until", "till", "@")
	if r.is(at, "the") && r.is(at+1, "latest") {
		at = i
	}
	s.led = at > i
	return at
}

// moment reads a date, a time, or both in either order.
func (r *reader) moment(i int, at bool) (when, int, bool) {
	if w, next, ok := r.day(i); ok {
		if w.timed && !w.part {
			return w, next, true
		}
		from := r.skip(r.skip(next, ","), "at", "@", "by", "before", "around")
		if r.is(next, "T", "t") {
			from = next + 1
		}
		clock, after, ok := r.clock(from, from > next && !r.is(from-1, ",") || w.part)
		if ok && r.settled(clock, w) {
			return w.with(clock), after, true
		}
		return w, next, true
	}
	clock, next, ok := r.clock(i, at)
	if !ok {
		return clock, i, false
	}
	from := r.skip(next, ",", "on")
	if w, after, ok := r.day(from); ok && (!w.timed || w.part) && r.settled(clock, w) && !(w.need == both && from == next) {
		return w.with(clock), after, true
	}
	if clock.vague && clock.need == both && !r.sure(clock) {
		return clock, i, false
	}
	return clock, next, true
}

// settled reports whether nobody could take the hour for the other half of the day.
func (r *reader) settled(clock, beside when) bool {
	return clock.need != both || beside.part || r.sure(clock)
}

// sure is of bare hours that are hardly ever meant otherwise: 9 to 12, and 13 to 23.
func (r *reader) sure(clock when) bool { return clock.hour >= 9 }

// never stand before a date that the task is due on.
var blockers = []string{"of", "the", "a", "an", "last", "since", "from", "to", "than", "vs", "versus", "about", "like", "after", "between", "my", "his", "her",
	"our", "your", "their", "not", "was", "were", "is", "are", "called", "named", "past", "every", "each", "good", "black", "casual", "ash", "easter", "cyber",
	"super", "palm", "freaky", "bloody", "ruby", "fat", "pancake", "shrove", "maundy", "boxing", "it's", "back", "given", "read", "usa", "no", "previous",
	"version", "v", "chapter", "page", "pages", "room", "section", "route", "step", "episode", "season", "level", "for", "another", "this", "that", "per",
	"$", "€", "£", "+", "*", "/", "=", "~", "'", "%", "_"}

// scripture is cited as chapter and verse.
var scripture = []string{"psalm", "psalms", "romans", "genesis", "exodus", "isaiah", "proverbs", "matthew", "mark", "luke", "john", "acts", "hebrews", "revelation",
	"corinthians", "james", "ratio", "score", "aspect"}

// fits reports whether a date or time stands where it can be meant as one.
func (r *reader) fits(s said) bool {
	first, before := r.at(s.from), r.at(s.from-1)
	if before.text != "" && r.blocked(s, before) {
		return false
	}
	if first.glued && !slices.Contains([]string{",", ":", ";", "(", ".", "@", ""}, before.text) && before.text != "" {
		return false
	}
	last, after := r.at(s.to-1), r.at(s.to)
	if after.glued && !r.ends(s.to) || r.range_(s.to) || r.several(s.to) {
		return false
	}
	named := after.capital && !after.glued && !r.shown(s.to)
	if named && (last.capital || last.text == "night") && (!s.led || r.at(s.to+1).capital || first.capital && s.from > 0) {
		return false
	}
	if s.date.IsZero() && s.need == place && s.hour < 10 && !s.led && before.capital && s.from > 1 || !s.led && slices.Contains(scripture, before.text) && s.date.IsZero() {
		return false
	}
	return r.placed(s)
}

func (r *reader) blocked(s said, before token) bool {
	switch before.text {
	case "for", "the", "a", "an", "my", "this", "that":
		return true
	case "to", "not", "about", "is", "was", "are":
		return !s.due
	case "and", "or", "through":
		if end := r.at(s.from - 2).text; s.timed && (end == "am" || end == "pm" || end != "" && end[0] >= '0' && end[0] <= '9' && r.aClock(s.from)) {
			return true // at 7am and 7pm
		}
		return !s.led && (s.need > nothing || r.is(s.from-2, "yesterday")) && r.dayWord(s.from-2)
	}
	if _, plural := weekdays[strings.TrimSuffix(before.text, "s")]; plural && strings.HasSuffix(before.text, "days") {
		return true // Fridays at 4pm is no time today
	}
	return !s.led && slices.Contains(blockers, before.text)
}

// several reports whether another day follows: Saturday and Sunday, Monday or Tuesday.
func (r *reader) several(i int) bool {
	return r.is(i, "and", "or", "/", "-", "–", "to", "through", "&") && (r.dayWord(i+1) || r.aClock(i+1))
}

// aClock reports whether a time of day begins at a token, as in "7am and 7pm".
func (r *reader) aClock(i int) bool {
	w, _, ok := r.clock(i, false)
	return ok && w.timed
}

func (r *reader) dayWord(i int) bool {
	_, ok := weekdays[r.at(i).text]
	return ok || r.is(i, "today", "tomorrow", "yesterday")
}

// shown reports whether a word with a capital begins another part and no name.
func (r *reader) shown(i int) bool {
	return r.is(i, "at", "by", "on", "due", "priority", "tag", "tags", "remind", "reminder", "i", "p1", "p2", "p3", "p4")
}

// follow are words that go on after a date that stands within a title.
var follow = []string{"at", "by", "with", "about", "before", "after", "if", "so", "because", "via", "re", "regarding", "due", "priority", "tag", "tags", "tagged",
	"remind", "reminder", "urgent", "asap", "important", "p1", "p2", "p3", "p4", "please", "then", "description"}

// placed reports whether around a date there is what it needs.
func (r *reader) placed(s said) bool {
	ends := r.ends(s.to)
	switch {
	case s.to < len(r.tokens) && r.is(s.to, "is", "was", "are", "were", "and", "&", "'", "or", "of"):
		return r.is(s.to, "and") && (s.led || s.need == nothing)
	case s.from == 0 && !s.led && !ends && (s.date.IsZero() && r.is(s.to, "to", "from", "train", "bus", "flight", "club", "news", "show") || s.need > nothing):
		return s.timed && !s.date.IsZero() && !s.part
	case s.need == nothing:
		return true
	case s.need == both:
		return s.led && ends
	}
	return ends || s.led || r.is(s.to, follow...)
}
