package recurrence

import "time"

// Resolve returns the instant at which calendars and clocks in zone show c. A time that clocks jump
// over moves forward by the jump; of one that they show twice it is the first. Of a date without a
// time it is the last second of that day, when a task due on it becomes overdue.
func Resolve(c Civil, zone *time.Location) time.Time {
	if c.Timed {
		return resolve(c, zone, false)
	}
	end := c
	end.Timed, end.Hour, end.Minute, end.Sec = true, 23, 59, 59
	t := resolve(end, zone, true)
	if start, _ := t.ZoneBounds(); CivilOf(t) != end && CivilOf(start.Add(-time.Second)).Date() == c {
		return start.Add(-time.Second) // clocks jumped over midnight: the day ended with the jump
	}
	return t
}

// resolve takes the last of several instants, or the first.
func resolve(c Civil, zone *time.Location, last bool) time.Time {
	near := time.Date(c.Year, c.Month, c.Day, c.Hour, c.Minute, c.Sec, c.Nanos, zone)
	start, end := near.ZoneBounds()
	_, offset := near.Zone()
	offsets := []int{offset, offset, offset} // before, at and after near
	if !start.IsZero() {
		_, offsets[0] = start.Add(-time.Second).Zone()
	}
	if !end.IsZero() {
		_, offsets[2] = end.Zone()
	}
	var found time.Time
	for _, offset := range offsets {
		t := c.wall().Add(-time.Duration(offset) * time.Second).In(zone)
		if CivilOf(t) == c && (found.IsZero() || t.Before(found) != last) {
			found = t
		}
	}
	if !found.IsZero() {
		return found
	}
	return jumped(c, start, end, zone)
}

// jumped reads c by the offset that held before the jump it lies in.
func jumped(c Civil, start, end time.Time, zone *time.Location) time.Time {
	for _, jump := range []time.Time{start, end} {
		if jump.IsZero() {
			continue
		}
		_, before := jump.Add(-time.Second).Zone()
		_, after := jump.Zone()
		t := c.wall().Add(-time.Duration(before) * time.Second)
		if !t.Before(jump) && t.Before(jump.Add(time.Duration(after-before)*time.Second)) {
			return t.In(zone)
		}
	}
	return time.Date(c.Year, c.Month, c.Day, c.Hour, c.Minute, c.Sec, c.Nanos, zone)
}
