package recurrence

import (
	"strings"
	"testing"
)

func TestARuleIsFoundInARunningText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, rule, spans string }{ // the spans with | between them
		{"water plants every Monday", "FREQ=WEEKLY;BYDAY=MO", "every Monday"},
		{"Weekly team meeting, recurrence weekly, priority high", "FREQ=WEEKLY", "recurrence weekly"},
		{"make X repeat every 2 weeks", "FREQ=WEEKLY;INTERVAL=2", "repeat every 2 weeks"},
		{"pay rent monthly", "FREQ=MONTHLY", "monthly"},
		{"Backup weekly at 5pm #ops", "FREQ=WEEKLY", "weekly"},
		{"Backup monthly 9am", "FREQ=MONTHLY", "monthly"},
		{"call home weekly until 31 January", "FREQ=WEEKLY;UNTIL=20270131", "weekly until 31 January"},
		{"sync bi-weekly", "FREQ=WEEKLY;INTERVAL=2", "bi-weekly"},
		{"clean on weekends", "FREQ=WEEKLY;BYDAY=SA,SU", "on weekends"},
		{"gym on Mondays and Fridays at 18:00", "FREQ=WEEKLY;BYDAY=MO,FR", "on Mondays and Fridays"},
		{"Team sync every weekday 9:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"},
		{"Every monday: gym", "FREQ=WEEKLY;BYDAY=MO", "Every monday"},
		{"every Monday and Tuesday, call Bob", "FREQ=WEEKLY;BYDAY=MO,TU", "every Monday and Tuesday"},
		{"Every other Friday review budget", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "Every other Friday"},
		{"Pay rent on the 1st of every month at 9", "FREQ=MONTHLY;BYMONTHDAY=1", "on the 1st of every month"},
		{"Submit report last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "last day of the month"},
		{"Pub quiz on the first Monday of the month", "FREQ=MONTHLY;BYDAY=1MO", "on the first Monday of the month"},
		{"payroll every last workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every last workday"},
		{"pay rent every 15th, priority high", "FREQ=MONTHLY;BYMONTHDAY=15", "every 15th"},
		{"wish mum well every year on 3 May", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3", "every year on 3 May"},
		{"every Monday at 9:00 until 31 December buy milk", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231", "every Monday|until 31 December"},
		{"stretch every day at 7 starting tomorrow for 10 times", "FREQ=DAILY;COUNT=10", "every day|for 10 times"},
		{"Bake every 2 weeks on Sunday for 6 times please", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;COUNT=6", "every 2 weeks on Sunday for 6 times"},
		{"brush teeth every day 2 times", "FREQ=DAILY", "every day"},
		{"Take pills every morning", "FREQ=DAILY", "every"}, // the morning is a time
		{"Lock the door every night", "FREQ=DAILY", "every night"},
		{"water cactus every! 3 days", "FREQ=DAILY;INTERVAL=3", "every! 3 days"},
		{"Ärztin anrufen every Monday 🎂", "FREQ=WEEKLY;BYDAY=MO", "every Monday"},
		{"PAY RENT EVERY MONTH", "FREQ=MONTHLY", "EVERY MONTH"},
		{"Water Plants Every Monday", "FREQ=WEEKLY;BYDAY=MO", "Every Monday"},
		{"Fortnightly", "FREQ=WEEKLY;INTERVAL=2", "Fortnightly"},
	} {
		found, ok := FindWords(test.text, wednesday)
		runes := []rune(test.text)
		var bytes, points []string
		for _, s := range found.Spans {
			bytes, points = append(bytes, test.text[s.Start:s.End]), append(points, string(runes[s.RuneStart:s.RuneEnd]))
		}
		if !ok || found.Rule.String() != test.rule || strings.Join(bytes, "|") != test.spans || strings.Join(points, "|") != test.spans {
			t.Errorf("%q: %s in %q (%q), want %s in %q", test.text, found.Rule, bytes, points, test.rule, test.spans)
		}
	}
}

func TestNoRuleIsInventedInATitle(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "Every Breath You Take", "Listen to Every Breath You Take", "daily standup notes", "Daily standup notes", "Weekly team meeting",
		"Monthly report", "prepare monthly report", "Read the Daily", "Read The Daily", "Buy Variety Weekly", "Bi-weekly sync",
		"daily, weekly and monthly reports", "compare daily, weekly and monthly", "brush teeth twice daily", "everyday carry", "every-day carry",
		"Every Day I Write the Book", "Read Every Sunday Sermon", "Watch Every Day", "every day is a gift", "photos of every day",
		"I don't like Mondays", "Rainy Days and Mondays", "watch Friday Night Lights", "watch every Friday Night Lights rerun",
		"call every 3rd customer", "invite every first responder", "every second counts", "every other person", "Every Mother's Son",
		"The 9/11 Report", "buy paprika", "Renovation - 2nd Floor Bath", "Submit report by the last day of the month",
		"due the first Monday of the month", "on the 1st and 15th", "on the 1st of the month", "first Monday of January", "end of the month",
		"ping server every hour", "check every 15 minutes", "almost every week", "employee of the month", "every march forward",
		"every 30 February buy x every 30 February", "every 400 days", "Plan weekends", "report 3 days after completion of the move",
		"until 31 December", "for 5 times", "each other", "the Monday after next", "20th Century Fox", "1st grade teacher",
	} {
		if found, ok := FindWords(text, wednesday); ok {
			s := found.Spans[0]
			t.Errorf("%q: found %s in %q", text, found.Rule, text[s.Start:s.End])
		}
	}
}
