package recurrence

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// slowest is the longest that any input may take.
const slowest = 10 * time.Millisecond * slowdown

// watched is that under the fuzzer, which counts every branch.
const watched = 5 * slowest

// hard are rules that make the engine search far, or refuse late.
var hard = []string{
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "FREQ=YEARLY;INTERVAL=97;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
	"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "FREQ=DAILY;INTERVAL=365;BYMONTH=2;BYMONTHDAY=29",
	"FREQ=DAILY;INTERVAL=364;BYDAY=TU", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO,TU;BYSETPOS=3", "FREQ=WEEKLY;INTERVAL=52;BYMONTH=2",
	"FREQ=WEEKLY;BYMONTH=1,3,5,7,9,11;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=7;WKST=WE", "FREQ=DAILY;COUNT=99999", "FREQ=WEEKLY;COUNT=99999",
	"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366,-366", "FREQ=YEARLY;BYWEEKNO=53,-53;BYMONTH=12;BYDAY=MO", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
	"FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366", "FREQ=YEARLY;BYYEARDAY=" + strings.Repeat("366,-366,", 150) + "1",
	"FREQ=MONTHLY;BYMONTHDAY=" + strings.Repeat("31,-31,", 250) + "1", "FREQ=YEARLY;BYDAY=" + strings.Repeat("53MO,-53SU,", 150) + "1TU",
	"FREQ=YEARLY;BYMONTHDAY=28,29,30,31;BYSETPOS=" + strings.Repeat("1,-1,", 300) + "366", "FREQ=MONTHLY;BYDAY=5MO,5TU;BYMONTHDAY=29,30,31;BYSETPOS=2",
	"FREQ=YEARLY;INTERVAL=100;BYWEEKNO=53;BYDAY=SU;WKST=SU;COUNT=99999", "FREQ=DAILY;UNTIL=99991231;BYMONTHDAY=31;BYMONTH=1;BYDAY=SU;INTERVAL=365",
	"FREQ=MONTHLY;UNTIL=20000101T000000Z", "FREQ=YEARLY;BYMONTHDAY=5,28,29,30,31;BYSETPOS=1,4,5,6,8,12,13,17,21,22,26,-47,-46,-43,-41,-1",
}

func FuzzParse(f *testing.F) {
	for _, rule := range hard {
		f.Add(rule, uint16(2026), uint16(330))
	}
	f.Fuzz(func(t *testing.T, text string, year, day uint16) {
		start := Day(1+int(year)%9999, 1, 1).AddDays(int(day) % 365)
		if took := least(func() { _, _ = Parse(text) }); took > watched {
			t.Errorf("%q took %s", text, took)
		}
		r, err := Parse(text)
		if err != nil {
			return
		}
		exercise(t, r, start)
		if took := least(func() { r.Occurrences(start, 366) }); took > watched {
			t.Errorf("%q from %s took %s", text, start, took)
		}
	})
}

// least returns how long a call takes. The least of three tries counts, of those that were needed, so
// that a busy machine does not.
func least(call func()) time.Duration {
	took := time.Hour
	for i := 0; i < 3 && took > slowest; i++ {
		began := time.Now()
		call()
		took = min(took, time.Since(began))
	}
	return took
}

// exercise holds what a rule promises whatever it is.
func exercise(t *testing.T, r Rule, start Civil) {
	if again, err := Parse(r.String()); err != nil || again.String() != r.String() {
		t.Fatalf("%s is read as %s, %v", r, again, err)
	}
	r, err := r.From(start, time.UTC)
	if err != nil {
		return
	}
	first, ok := r.First(start)
	if !ok || first.Compare(start) < 0 {
		t.Fatalf("%s from %s begins on %s, %v", r, start, first, ok)
	}
	next, ok := r.Next(start, first)
	if ok && next.Compare(first) <= 0 {
		t.Fatalf("%s from %s: after %s comes %s", r, start, first, next)
	}
	if dates := r.Occurrences(start, 2); dates[0] != first {
		t.Fatalf("%s from %s: %s, not %s", r, start, dates, first)
	}
	if words, err := FromWords(r.Text(), Civil{}); err != nil || words.String() != r.String() {
		t.Fatalf("%s is %q, read as %s, %v", r, r.Text(), words, err)
	}
}

func FuzzFromWords(f *testing.F) {
	for _, text := range []string{
		"every Monday", "every 2 weeks on Monday and Friday until 31 December 2026", "on the 1st, 15th and last day of every month",
		"every month on the third Tuesday, Wednesday or Thursday, 5 times", "every year on 29 February, if there is one", "every! 3 days",
		"every month, by BYMONTHDAY=1,15;BYSETPOS=1", "water plants every Monday at 9:00 until 31.12.", "Every Breath You Take",
		"the 100th day of the year", "every year in week 20 on Monday, weeks starting on Sunday", "every 30 February", "bi-weekly – ’s 🎂",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if took := least(func() { _, _ = FromWords(text, wednesday) }); took > watched {
			t.Errorf("as words %.100q took %s", text, took)
		}
		if took := least(func() { FindWords(text, wednesday) }); took > watched {
			t.Errorf("to find in %.100q took %s", text, took)
		}
		r, err := FromWords(text, wednesday)
		found, ok := FindWords(text, wednesday)
		if err == nil {
			exercise(t, r, wednesday)
		}
		if !ok {
			return
		}
		for _, s := range found.Spans {
			if !utf8.ValidString(text) {
				break
			}
			if text[s.Start:s.End] != string([]rune(text)[s.RuneStart:s.RuneEnd]) {
				t.Errorf("%q: bytes %d to %d are not runes %d to %d", text, s.Start, s.End, s.RuneStart, s.RuneEnd)
			}
		}
		exercise(t, found.Rule, wednesday)
	})
}

// TestNoInputTakesLong times every call on the hardest inputs we know; the fuzz tests time their
// corpus. It does not run beside others.
func TestNoInputTakesLong(t *testing.T) {
	calls := map[string]func(){}
	for _, rule := range hard {
		calls["Parse "+rule] = func() { _, _ = Parse(rule) }
		r, err := Parse(rule)
		if err != nil {
			continue
		}
		old, far := Day(1970, 1, 1), Day(9990, 1, 1)
		calls["From "+rule] = func() { _, _ = r.From(old, time.UTC) }
		calls["First "+rule] = func() { r.First(old) }
		calls["Next "+rule] = func() { r.Next(old, far) }
		calls["After "+rule] = func() { r.After(Done{Start: old, Due: far, At: far}) }
		calls["Occurrences "+rule] = func() { r.Occurrences(old, 366) }
		calls["Occurrences after completion "+rule] = func() { r.WithAnchor(Completion).Occurrences(old, 366) }
		calls["Simple "+rule] = func() { r.Simple() }
	}
	for _, text := range []string{
		"every 30 February ", "on the 1st, 2nd, 3rd, ", "every Monday, Tuesday and ", "every day until ", "last first second ", "the the the ",
		"every 31st of February and ", "- ", "ä", "every month by BYMONTHDAY=30;BYMONTH=2 ", "Monday to ", "first, ", "the 1st and ", "first Monday, ", "on january, ", "every 1 and ", "mondays, ", "each year in week 1, ", "every year on 1, 2, 3, 4, ",
	} {
		long := strings.Repeat(text, 10_000/len(text))
		calls["FindWords "+text] = func() { FindWords(long, wednesday) }
		calls["FromWords "+text] = func() { _, _ = FromWords(long[:maxText-10], wednesday) }
	}
	for name, call := range calls {
		if took := least(call); took > slowest {
			t.Errorf("%.80s took %s", name, took)
		}
	}
}
