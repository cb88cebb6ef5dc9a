package file

import (
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// alarms reads the VALARMs as reminders (RFC 5545, section 3.6.6).
func (t *todo) alarms(children []*ical.Component) {
	reminders := []task.ReminderSpec{}
	for _, alarm := range children {
		if alarm.Name != ical.CompAlarm {
			continue
		}
		spec, detail := t.alarm(alarm)
		if detail != "" {
			value := ""
			if prop := alarm.Props.Get(ical.PropTrigger); prop != nil {
				value = prop.Value
			}
			t.say(t.Line, ical.PropTrigger, value, detail)
			continue
		}
		if given := alarm.Props.Get(propChannels); given != nil {
			spec.Channels = strings.Split(given.Value, ",")
		}
		for _, lost := range []string{ical.PropRepeat, ical.PropAttach, ical.PropAttendee} {
			if prop := alarm.Props.Get(lost); prop != nil {
				t.say(t.Line, lost, prop.Value, "of a reminder is not kept")
			}
		}
		reminders = append(reminders, spec)
	}
	t.called("/reminders", ical.PropTrigger)
	t.Fields.Reminders = &reminders
}

// alarm reads one; detail says why it cannot be kept.
func (t *todo) alarm(alarm *ical.Component) (spec task.ReminderSpec, detail string) {
	prop := alarm.Props.Get(ical.PropTrigger)
	switch {
	case prop == nil:
		return spec, "is missing: a reminder is left out"
	case t.day == "":
		return spec, "a task without a date reminds of nothing"
	}
	if own := alarm.Props.Get(propWhen); own != nil {
		days, clock, err := daysBefore(own)
		if err == nil {
			return task.ReminderSpec{DaysBefore: &days, Time: &clock}, ""
		}
	}
	if strings.EqualFold(prop.Params.Get(ical.ParamValue), string(ical.ValueDateTime)) {
		wall, zone, ok := t.moment(prop)
		if !ok || !wall.Timed {
			return spec, "is no date-time: a reminder is left out"
		}
		at := recurrence.Resolve(wall, zone).UTC().Format(time.RFC3339)
		return task.ReminderSpec{At: &at}, ""
	}
	minutes, ok := duration(prop.Value)
	if !ok {
		return spec, "is no duration: a reminder is left out"
	}
	if start := t.props.Get(ical.PropDateTimeStart); start != nil && !strings.EqualFold(prop.Params.Get("RELATED"), "END") {
		begins, zone, ok := t.moment(start)
		due, err := recurrence.ParseCivil(t.day)
		if !ok || err != nil {
			return spec, "counts from a start that cannot be read: a reminder is left out"
		}
		minutes -= int(recurrence.Resolve(due, t.zone).Sub(recurrence.Resolve(begins, zone)) / time.Minute)
	}
	spec, ok = reminder(minutes, t.timed)
	if !ok {
		return spec, "rings after the task is due: left out"
	}
	return spec, ""
}

func daysBefore(prop *ical.Prop) (days int, clock string, err error) {
	days, err = prop.Int()
	return days, prop.Params.Get("TIME"), err
}
