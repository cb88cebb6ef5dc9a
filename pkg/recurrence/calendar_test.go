package recurrence

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// example is a rule of a series in a zone and the instants it must give.
type example struct {
	zone, start, rule string
	dates             []string
	count             int // of a rule that ends
	last              string
}

func examples(t *testing.T, file string) []example {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []example
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch {
		case words[0] == "#":
		case !strings.HasPrefix(lines.Text(), "\t"):
			all = append(all, example{zone: words[0], start: words[1], rule: words[2]})
		default:
			e := &all[len(all)-1]
			e.dates = words
			if n := len(words) - 4; n > 0 && words[n] == "…" {
				e.dates, e.last = words[:n], words[n+3]
				if e.count, err = strconv.Atoi(words[n+1]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return all
}

func TestRulesGiveTheDatesOfRFC5545(t *testing.T) {
	t.Parallel()
	testExamples(t, "testdata/rfc5545.txt", 36)
}

func TestWallClocksSurviveDaylightSavingInEveryZone(t *testing.T) {
	t.Parallel()
	testExamples(t, "testdata/calendars.txt", 180)
}

func testExamples(t *testing.T, file string, want int) {
	all := examples(t, file)
	if len(all) != want {
		t.Fatalf("%d examples, not %d", len(all), want)
	}
	for _, e := range all {
		loc, start := zone(t, e.zone), civil(t, e.start)
		parsed, err := Parse(e.rule)
		if err != nil {
			t.Errorf("%s: %v", e.rule, err)
			continue
		}
		r, err := parsed.From(start, loc)
		if err != nil {
			t.Errorf("%s: %v", e.rule, err)
			continue
		}
		show := func(c Civil) string { return Resolve(c, loc).Format("2006-01-02T15:04:05-07:00") }
		var got []string
		for _, date := range r.Occurrences(start, len(e.dates)) {
			got = append(got, show(date))
		}
		if strings.Join(got, " ") != strings.Join(e.dates, " ") {
			t.Errorf("%s %s %s:\n got %s\nwant %s", e.zone, e.start, e.rule, got, e.dates)
		}
		if e.count > 0 {
			n, last := walk(r, start)
			if n != e.count || show(last) != e.last {
				t.Errorf("%s %s %s: %d dates to %s, want %d to %s", e.zone, e.start, e.rule, n, show(last), e.count, e.last)
			}
		}
	}
}

// walk steps through a rule that ends, by Next alone.
func walk(r Rule, start Civil) (n int, last Civil) {
	for date, ok := r.First(start); ok; date, ok = r.Next(start, date) {
		n, last = n+1, date
	}
	return n, last
}

func TestTheNextOneAfterACompletion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about                string
		rule                 string
		anchor               Anchor
		start, due, at, next string // next empty: the series ends
		number, nextNumber   int
	}{
		{"on time", "FREQ=DAILY", DueDate, "2026-05-10T09:00", "2026-05-10T09:00", "2026-05-10T10:00", "2026-05-11T09:00", 1, 2},
		{"early", "FREQ=DAILY", DueDate, "2026-05-10", "2026-05-10", "2026-05-05T08:00", "2026-05-11", 1, 2},
		{"missed days do not pile up", "FREQ=DAILY", DueDate, "2026-05-10T09:00", "2026-05-10T09:00", "2026-05-14T08:00", "2026-05-15T09:00", 1, 6},
		{"missed weeks do not pile up", "FREQ=WEEKLY;BYDAY=MO", DueDate, "2026-05-11", "2026-05-11", "2026-05-25T08:00", "2026-06-01", 1, 4},
		{"a missed fortnight keeps its phase", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", DueDate, "2026-05-11", "2026-05-11", "2026-05-19T08:00", "2026-05-25", 1, 2},
		{"months come one by one", "FREQ=MONTHLY", DueDate, "2026-01-15", "2026-01-15", "2026-05-01T08:00", "2026-02-15", 1, 2},
		{"years come one by one", "FREQ=YEARLY", DueDate, "2020-01-15", "2020-01-15", "2026-05-01T08:00", "2021-01-15", 1, 2},
		{"days after completion", "FREQ=DAILY;INTERVAL=3", Completion, "2026-05-10T09:00", "2026-05-10T09:00", "2026-05-14T22:00", "2026-05-17T09:00", 1, 2},
		{"days after an early completion", "FREQ=DAILY;INTERVAL=3", Completion, "2026-05-10", "2026-05-10", "2026-05-08T22:00", "2026-05-11", 4, 5},
		{"weeks after completion", "FREQ=WEEKLY;INTERVAL=2", Completion, "2026-05-10", "2026-05-10", "2026-05-14T22:00", "2026-05-28", 1, 2},
		{"a month after completion", "FREQ=MONTHLY", Completion, "2026-01-10", "2026-01-10", "2026-01-31T22:00", "2026-02-28", 1, 2},
		{"a year after a leap day", "FREQ=YEARLY", Completion, "2024-02-01", "2024-02-01", "2024-02-29T22:00", "2025-02-28", 1, 2},
		{"the first Monday after completion", "FREQ=WEEKLY;BYDAY=MO", Completion, "2026-05-11", "2026-05-11", "2026-05-13T10:00", "2026-05-18", 1, 2},
		{"the first of the month after completion", "FREQ=MONTHLY;BYMONTHDAY=1", Completion, "2026-05-01", "2026-05-01", "2026-06-02T10:00", "2026-07-01", 1, 2},
		{"a count by due date", "FREQ=DAILY;COUNT=3", DueDate, "2026-05-10", "2026-05-11", "2026-05-11T10:00", "2026-05-12", 2, 3},
		{"the end of a count", "FREQ=DAILY;COUNT=3", DueDate, "2026-05-10", "2026-05-12", "2026-05-12T10:00", "", 3, 0},
		{"a count missed", "FREQ=DAILY;COUNT=3", DueDate, "2026-05-10", "2026-05-10", "2026-05-20T10:00", "", 1, 0},
		{"a count of completions", "FREQ=DAILY;COUNT=3", Completion, "2026-05-10", "2026-05-10", "2026-05-20T10:00", "2026-05-21", 2, 3},
		{"the end of a count of completions", "FREQ=DAILY;COUNT=3", Completion, "2026-05-10", "2026-05-10", "2026-05-20T10:00", "", 3, 0},
		{"the last day included", "FREQ=DAILY;UNTIL=20260512T000000Z", DueDate, "2026-05-10T09:00", "2026-05-11T09:00", "2026-05-11T10:00", "2026-05-12T09:00", 2, 3},
		{"after the last day", "FREQ=DAILY;UNTIL=20260512", DueDate, "2026-05-10", "2026-05-12", "2026-05-12T10:00", "", 3, 0},
		{"completed after the last day", "FREQ=DAILY;UNTIL=20260512", Completion, "2026-05-10", "2026-05-11", "2026-05-12T10:00", "", 2, 0},
		{"the end of the calendar", "FREQ=YEARLY", DueDate, "9998-05-10", "9999-05-10", "2026-05-12T10:00", "", 3, 0},
	} {
		parsed, err := Parse(test.rule)
		if err != nil {
			t.Fatal(err)
		}
		start := civil(t, test.start)
		r, err := parsed.WithAnchor(test.anchor).From(start, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		next, ok := r.After(Done{Start: start, Due: civil(t, test.due), At: civil(t, test.at), Number: test.number})
		want := Occurrence{Number: test.nextNumber}
		if test.next != "" {
			want.Due = civil(t, test.next)
		}
		if next != want || ok != (test.next != "") {
			t.Errorf("%s: got %v %v, want %v", test.about, next, ok, want)
		}
	}
}

// TestRareDatesAreFound has, by hand, what a random rule hardly meets.
func TestRareDatesAreFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ about, rule, start, dates string }{
		{"a week that its month cuts off in front", "FREQ=WEEKLY;BYMONTH=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "2028-02-28",
			"[2028-03-01 2028-03-06 2028-03-13 2028-03-20 2028-03-27 2029-03-01]"},
		{"a week that its month cuts off behind", "FREQ=WEEKLY;BYMONTH=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2029-01-22",
			"[2029-01-26 2029-01-31 2030-01-04 2030-01-11 2030-01-18 2030-01-25]"},
		{"a last week of the year before", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA", "1999-01-01",
			"[1999-01-02 2005-01-01 2010-01-02 2016-01-02 2021-01-02 2027-01-02]"},
		{"a first week of the year after", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2018-01-01",
			"[2018-01-01 2018-12-31 2019-12-30 2021-01-04 2022-01-03 2023-01-02]"},
		{"leap days on a Monday, also across 2100", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2026-01-01",
			"[2044-02-29 2072-02-29 2112-02-29 2140-02-29 2168-02-29 2196-02-29]"},
		{"a leap day more than a cycle of the calendar away", "FREQ=DAILY;INTERVAL=365;BYMONTH=2;BYMONTHDAY=29", "2001-02-27",
			"[3504-02-29 5008-02-29 6512-02-29 8016-02-29 9524-02-29]"},
		{"the last dates of the calendar", "FREQ=MONTHLY;BYMONTHDAY=-1", "9999-10-15", "[9999-10-31 9999-11-30 9999-12-31]"},
	} {
		r, err := Parse(test.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Occurrences(civil(t, test.start), 6)); got != test.dates {
			t.Errorf("%s: %s, want %s", test.about, got, test.dates)
		}
	}
}
