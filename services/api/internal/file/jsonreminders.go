package file

import (
	"encoding/json"
	"time"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// remind reads the reminders: words, or one of the forms with what became of it.
func (e *jsonEntry) remind() {
	var list []json.RawMessage
	if !e.read("reminders", &list) {
		return
	}
	var snoozed []*time.Time
	e.read("snoozed_until", &snoozed)
	specs, rung := []task.ReminderSpec{}, []task.Rung{}
	for i, raw := range list {
		spec, became, ok := filedReminder(raw)
		if !ok {
			e.say(e.Line, "reminders", string(raw), "is no reminder: left out")
			continue
		}
		if len(snoozed) == len(list) {
			became.Snoozed = snoozed[i]
		}
		specs, rung = append(specs, spec), append(rung, became)
	}
	e.Fields.Reminders, e.Rung = &specs, rung
}

func filedReminder(raw json.RawMessage) (spec task.ReminderSpec, became task.Rung, ok bool) {
	if raw[0] == '"' {
		var words string
		err := json.Unmarshal(raw, &words)
		return task.ReminderSpec{Words: &words}, became, err == nil
	}
	var form struct {
		MinutesBefore *int       `json:"minutes_before"`
		DaysBefore    *int       `json:"days_before"`
		Time          *string    `json:"time"`
		At            *string    `json:"at"`
		Channels      []string   `json:"channels"`
		Status        string     `json:"status"`
		SentAt        *time.Time `json:"sent_at"`
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		return spec, became, false
	}
	became = task.Rung{Status: task.ReminderStatus(form.Status), SentAt: form.SentAt}
	return task.ReminderSpec{MinutesBefore: form.MinutesBefore, DaysBefore: form.DaysBefore, Time: form.Time, At: form.At, Channels: form.Channels}, became, true
}
