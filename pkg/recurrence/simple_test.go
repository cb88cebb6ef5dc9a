package recurrence

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

// read reads the simple form as the API gets it.
func read(t *testing.T, body string) (Rule, error) {
	t.Helper()
	var s Simple
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	return FromSimple(s)
}

func TestTheSimpleFormIsKeptAsAnRRULE(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, start, rule string }{
		{`{"frequency":"daily"}`, "2026-01-31", "FREQ=DAILY"},
		{`{"frequency":"daily","interval":3,"count":5}`, "2026-01-31", "FREQ=DAILY;INTERVAL=3;COUNT=5"},
		{`{"frequency":"weekly","interval":2,"by_weekday":["fr","MO"],"until":"2026-12-31"}`, "2026-01-31", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20261231"},
		{`{"frequency":"monthly","until":"2026-12-31T10:00"}`, "2026-01-15", "FREQ=MONTHLY;UNTIL=20261231"},
		{`{"frequency":"daily","until":"2026-12-31T00:30:00+02:00"}`, "2026-01-15", "FREQ=DAILY;UNTIL=20261230"},
		{`{"frequency":"monthly"}`, "2026-01-28", "FREQ=MONTHLY"},
		{`{"frequency":"monthly"}`, "2026-01-29", "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{`{"frequency":"monthly"}`, "2026-01-31T09:00", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{`{"frequency":"monthly","anchor":"completion"}`, "2026-01-31", "FREQ=MONTHLY"},
		{`{"frequency":"monthly","by_month":[1,3]}`, "2026-01-31", "FREQ=MONTHLY;BYMONTH=1,3"},
		{`{"frequency":"monthly","by_month_day":[31]}`, "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{`{"frequency":"monthly","by_month_day":[1,15,31]}`, "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=1,15,28,29,30,31;BYSETPOS=1,2,-1"},
		{`{"frequency":"monthly","by_month_day":[-1]}`, "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1"},
		{`{"frequency":"monthly","by_month_day":[13,31],"by_weekday":["fr"]}`, "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=13,31;BYDAY=FR"},
		{`{"frequency":"monthly","by_weekday":["-1fr"]}`, "2026-01-31", "FREQ=MONTHLY;BYDAY=-1FR"},
		{`{"frequency":"monthly","by_weekday":["mo","tu","we","th","fr"],"by_set_pos":-1}`, "2026-01-31", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
		{`{"frequency":"yearly"}`, "2024-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{`{"frequency":"yearly"}`, "2026-12-31", "FREQ=YEARLY"},
		{`{"frequency":"yearly","by_month":[2,4]}`, "2026-01-31", "FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=28,29,30,31;BYSETPOS=-4,-1"},
		{`{"frequency":"yearly","by_month":[2,6],"by_month_day":[30]}`, "2026-01-31", "FREQ=YEARLY;BYMONTH=2,6;BYMONTHDAY=28,29,30;BYSETPOS=-4,-1"},
		{`{"rrule":"FREQ=MONTHLY;BYMONTHDAY=31"}`, "2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=31"},
		{`{"rrule":"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO","frequency":"yearly","interval":1,"text":"…"}`, "2026-01-31", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"},
	} {
		r, err := read(t, test.body)
		if err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		r, err = r.From(civil(t, test.start), time.UTC)
		if err != nil || r.String() != test.rule {
			t.Errorf("%s from %s: %s, %v, want %s", test.body, test.start, r, err, test.rule)
		}
	}
}

func TestMonthEndsClampAndComeBack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, start, dates string }{
		{`{"frequency":"monthly"}`, "2026-01-31", "[2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31]"},
		{`{"frequency":"monthly","interval":2}`, "2027-12-30", "[2027-12-30 2028-02-29 2028-04-30 2028-06-30 2028-08-30]"},
		{`{"frequency":"monthly","by_month_day":[29,31]}`, "2026-02-01", "[2026-02-28 2026-03-29 2026-03-31 2026-04-29 2026-04-30]"},
		{`{"frequency":"yearly"}`, "2024-02-29", "[2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29]"},
		{`{"rrule":"FREQ=MONTHLY"}`, "2026-01-31", "[2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31]"},
		{`{"rrule":"FREQ=YEARLY"}`, "2024-02-29", "[2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29]"},
		{`{"frequency":"monthly","anchor":"completion"}`, "2026-01-31", "[2026-01-31 2026-02-28 2026-03-28 2026-04-28 2026-05-28]"}, // as if done on each
	} {
		r, err := read(t, test.body)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := r.From(civil(t, test.start), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []Rule{r, kept} {
			if got := fmt.Sprint(r.Occurrences(civil(t, test.start), 5)); got != test.dates {
				t.Errorf("%s as %s: %s, want %s", test.body, r, got, test.dates)
			}
		}
	}
}

func TestARefusedSimpleFormPointsToTheField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, name, code string }{
		{`{}`, "/frequency", Required},
		{`{"frequency":"hourly"}`, "/frequency", SubDaily},
		{`{"frequency":"often"}`, "/frequency", Unknown},
		{`{"frequency":"daily","anchor":"moon"}`, "/anchor", Unknown},
		{`{"frequency":"daily","interval":0}`, "/interval", OutOfRange},
		{`{"frequency":"yearly","interval":101}`, "/interval", OutOfRange},
		{`{"frequency":"daily","count":0}`, "/count", OutOfRange},
		{`{"frequency":"daily","count":3,"until":"2026-12-31"}`, "/count", CountAndUntil},
		{`{"frequency":"daily","until":"soon"}`, "/until", Malformed},
		{`{"frequency":"weekly","by_weekday":["monday"]}`, "/by_weekday", Unknown},
		{`{"frequency":"weekly","by_weekday":["1mo"]}`, "/by_weekday", NotAllowed},
		{`{"frequency":"weekly","by_month_day":[1]}`, "/by_month_day", NotAllowed},
		{`{"frequency":"monthly","by_month_day":[0]}`, "/by_month_day", OutOfRange},
		{`{"frequency":"monthly","by_month_day":[30,-2]}`, "/by_month_day", Unsupported},
		{`{"frequency":"yearly","by_month":[2],"by_month_day":[30]}`, "/by_month_day", Never}, // no February to come back to
		{`{"frequency":"yearly","by_month":[13]}`, "/by_month", OutOfRange},
		{`{"frequency":"monthly","by_set_pos":1}`, "/by_set_pos", NotAllowed},
		{`{"rrule":"FREQ=DAILY;COUNT=0"}`, "/rrule", OutOfRange},
		{`{"rrule":"FREQ=DAILY","anchor":"moon"}`, "/anchor", Unknown},
		{`{"rrule":"FREQ=DAILY","frequency":"weekly"}`, "/frequency", Contradiction},
		{`{"rrule":"FREQ=DAILY","interval":2}`, "/interval", Contradiction},
		{`{"rrule":"FREQ=WEEKLY;BYDAY=MO","by_weekday":["tu"]}`, "/by_weekday", Contradiction},
		{`{"rrule":"FREQ=MONTHLY;BYMONTHDAY=2","by_month_day":[3]}`, "/by_month_day", Contradiction},
		{`{"rrule":"FREQ=DAILY","count":2}`, "/count", Contradiction},
		{`{"rrule":"FREQ=DAILY","until":"2026-12-31"}`, "/until", Contradiction},
	} {
		_, err := read(t, test.body)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Name != test.name || e.Code != test.code {
			t.Errorf("%s: %+v, want %s at %s", test.body, err, test.code, test.name)
		}
	}
}

func TestTheSimpleFieldsShowOnlyWhenTheySayItAll(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=4": `{"rrule":"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=4","anchor":"due_date",` +
			`"text":"every 2 weeks on Monday and Friday, 4 times","frequency":"weekly","interval":2,"by_weekday":["mo","fr"],"count":4}`,
		"FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1": `{"rrule":"FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1","anchor":"due_date",` +
			`"text":"every month on the 31st","frequency":"monthly","interval":1,"by_month_day":[31]}`,
		"FREQ=MONTHLY;BYMONTHDAY=31": `{"rrule":"FREQ=MONTHLY;BYMONTHDAY=31","anchor":"due_date",` +
			`"text":"every month on the 31st, if there is one","frequency":"monthly","interval":1}`,
		"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO": `{"rrule":"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO","anchor":"due_date",` +
			`"text":"every year in week 20 on Monday","frequency":"yearly","interval":1}`,
		"FREQ=DAILY;UNTIL=20261231": `{"rrule":"FREQ=DAILY;UNTIL=20261231","anchor":"due_date",` +
			`"text":"every day, until 31 December 2026","frequency":"daily","interval":1,"until":"2026-12-31"}`,
	} {
		r, err := Parse(rule)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(r.Simple())
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", rule, got, err, want)
		}
	}
}
