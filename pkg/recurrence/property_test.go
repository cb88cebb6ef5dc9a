package recurrence

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var frequencies = []Frequency{Daily, Weekly, Monthly, Yearly}

// anyRule draws rules that Parse would let through, the odd ones too.
func anyRule(t *rapid.T) Rule {
	r := Rule{freq: rapid.SampledFrom(frequencies).Draw(t, "freq")}
	r.interval = rapid.SampledFrom([]int{1, 1, 1, 2, 3, 4, 5, 7, 10, limits[r.freq]}).Draw(t, "interval")
	numbers := func(name string, most, max int, negative bool) []int {
		if !rapid.Bool().Draw(t, "has "+name) {
			return nil
		}
		from := 1
		if negative {
			from = -max
		}
		one := rapid.IntRange(from, max).Filter(func(n int) bool { return n != 0 })
		return rapid.SliceOfN(one, 1, most).Draw(t, name)
	}
	if rapid.IntRange(0, 3).Draw(t, "months") == 0 {
		r.byMonth = numbers("BYMONTH", 3, 12, false)
	}
	if r.freq == Yearly && rapid.IntRange(0, 3).Draw(t, "weeks") == 0 {
		r.byWeekNo = numbers("BYWEEKNO", 3, 53, true)
	}
	if r.freq == Yearly && rapid.IntRange(0, 3).Draw(t, "days of the year") == 0 {
		r.byYearDay = numbers("BYYEARDAY", 8, 366, true)
	}
	if r.freq != Weekly {
		r.byMonthDay = numbers("BYMONTHDAY", 6, 31, true)
	}
	r.byDay = anyDays(t, r)
	if len(r.byMonth)+len(r.byWeekNo)+len(r.byYearDay)+len(r.byMonthDay)+len(r.byDay) > 0 && rapid.IntRange(0, 2).Draw(t, "positions") == 0 {
		r.bySetPos = numbers("BYSETPOS", 3, 7, true)
	}
	r.weekStart = rapid.IntRange(0, 6).Draw(t, "WKST")
	switch rapid.IntRange(0, 3).Draw(t, "end") {
	case 0:
		r.count = rapid.IntRange(1, 40).Draw(t, "COUNT")
	case 1:
		r.until = anyDate(t).AddDays(rapid.IntRange(0, 3000).Draw(t, "UNTIL"))
	}
	checked, err := r.checked()
	if err != nil {
		t.Skip("refused: " + err.Detail)
	}
	return checked.WithAnchor(rapid.SampledFrom([]Anchor{DueDate, Completion}).Draw(t, "anchor"))
}

func anyDays(t *rapid.T, r Rule) []weekday {
	if !rapid.Bool().Draw(t, "has BYDAY") {
		return nil
	}
	most := 0
	if (r.freq == Monthly || r.freq == Yearly) && len(r.byWeekNo) == 0 {
		most = rapid.SampledFrom([]int{0, 5}).Draw(t, "nth")
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) weekday {
		return weekday{rapid.IntRange(-most, most).Draw(t, "n"), rapid.IntRange(0, 6).Draw(t, "day")}
	}), 1, 5).Draw(t, "BYDAY")
}

func anyDate(t *rapid.T) Civil {
	return Day(2000, 1, 1).AddDays(rapid.IntRange(-3000, 40000).Draw(t, "start"))
}

func TestDatesAreThoseOfAWalkDayByDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, start := anyRule(t).WithAnchor(DueDate), anyDate(t)
		const days = 1500
		want := naive(r, start, days)
		var got []Civil
		for _, date := range r.Occurrences(start, 366) {
			if date.number()-start.number() < days {
				got = append(got, date)
			}
		}
		if !slices.Equal(got, want[:min(len(want), 366)]) {
			t.Fatalf("%s from %s:\n got %v\nwant %v", r, start, got, want)
		}
	})
}

func TestSteppingGivesTheSameDatesInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, start := anyRule(t), anyDate(t)
		all := r.Occurrences(start, 30)
		date, ok := r.First(start)
		for i, want := range all {
			if !ok || date != want {
				t.Fatalf("%s from %s: date %d is %s %v, not %s", r, start, i+1, date, ok, want)
			}
			next, more := r.After(Done{Start: start, Due: date, At: date, Number: i + 1})
			if more && (next.Due.Compare(date) <= 0 || next.Number != i+2) {
				t.Fatalf("%s from %s: after %s, number %d, comes %v", r, start, date, i+1, next)
			}
			if again, ok := r.Next(start, date); r.anchor == DueDate && (ok != more || again != next.Due) {
				t.Fatalf("%s from %s: after %s comes %s, completed then %v", r, start, date, again, next)
			}
			date, ok = next.Due, more
		}
		if ok && len(all) < 30 {
			t.Fatalf("%s from %s: %s comes after the end", r, start, date)
		}
	})
}

func TestAKeptRuleGivesTheSameDates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anySimple(t)
		r, err := FromSimple(s)
		if err != nil {
			t.Skip(err.Error())
		}
		start := anyDate(t)
		kept, err := r.From(start, time.UTC)
		if err != nil {
			t.Skip(err.Error())
		}
		read, err := Parse(kept.String())
		if err != nil {
			t.Fatalf("%s: %v", kept, err)
		}
		read = read.WithAnchor(kept.Anchor())
		if !slices.Equal(r.Occurrences(start, 50), read.Occurrences(start, 50)) {
			t.Fatalf("%+v from %s: %v, kept as %s: %v", s, start, r.Occurrences(start, 50), kept, read.Occurrences(start, 50))
		}
		shown, err := FromSimple(kept.Simple())
		if err != nil || shown.String() != kept.String() || shown.Anchor() != kept.Anchor() {
			t.Fatalf("%s shown as %+v is read as %s, %v", kept, kept.Simple(), shown, err)
		}
	})
}

func TestASimpleMonthlyRuleNeverLeavesAMonthOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.IntRange(1, 31).Draw(t, "day")
		r, err := FromSimple(Simple{Frequency: Monthly, ByMonthDay: []int{day}})
		if err != nil {
			t.Fatal(err)
		}
		start := Day(2000+rapid.IntRange(0, 120).Draw(t, "year"), 1, 1)
		for i, date := range r.Occurrences(start, 40) {
			y, m := start.Year+i/12, i%12+1
			if want := Day(y, time.Month(m), min(day, monthLength(y, m))); date != want {
				t.Fatalf("the %d: got %s, want %s", day, date, want)
			}
		}
	})
}

func anySimple(t *rapid.T) Simple {
	s := Simple{Frequency: rapid.SampledFrom(frequencies).Draw(t, "frequency")}
	s.Anchor = rapid.SampledFrom([]Anchor{"", DueDate, Completion}).Draw(t, "anchor")
	s.Interval = new(rapid.IntRange(1, 12).Draw(t, "interval"))
	if s.Frequency != Weekly && rapid.Bool().Draw(t, "days") {
		s.ByMonthDay = rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 15, 27, 28, 29, 30, 31, -1, -2}), 1, 4).Draw(t, "by_month_day")
	}
	if rapid.IntRange(0, 2).Draw(t, "months") == 0 {
		s.ByMonth = rapid.SliceOfN(rapid.IntRange(1, 12), 1, 3).Draw(t, "by_month")
	}
	if rapid.IntRange(0, 2).Draw(t, "weekdays") == 0 {
		s.ByWeekday = rapid.SliceOfN(rapid.SampledFrom([]string{"mo", "tu", "we", "th", "fr", "sa", "su"}), 1, 5).Draw(t, "by_weekday")
		if rapid.Bool().Draw(t, "position") {
			s.BySetPos = new(rapid.SampledFrom([]int{1, 2, -1}).Draw(t, "by_set_pos"))
		}
	}
	if rapid.Bool().Draw(t, "count") {
		s.Count = new(rapid.IntRange(1, 100).Draw(t, "times"))
	}
	return s
}

func TestWordsAreReadBackAsTheSameRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRule(t)
		testReadBack(t, r)
		if simple, err := FromSimple(anySimple(t)); err == nil {
			testReadBack(t, simple)
		}
	})
}

func testReadBack(t *rapid.T, r Rule) {
	read, err := FromWords(r.Text(), Civil{})
	if err != nil || read.String() != r.String() || read.Anchor() != r.Anchor() {
		t.Fatalf("%s is %q, read as %s, %v", r, r.Text(), read, err)
	}
	if read.Text() != r.Text() {
		t.Fatalf("%q became %q", r.Text(), read.Text())
	}
}
