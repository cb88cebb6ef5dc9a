package recurrence

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

func TestARuleIsKeptInOneForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FREQ=DAILY":                                    "FREQ=DAILY",
		"RRULE:FREQ=DAILY;INTERVAL=1":                   "FREQ=DAILY",
		"rrule:freq=weekly;byday=we,mo,we":              "FREQ=WEEKLY;BYDAY=MO,WE",
		"BYDAY=MO;FREQ=WEEKLY":                          "FREQ=WEEKLY;BYDAY=MO",
		"FREQ=MONTHLY;BYDAY=+1MO,-1FR,2TU":              "FREQ=MONTHLY;BYDAY=1MO,2TU,-1FR",
		"FREQ=MONTHLY;BYMONTHDAY=-1,15,+1":              "FREQ=MONTHLY;BYMONTHDAY=1,15,-1",
		"FREQ=DAILY;BYMONTH=12,11,10,9,8,7,6,5,4,3,2,1": "FREQ=DAILY",
		"FREQ=WEEKLY;BYDAY=MO;WKST=SU":                  "FREQ=WEEKLY;BYDAY=MO", // WKST changes nothing here
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU":       "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU",
		"FREQ=DAILY;UNTIL=20261231":                     "FREQ=DAILY;UNTIL=20261231",
		"FREQ=DAILY;UNTIL=20261231T120000":              "FREQ=DAILY;UNTIL=20261231", // its day is included
		"FREQ=DAILY;UNTIL=20261231T120000Z":             "FREQ=DAILY;UNTIL=20261231T120000Z",
		"FREQ=YEARLY;INTERVAL=100;COUNT=99999":          "FREQ=YEARLY;INTERVAL=100;COUNT=99999",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29":           "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYDAY=1MO":  "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYDAY=1MO", // of a series from February
		"FREQ=YEARLY;BYWEEKNO=-1,1;BYDAY=MO;WKST=SU":    "FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=MO;WKST=SU",
	} {
		r, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if r.String() != want {
			t.Errorf("%s: got %s, want %s", text, r, want)
		}
		if again, err := Parse(want); err != nil || again.String() != want {
			t.Errorf("%s: again %s, %v", want, again, err)
		}
	}
}

func TestARefusedRuleSaysWhyAndWhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, code, detail string }{
		{"", Malformed, "position 1"},
		{"every Monday", Malformed, "position 1"},
		{"FREQ=DAILY;", Malformed, "position 12"},
		{"FREQ=DAILY;;COUNT=2", Malformed, "position 12"},
		{"FREQ=", Malformed, "position 1"},
		{"INTERVAL=2", Required, "FREQ"},
		{"FREQ=SOMETIMES", Unknown, "position 6"},
		{"FREQ=HOURLY", SubDaily, "position 6"},
		{"FREQ=MINUTELY;INTERVAL=5", SubDaily, "position 6"},
		{"FREQ=DAILY;BYHOUR=9,17", SubDaily, "position 12"},
		{"FREQ=DAILY;COUNT=2;COUNT=3", Duplicate, "position 20"},
		{"FREQ=DAILY;X-MINE=2", Unknown, "position 12"},
		{"FREQ=DAILY;INTERVAL=0", OutOfRange, "position 12"},
		{"FREQ=DAILY;INTERVAL=-1", Malformed, "position 21"},
		{"FREQ=DAILY;INTERVAL=366", OutOfRange, "1 to 365"},
		{"FREQ=WEEKLY;INTERVAL=53", OutOfRange, "1 to 52"},
		{"FREQ=MONTHLY;INTERVAL=13", OutOfRange, "1 to 12"},
		{"FREQ=YEARLY;INTERVAL=101", OutOfRange, "1 to 100"},
		{"FREQ=DAILY;INTERVAL=99999999999999999999", Malformed, "position 21"},
		{"FREQ=DAILY;COUNT=0", OutOfRange, "position 18"},
		{"FREQ=DAILY;COUNT=100000", OutOfRange, "99999"},
		{"FREQ=DAILY;COUNT=2;UNTIL=20261231", CountAndUntil, "position 12"},
		{"FREQ=DAILY;UNTIL=20260230", Malformed, "position 18"},
		{"FREQ=DAILY;UNTIL=2026-12-31", Malformed, "position 18"},
		{"FREQ=WEEKLY;BYDAY=XX", Malformed, "position 19"},
		{"FREQ=WEEKLY;BYDAY=MO,,TU", Malformed, "position 22"},
		{"FREQ=WEEKLY;BYDAY=1MO", NotAllowed, "position 13"},
		{"FREQ=MONTHLY;BYDAY=6MO", OutOfRange, "position 14"},
		{"FREQ=MONTHLY;BYDAY=0MO", Malformed, "position 20"},
		{"FREQ=YEARLY;BYDAY=54MO", OutOfRange, "at most 53"},
		{"FREQ=YEARLY;BYMONTH=3;BYDAY=6MO", OutOfRange, "at most 5"},
		{"FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", NotAllowed, "BYWEEKNO"},
		{"FREQ=MONTHLY;BYWEEKNO=1", NotAllowed, "position 14"},
		{"FREQ=DAILY;BYYEARDAY=1", NotAllowed, "position 12"},
		{"FREQ=WEEKLY;BYMONTHDAY=1", NotAllowed, "position 13"},
		{"FREQ=MONTHLY;BYMONTHDAY=32", OutOfRange, "position 14"},
		{"FREQ=MONTHLY;BYMONTHDAY=0", OutOfRange, "position 14"},
		{"FREQ=MONTHLY;BYMONTHDAY=1.5", Malformed, "position 25"},
		{"FREQ=MONTHLY;BYMONTH=-1", OutOfRange, "position 14"},
		{"FREQ=MONTHLY;BYSETPOS=1", NotAllowed, "position 14"},
		{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", OutOfRange, "position 23"},
		{"FREQ=WEEKLY;WKST=MONDAY", Unknown, "position 18"},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", Never, "no day 30"},
		{"FREQ=DAILY;BYMONTH=4,6;BYMONTHDAY=31", Never, "no day 31"},
		{"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-30", Never, "BYMONTHDAY"},
		{"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", Never, "BYSETPOS"},
		{"FREQ=DAILY;BYDAY=MO;BYSETPOS=2", Never, "BYSETPOS"},
		{"FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3", Never, "BYSETPOS"},
		{"FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=8", Never, "no day fits"},
		{"FREQ=YEARLY;BYWEEKNO=30;BYMONTH=1", Never, "no day fits"},
		{"FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2", Never, "no day fits"},
		{"FREQ=DAILY;COUNT=1" + strings.Repeat("0", 2000), Malformed, "longer"},
	} {
		_, err := Parse(test.text)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != test.code || !strings.Contains(e.Detail, test.detail) {
			t.Errorf("%.60s: %v, want %s with %q", test.text, err, test.code, test.detail)
		}
	}
}

func TestASeriesWithoutAnyDateDoesNotBegin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, start string }{
		{"FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "2026-02-01"},
		{"FREQ=DAILY;INTERVAL=7;BYDAY=TU", "2026-11-25"},
		{"FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "2025-01-01"},
		{"FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366", "2025-01-01"},
		{"FREQ=DAILY;UNTIL=20261124", "2026-11-25"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20261127", "2026-11-24"},
	} {
		r, err := Parse(test.rule)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.From(civil(t, test.start), time.UTC)
		if e, ok := errors.AsType[*Error](err); !ok || e.Code != Never {
			t.Errorf("%s from %s: %v", test.rule, test.start, err)
		}
	}
}

func TestAnInstantToEndAtIsADayInTheZone(t *testing.T) {
	t.Parallel()
	r, err := Parse("FREQ=DAILY;UNTIL=20261231T045959Z")
	if err != nil {
		t.Fatal(err)
	}
	start := civil(t, "2026-12-29T09:00")
	for name, want := range map[string]string{"America/New_York": "20261230", "Asia/Kolkata": "20261231", "UTC": "20261231"} {
		kept, err := r.From(start, zone(t, name))
		if err != nil || kept.String() != "FREQ=DAILY;UNTIL="+want {
			t.Errorf("%s: %s, %v", name, kept, err)
		}
	}
}

func TestAFaultPointsIntoTheRequest(t *testing.T) {
	t.Parallel()
	_, err := FromSimple(Simple{Frequency: Daily, Interval: new(400)})
	f, ok := errors.AsType[*fault.Error](Fault(err, "/recurrence_rule"))
	want := fault.Field{Name: "/recurrence_rule/interval", Code: OutOfRange, Detail: "of a daily rule the interval is 1 to 365"}
	if !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0] != want {
		t.Errorf("got %+v", f)
	}
	if other := errors.New("other"); Fault(other, "/recurrence_rule") != other {
		t.Error("another error changed")
	}
}
