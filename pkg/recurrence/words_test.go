package recurrence

import (
	"errors"
	"strings"
	"testing"
)

var wednesday = Day(2026, 11, 25) // today, in the tests with words

func TestWordsBecomeRules(t *testing.T) {
	t.Parallel()
	const workdays = "MO,TU,WE,TH,FR"
	for _, test := range []struct{ words, rule, text string }{
		{"daily", "FREQ=DAILY", "every day"},
		{"everyday", "FREQ=DAILY", "every day"},
		{"every morning", "FREQ=DAILY", "every day"},
		{"every 3 days", "FREQ=DAILY;INTERVAL=3", "every 3 days"},
		{"every three days", "FREQ=DAILY;INTERVAL=3", "every 3 days"},
		{"every third day", "FREQ=DAILY;INTERVAL=3", "every 3 days"},
		{"every 2nd day", "FREQ=DAILY;INTERVAL=2", "every 2 days"},
		{"every second day", "FREQ=DAILY;INTERVAL=2", "every 2 days"},
		{"weekly", "FREQ=WEEKLY", "every week"},
		{"once a week", "FREQ=WEEKLY", "every week"},
		{"Every Other Week", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"},
		{"biweekly", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"},
		{"Bi-weekly", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"},
		{"fortnightly", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"},
		{"every fortnight", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"},
		{"every Monday", "FREQ=WEEKLY;BYDAY=MO", "every Monday"},
		{"on Mondays", "FREQ=WEEKLY;BYDAY=MO", "every Monday"},
		{"weekly on Friday", "FREQ=WEEKLY;BYDAY=FR", "every Friday"},
		{"every Monday, Wednesday and Friday", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"},
		{"every tue & thurs", "FREQ=WEEKLY;BYDAY=TU,TH", "every Tuesday and Thursday"},
		{"every Fri-Mon", "FREQ=WEEKLY;BYDAY=MO,FR,SA,SU", "every Monday, Friday, Saturday and Sunday"},
		{"every weekday", "FREQ=WEEKLY;BYDAY=" + workdays, "every weekday"},
		{"weekends", "FREQ=WEEKLY;BYDAY=SA,SU", "every Saturday and Sunday"},
		{"every other Tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks on Tuesday"},
		{"every 2 weeks on Monday and Friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "every 2 weeks on Monday and Friday"},
		{"every 2 weeks on weekdays", "FREQ=WEEKLY;INTERVAL=2;BYDAY=" + workdays, "every 2 weeks on weekdays"},
		{"every weekday in January", "FREQ=WEEKLY;BYMONTH=1;BYDAY=" + workdays, "every weekday in January"},
		{"monthly", "FREQ=MONTHLY", "every month"},
		{"quarterly", "FREQ=MONTHLY;INTERVAL=3", "every 3 months"},
		{"every quarter", "FREQ=MONTHLY;INTERVAL=3", "every 3 months"},
		{"first of every month", "FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"},
		{"on the 1st of every month", "FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"},
		{"every 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"},
		{"monthly on day 15", "FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"},
		{"on the 1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on the 1st and 15th"},
		{"the 3rd day of every other month", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=3", "every 2 months on the 3rd"},
		{"on the 31st of every month", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "every month on the 31st"},
		{"last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"},
		{"every month on the 1st, the 15th and the last day", "FREQ=MONTHLY;BYMONTHDAY=1,15,-1", "every month on the 1st, 15th and last day"},
		{"first Monday of the month", "FREQ=MONTHLY;BYDAY=1MO", "every month on the first Monday"},
		{"every second Tuesday of the month", "FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"},
		{"every third Monday", "FREQ=MONTHLY;BYDAY=3MO", "every month on the third Monday"},
		{"every first and third Friday", "FREQ=MONTHLY;BYDAY=1FR,3FR", "every month on the first Friday and the third Friday"},
		{"every last workday", "FREQ=MONTHLY;BYDAY=" + workdays + ";BYSETPOS=-1", "every month on the last workday"},
		{"every month on the last working day", "FREQ=MONTHLY;BYDAY=" + workdays + ";BYSETPOS=-1", "every month on the last workday"},
		{"every month on the first weekend day", "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1", "every month on the first Saturday or Sunday"},
		{"every month on the 13th if it is a Friday", "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "every month on the 13th if it is a Friday"},
		{"yearly", "FREQ=YEARLY", "every year"},
		{"every two years", "FREQ=YEARLY;INTERVAL=2", "every 2 years"},
		{"every January", "FREQ=YEARLY;BYMONTH=1", "every year in January"},
		{"every year on 29 February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "every year on 29 February"},
		{"every Feb 29th", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "every year on 29 February"},
		{"every 25th of December", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", "every year on 25 December"},
		{"yearly on January 1st and July 1st", "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1", "every year on the 1st of January and July"},
		{"every year on the fourth Thursday of November", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "every year on the fourth Thursday of November"},
		{"100th day of every year", "FREQ=YEARLY;BYYEARDAY=100", "every year on the 100th day of the year"},
		{"every day until 31 December", "FREQ=DAILY;UNTIL=20261231", "every day, until 31 December 2026"},
		{"every day until November 24", "FREQ=DAILY;UNTIL=20271124", "every day, until 24 November 2027"},
		{"every day until November 25, 2030", "FREQ=DAILY;UNTIL=20301125", "every day, until 25 November 2030"},
		{"every day until 2027-01-31", "FREQ=DAILY;UNTIL=20270131", "every day, until 31 January 2027"},
		{"every day until 31.1.", "FREQ=DAILY;UNTIL=20270131", "every day, until 31 January 2027"},
		{"every day until 1/31/2027", "FREQ=DAILY;UNTIL=20270131", "every day, until 31 January 2027"},
		{"every day until Wednesday", "FREQ=DAILY;UNTIL=20261202", "every day, until 2 December 2026"},
		{"every day until the end of the month", "FREQ=DAILY;UNTIL=20261130", "every day, until 30 November 2026"},
		{"every day until the end of next year", "FREQ=DAILY;UNTIL=20271231", "every day, until 31 December 2027"},
		{"every day for 5 times", "FREQ=DAILY;COUNT=5", "every day, 5 times"},
		{"every Friday, ten times.", "FREQ=WEEKLY;BYDAY=FR;COUNT=10", "every Friday, 10 times"},
		{"repeat every 2 weeks", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"},
	} {
		r, err := FromWords(test.words, wednesday)
		if err != nil || r.String() != test.rule || r.Text() != test.text {
			t.Errorf("%q: %s, %q, %v; want %s, %q", test.words, r, r.Text(), err, test.rule, test.text)
		}
	}
}

func TestWordsCountFromCompletion(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"every! 3 days", "every 3 days after completion", "3 days after completion", "every 3 days when done", "every third day from completion",
	} {
		r, err := FromWords(words, wednesday)
		if err != nil || r.String() != "FREQ=DAILY;INTERVAL=3" || r.Anchor() != Completion || r.Text() != "every 3 days after completion" {
			t.Errorf("%q: %s from %s, %q, %v", words, r, r.Anchor(), r.Text(), err)
		}
	}
}

func TestRulesSayThemselvesInWords(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"FREQ=MONTHLY;BYMONTHDAY=31":                                "every month on the 31st, if there is one",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29":                       "every year on 29 February, if there is one",
		"FREQ=DAILY;BYMONTH=1,2;BYDAY=MO,FR":                        "every day in January and February if it is a Monday or Friday",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU":                   "every 2 weeks on Monday, weeks starting on Sunday",
		"FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1":                        "every week, by BYDAY=MO,TU;BYSETPOS=1",
		"FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=1":            "every month on the third Tuesday, Wednesday or Thursday, 1 time",
		"FREQ=MONTHLY;BYDAY=-2MO,1TU":                               "every month on the first Tuesday and the second last Monday",
		"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3": "every 4 years on 2 and 3 November if it is a Tuesday",
		"FREQ=YEARLY;BYDAY=20MO":                                    "every year on the 20th Monday of the year",
		"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO":                          "every year in week 20 on Monday",
		"FREQ=YEARLY;BYMONTHDAY=13":                                 "every year on the 13th of every month",
		"FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO":                          "every year, by BYWEEKNO=-1;BYDAY=MO",
	} {
		r, err := Parse(rule)
		if err != nil || r.Text() != want {
			t.Errorf("%s: %q, %v, want %q", rule, r.Text(), err, want)
		}
	}
}

func TestWordsThatAreNoRuleSayWhere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ words, code, detail string }{
		{"", Required, "no words"},
		{"tomorrow", Unknown, "position 1"},
		{"every Monday at 9am", Unknown, "position 14: \"at 9am\""},
		{"every día", Unknown, "position 1"},
		{"every Monday — fine", Unknown, "position 14"},
		{"every hour", SubDaily, "once a day"},
		{"every 15 minutes", SubDaily, "once a day"},
		{"every second", SubDaily, "once a day"},
		{"hourly", SubDaily, "once a day"},
		{"every 400 days", OutOfRange, "1 to 365"},
		{"every 0 days", OutOfRange, "1 to 365"},
		{"every year on 30 February", Never, "no day 30"},
		{"every day for 5 times until tomorrow", CountAndUntil, "not by both"},
		{"every year on the 15th", Unknown, "position 12"},
		{"every day until 31/12", Unknown, "position 11"},
		{strings.Repeat("every ", 400), Malformed, "longer"},
	} {
		_, err := FromWords(test.words, wednesday)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != test.code || !strings.Contains(e.Detail, test.detail) {
			t.Errorf("%.40q: %v, want %s with %q", test.words, err, test.code, test.detail)
		}
	}
}

func TestReadTakesRulesAndWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" FREQ=MONTHLY;BYMONTHDAY=31 ": "FREQ=MONTHLY;BYMONTHDAY=31",
		"rrule:freq=daily":             "FREQ=DAILY",
		"every Monday":                 "FREQ=WEEKLY;BYDAY=MO",
	} {
		if r, err := Read(text, wednesday); err != nil || r.String() != want {
			t.Errorf("%q: %s, %v", text, r, err)
		}
	}
}
