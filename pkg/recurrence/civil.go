package recurrence

import (
	"cmp"
	"fmt"
	"time"
)

// Civil is a date on the wall calendar, with a wall-clock time where Timed. It belongs to no
// time zone until Resolve gives it one. The zero Civil is no date at all.
type Civil struct {
	Year  int // 1–9999
	Month time.Month
	Day   int

	Timed                    bool
	Hour, Minute, Sec, Nanos int
}

// Day returns the Civil of a date without a time. The date must exist.
func Day(year int, month time.Month, day int) Civil {
	return Civil{Year: year, Month: month, Day: day}
}

// CivilOf returns what calendar and clock show at t in t's own location.
func CivilOf(t time.Time) Civil {
	c := Civil{Timed: true, Hour: t.Hour(), Minute: t.Minute(), Sec: t.Second(), Nanos: t.Nanosecond()}
	c.Year, c.Month, c.Day = t.Date()
	return c
}

// ParseCivil reads YYYY-MM-DD, or with THH:MM[:SS[.fraction]] behind it: the forms that
// Civil.String writes, and no offset.
func ParseCivil(s string) (Civil, error) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		t, err := time.Parse(layout, s)
		if err != nil || t.Year() < 1 {
			continue
		}
		c := CivilOf(t)
		if len(layout) == len("2006-01-02") {
			c = c.Date()
		}
		return c, nil
	}
	return Civil{}, fmt.Errorf("%q is neither a date nor a local date-time", s)
}

// String writes YYYY-MM-DD, YYYY-MM-DDTHH:MM, or that with seconds where there are any.
func (c Civil) String() string {
	switch {
	case !c.Timed:
		return fmt.Sprintf("%04d-%02d-%02d", c.Year, c.Month, c.Day)
	case c.Nanos != 0:
		return c.wall().Format("2006-01-02T15:04:05.999999999")
	case c.Sec != 0:
		return c.wall().Format("2006-01-02T15:04:05")
	}
	return c.wall().Format("2006-01-02T15:04")
}

// IsZero reports whether c is no date.
func (c Civil) IsZero() bool { return c == Civil{} }

// Date returns c without its time.
func (c Civil) Date() Civil { return Day(c.Year, c.Month, c.Day) }

// WithClock returns the date of c at the time of day of clock, or without a time if clock has none.
func (c Civil) WithClock(clock Civil) Civil {
	clock.Year, clock.Month, clock.Day = c.Year, c.Month, c.Day
	return clock
}

// AddDays returns c so many days later, at the same clock time.
func (c Civil) AddDays(n int) Civil { return onDay(c.number()+n, c) }

// Weekday returns the day of the week of c.
func (c Civil) Weekday() time.Weekday { return time.Weekday((weekdayOf(c.number()) + 1) % 7) }

// Compare orders by day, and within a day by the clock if both have one: a date without a time
// is neither before nor after a time on it.
func (c Civil) Compare(d Civil) int {
	if by := cmp.Compare(c.number(), d.number()); by != 0 || !c.Timed || !d.Timed {
		return by
	}
	return c.wall().Compare(d.wall())
}

// wall is c as if it were UTC: for arithmetic and formats, never an instant.
func (c Civil) wall() time.Time {
	return time.Date(c.Year, c.Month, c.Day, c.Hour, c.Minute, c.Sec, c.Nanos, time.UTC)
}

// number counts the days from 1970-01-01 on.
func (c Civil) number() int { return dayNumber(c.Year, int(c.Month), c.Day) }

// onDay returns the day with a number, at the time of day of clock.
func onDay(number int, clock Civil) Civil {
	y, m, d := dateOf(number)
	return Day(y, time.Month(m), d).WithClock(clock)
}

// dayNumber and dateOf turn dates of the proleptic Gregorian calendar into days from 1970-01-01
// and back, by counting years from March so that the leap day is the last of its year.
func dayNumber(y, m, d int) int {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468
}

func dateOf(number int) (y, m, d int) {
	n := number + 719468
	era := n / 146097
	n -= era * 146097
	year := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*year + year/4 - year/100
	month := (5*n + 2) / 153
	y, m, d = era*400+year, month+3, n-(153*month+2)/5+1
	if m > 12 {
		y, m = y+1, m-12
	}
	return y, m, d
}

// weekdayOf counts from Monday, 0, to Sunday, 6. The day number is not before year 1.
func weekdayOf(number int) int { return (number + 719468 + 2) % 7 }

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func yearLength(y int) int {
	if leap(y) {
		return 366
	}
	return 365
}

func monthLength(y, m int) int {
	switch {
	case m == 2 && leap(y):
		return 29
	case m == 2:
		return 28
	case m == 4 || m == 6 || m == 9 || m == 11:
		return 30
	}
	return 31
}
