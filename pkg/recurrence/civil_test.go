package recurrence

import (
	"testing"
	"time"
)

func TestDatesAreReadAndWrittenAlike(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-12-31": "2026-12-31", "2026-12-31T09:00": "2026-12-31T09:00", "2026-12-31T09:00:00": "2026-12-31T09:00",
		"2026-12-31T09:00:07": "2026-12-31T09:00:07", "2026-12-31T09:00:07.250": "2026-12-31T09:00:07.25", "0001-01-01": "0001-01-01",
	} {
		if c, err := ParseCivil(text); err != nil || c.String() != want {
			t.Errorf("%s: %s, %v", text, c, err)
		}
	}
	for _, text := range []string{"", "2026-02-30", "2026-12-31T24:00", "2026-12-31T09:00Z", "2026-12-31T09:00+01:00", "0000-01-01", "31.12.2026"} {
		if c, err := ParseCivil(text); err == nil {
			t.Errorf("%q became %s", text, c)
		}
	}
}

// TestEveryDayHasItsNumber walks two cycles of the calendar beside package time.
func TestEveryDayHasItsNumber(t *testing.T) {
	t.Parallel()
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for c := Day(1, 1, 1); c.Year <= 800; c, day = c.AddDays(1), day.AddDate(0, 0, 1) {
		if c != CivilOf(day).Date() || c.Weekday() != day.Weekday() || c.number() != int(day.Unix()/86400) {
			t.Fatalf("%s %s %d is not %s", c, c.Weekday(), c.number(), day)
		}
	}
}

func TestADateIsNeitherBeforeNorAfterATimeOnIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"2026-01-01", "2026-01-02", -1}, {"2026-01-02T00:00", "2026-01-01T23:59", 1}, {"2026-01-01", "2026-01-01T09:00", 0},
		{"2026-01-01T09:00", "2026-01-01T09:00:01", -1}, {"2026-01-01T09:00", "2026-01-01T09:00", 0},
	} {
		a, b := civil(t, test.a), civil(t, test.b)
		if a.Compare(b) != test.want || b.Compare(a) != -test.want {
			t.Errorf("%s and %s: %d", a, b, a.Compare(b))
		}
	}
}

func TestTheNextDateIsStrictlyAfterAMoment(t *testing.T) {
	t.Parallel()
	r, err := Parse("FREQ=WEEKLY;BYDAY=MO")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ start, after, want string }{
		{"2026-11-23T09:00", "2026-11-23T08:59", "2026-11-23T09:00"},
		{"2026-11-23T09:00", "2026-11-23T09:00", "2026-11-30T09:00"},
		{"2026-11-23T09:00", "2026-11-23", "2026-11-30T09:00"},
		{"2026-11-23", "2026-11-23T08:59", "2026-11-30"},
		{"2026-11-23", "2020-01-01", "2026-11-23"},
	} {
		if got, ok := r.Next(civil(t, test.start), civil(t, test.after)); !ok || got != civil(t, test.want) {
			t.Errorf("from %s after %s: %s, want %s", test.start, test.after, got, test.want)
		}
	}
}
