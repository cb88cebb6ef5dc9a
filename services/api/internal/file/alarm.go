package file

import (
	"fmt"
	"time"

	"github.com/emersion/go-ical"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

const (
	day       = 24 * 60 // minutes
	dateClock = 9 * 60  // when reminders of a date without a time count from, see wire-api.md §3
)

// duration reads one of RFC 5545, section 3.3.6, in minutes; what is less is cut off.
func duration(text string) (minutes int, ok bool) {
	prop := ical.NewProp(ical.PropTrigger)
	prop.Value = text
	if len(text) > 40 {
		return 0, false
	}
	span, err := prop.Duration()
	if err != nil || span > 1000*day*time.Minute || span < -1000*day*time.Minute {
		return 0, false
	}
	return int(span / time.Minute), true
}

// reminder is one that rings so many minutes after the due time; of a date without a time, after
// its midnight.
func reminder(after int, timed bool) (spec task.ReminderSpec, ok bool) {
	before := -after
	if !timed {
		before += dateClock
	}
	if before >= 0 {
		return task.ReminderSpec{MinutesBefore: &before}, true
	}
	if timed || after >= day {
		return spec, false // after it was due
	}
	days, clock := 0, fmt.Sprintf("%02d:%02d", after/60, after%60)
	return task.ReminderSpec{DaysBefore: &days, Time: &clock}, true
}

// trigger is a reminder as minutes after the due time, or after a date's midnight; false for one
// at an instant.
func trigger(r *task.Reminder, timed bool, due int) (after int, ok bool) {
	switch {
	case r.When.MinutesBefore != nil && timed:
		return -*r.When.MinutesBefore, true
	case r.When.MinutesBefore != nil:
		return dateClock - *r.When.MinutesBefore, true
	case r.When.DaysBefore != nil:
		clock, err := time.Parse("15:04", r.When.Time)
		after = clock.Hour()*60 + clock.Minute() - *r.When.DaysBefore*day
		if timed {
			after -= due // minutes since midnight
		}
		return after, err == nil
	}
	return 0, false
}
