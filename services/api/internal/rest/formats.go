package rest

import (
	"errors"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Formats are those that the document names for what only this service can read, so that an
// answer tells of a wrong date beside an empty title.
func Formats() []openapi.Format {
	return []openapi.Format{
		{Name: "due-date", Check: func(text string) (code, detail string) {
			if _, err := task.ParseDue(text, time.UTC); err != nil {
				return "format", err.Error()
			}
			return "", ""
		}},
		{Name: "moment", Check: func(text string) (code, detail string) {
			if _, err := momentOf(text); text != "" && err != nil { // "" is none
				return "format", err.Error()
			}
			return "", ""
		}},
		{Name: "time-zone", Check: func(text string) (code, detail string) {
			if _, err := task.LoadZone(text); text != "" && err != nil { // "" is none
				return "not_allowed", "is no time zone of the IANA database"
			}
			return "", ""
		}},
		{Name: "recurrence", Check: func(text string) (code, detail string) {
			refused, ok := errors.AsType[*fault.Error]((&task.RuleSpec{Text: text}).Check())
			if !ok || len(refused.Fields) == 0 {
				return "", ""
			}
			return refused.Fields[0].Code, refused.Fields[0].Detail
		}},
		{Name: "reminder", Check: func(text string) (code, detail string) {
			if task.CheckReminder(text) != nil {
				return "format", "is not understood: say for example “1 hour before” or “the day before at 18:00”"
			}
			return "", ""
		}},
		{Name: "not-blank", Check: func(text string) (code, detail string) {
			if text != "" && strings.TrimSpace(text) == "" { // an empty one is told as such
				return "too_short", "at least 1 character that is not a space"
			}
			return "", ""
		}},
	}
}
