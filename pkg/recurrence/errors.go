package recurrence

import (
	"errors"
	"fmt"

	"github.com/tickler-app/tickler/pkg/fault"
)

// The codes of an Error. They are stable: clients act on them.
const (
	Malformed     = "malformed"       // cannot be read
	Unknown       = "unknown"         // a part, a weekday or a word that there is not
	Duplicate     = "duplicate"       // a part stands twice
	Required      = "required"        // a part is missing
	OutOfRange    = "out_of_range"    // a number beyond its limits
	CountAndUntil = "count_and_until" // only one end is possible
	SubDaily      = "sub_daily"       // hours, minutes, seconds
	NotAllowed    = "not_allowed"     // parts that RFC 5545 does not let stand together
	Unsupported   = "unsupported"     // sound, but not expressible here
	Contradiction = "contradiction"   // rrule says one thing and the other fields another
	Never         = "never"           // no date at all
)

// Error is why a rule is refused.
type Error struct {
	// Name is a JSON pointer to the field of the simple form, such as "/interval". It is empty
	// where the rule was a text.
	Name   string
	Code   string // one of the codes above
	Detail string // for a person, with the position in the text where there is one

	part string // of the rule, by its RFC 5545 name
}

func (e *Error) Error() string {
	if e.Name != "" {
		return e.Name + ": " + e.Detail
	}
	return e.Detail
}

// Fault turns an error of this package into one of kind fault.Invalid whose field lies at the
// pointer, say "/recurrence_rule", or in it. Other errors stay as they are.
func Fault(err error, pointer string) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return fault.Fields(fault.Field{Name: pointer + e.Name, Code: e.Code, Detail: e.Detail})
	}
	return err
}

func wrong(part, code, format string, args ...any) *Error {
	return &Error{part: part, Code: code, Detail: fmt.Sprintf(format, args...)}
}
