package rest

import (
	"errors"
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
	}
}
