package recurrence

// First returns the first date of r from start on: start itself where r has it. It keeps the
// clock time of start. False: there is none.
func (r Rule) First(start Civil) (Civil, bool) {
	r = r.bound(start)
	s := newSet(r, start)
	day, ok := s.next(s.start, r.last())
	if !ok {
		return Civil{}, false
	}
	return onDay(day, start), true
}

// Next returns the first date of r, as started, that is after the given one: on a later day, or on
// that day at a later time where both have one. It does not ask what the rule counts from; After
// does. False: the rule has ended.
func (r Rule) Next(start, after Civil) (Civil, bool) {
	r = r.bound(start)
	s := newSet(r, start)
	from := after.number()
	if onDay(from, start).Compare(after) <= 0 {
		from++
	}
	day, ok := s.next(from, r.last())
	if !ok || r.count > 0 && s.number(day) > r.count {
		return Civil{}, false
	}
	return onDay(day, start), true
}

// Done is an occurrence that was completed or skipped.
type Done struct {
	Start  Civil // when the series started
	Due    Civil // when the rule had the occurrence, wherever it was moved since
	At     Civil // what calendar and clock showed when it was completed, in the effective zone
	Number int   // its place in the series, from 1; read only where a count is from completion
}

// Occurrence is one of a series.
type Occurrence struct {
	Due    Civil
	Number int // its place in the series, from 1: among the rule's dates, or the completed ones
}

// After returns the occurrence that follows a completed one (product.md §3): of daily and weekly
// rules the first after the later of its date and the day of completion, so that missed ones do not
// pile up; of monthly and yearly ones the first after its date, even if past; and counted from
// completion, the rule begun afresh on the day of completion. False: the series has ended.
func (r Rule) After(d Done) (Occurrence, bool) {
	if r.anchor == Completion {
		return r.afterCompletion(d)
	}
	after := d.Due.Date()
	if at := d.At.Date(); (r.freq == Daily || r.freq == Weekly) && at.Compare(after) > 0 {
		after = at
	}
	due, ok := r.Next(d.Start, after)
	if !ok {
		return Occurrence{}, false
	}
	return Occurrence{Due: due, Number: r.number(d.Start, due)}, true
}

// afterCompletion leaves the day of the month, where the rule does not name one, to the day of
// completion, and a shorter month takes its last day.
func (r Rule) afterCompletion(d Done) (Occurrence, bool) {
	count := r.count
	if count > 0 && d.Number >= count {
		return Occurrence{}, false
	}
	r.count = 0
	start := d.At.WithClock(d.Start)
	due, ok := r.Next(start, start)
	if !ok {
		return Occurrence{}, false
	}
	return Occurrence{Due: due, Number: d.Number + 1}, true
}

// number returns the place of a date among those of r from start on.
func (r Rule) number(start, date Civil) int {
	return newSet(r.bound(start), start).number(date.number())
}

// Occurrences returns the first n dates of r from start on, or as many as there are; n is at most
// 366. Where r counts from completion they are what they would be if each were done on its day.
func (r Rule) Occurrences(start Civil, n int) []Civil {
	if n = min(n, 366); r.count > 0 {
		n = min(n, r.count)
	}
	var dates []Civil
	s := newSet(r.bound(start), start)
	for day, ok := s.next(s.start, r.last()); ok && len(dates) < n; day, ok = s.next(day+1, r.last()) {
		dates = append(dates, onDay(day, start))
		if r.anchor == Completion {
			s = r.afresh(s, dates[len(dates)-1])
		}
	}
	return dates
}

// afresh returns the dates of r from another start, from s where it can.
func (r Rule) afresh(s *set, start Civil) *set {
	if len(r.byDay)+len(r.byMonthDay)+len(r.byYearDay) == 0 {
		return newSet(r.bound(start), start)
	}
	s.begin(start)
	return s
}

// last returns the number of the last day that r may fall on.
func (r Rule) last() int {
	if r.until.IsZero() {
		return lastDay
	}
	return r.until.number()
}
