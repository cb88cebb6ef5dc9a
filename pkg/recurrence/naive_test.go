package recurrence

import (
	"slices"
	"time"
)

// naive returns the dates of a rule within so many days of the start, by asking of every day whether
// it is one, as RFC 5545 §3.3.10 words it: slow, and with nothing of the engine but the rule's parts.
func naive(r Rule, start Civil, days int) []Civil {
	at := func(c Civil) time.Time { return time.Date(c.Year, c.Month, c.Day, 0, 0, 0, 0, time.UTC) }
	first := at(start)
	var dates []Civil
	sets := map[time.Time][]time.Time{}
	for i := range days {
		day := first.AddDate(0, 0, i)
		if !r.until.IsZero() && day.After(at(r.until)) || r.count > 0 && len(dates) == r.count {
			break
		}
		from, to, n := periodOf(r, first, day)
		if n%r.interval != 0 {
			continue
		}
		if _, known := sets[from]; !known {
			sets[from] = naiveSet(r, first, from, to)
		}
		if slices.Contains(sets[from], day) {
			dates = append(dates, CivilOf(day).Date())
		}
	}
	return dates
}

// periodOf returns the period a day lies in, its end not included, and how many periods after the
// start's it comes.
func periodOf(r Rule, first, day time.Time) (from, to time.Time, n int) {
	hours := func(a, b time.Time) int { return int(b.Sub(a).Hours()) }
	switch r.freq {
	case Daily:
		return day, day.AddDate(0, 0, 1), hours(first, day) / 24
	case Weekly:
		week := func(t time.Time) time.Time {
			for (int(t.Weekday())+6)%7 != r.weekStart {
				t = t.AddDate(0, 0, -1)
			}
			return t
		}
		return week(day), week(day).AddDate(0, 0, 7), hours(week(first), week(day)) / 24 / 7
	case Monthly:
		from = time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(0, 1, 0), 12*(day.Year()-first.Year()) + int(day.Month()-first.Month())
	}
	from = time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(1, 0, 0), day.Year() - first.Year()
}

// naiveSet returns the dates of one period.
func naiveSet(r Rule, first, from, to time.Time) []time.Time {
	var set []time.Time
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		if naiveFits(r, first, day) {
			set = append(set, day)
		}
	}
	if len(r.bySetPos) == 0 {
		return set
	}
	var picked []time.Time
	for i, day := range set {
		if slices.Contains(r.bySetPos, i+1) || slices.Contains(r.bySetPos, i-len(set)) {
			picked = append(picked, day)
		}
	}
	return picked
}

func naiveFits(r Rule, first, day time.Time) bool {
	eitherEnd := func(list []int, n, length int) bool {
		return len(list) == 0 || slices.Contains(list, n) || slices.Contains(list, n-length-1)
	}
	month := day.AddDate(0, 0, 1-day.Day())
	monthDays := month.AddDate(0, 1, -1).Day()
	yearDays := time.Date(day.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	week, weeks := naiveWeek(day, r.weekStart)
	if len(r.byMonth) > 0 && !slices.Contains(r.byMonth, int(day.Month())) || !eitherEnd(r.byMonthDay, day.Day(), monthDays) ||
		!eitherEnd(r.byYearDay, day.YearDay(), yearDays) || !eitherEnd(r.byWeekNo, week, weeks) {
		return false
	}
	dayOfWeek := (int(day.Weekday()) + 6) % 7
	if len(r.byDay) == 0 {
		return naiveStart(r, first, day)
	}
	n, length := day.Day(), monthDays
	if r.freq == Yearly && len(r.byMonth) == 0 {
		n, length = day.YearDay(), yearDays
	}
	return slices.ContainsFunc(r.byDay, func(d weekday) bool {
		return d.day == dayOfWeek && (d.nth == 0 || d.nth == (n+6)/7 || d.nth == -((length-n+7)/7))
	})
}

// naiveStart says whether a day agrees with the start in what the rule leaves to it.
func naiveStart(r Rule, first, day time.Time) bool {
	switch {
	case len(r.byMonthDay)+len(r.byYearDay) > 0 || r.freq == Daily:
		return true
	case r.freq == Weekly || len(r.byWeekNo) > 0:
		return day.Weekday() == first.Weekday()
	case r.freq == Monthly || len(r.byMonth) > 0:
		return day.Day() == first.Day()
	}
	return day.Day() == first.Day() && day.Month() == first.Month()
}

// naiveWeek returns the number of the week of a day and how many weeks that week's year has: a week
// belongs to the year of its fourth day.
func naiveWeek(day time.Time, weekStart int) (number, weeks int) {
	for (int(day.Weekday())+6)%7 != weekStart {
		day = day.AddDate(0, 0, -1)
	}
	fourth := day.AddDate(0, 0, 3)
	number = (fourth.YearDay() + 6) / 7
	last := time.Date(fourth.Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	for (int(last.Weekday())+6)%7 != (weekStart+3)%7 {
		last = last.AddDate(0, 0, -1)
	}
	return number, (last.YearDay() + 6) / 7
}
