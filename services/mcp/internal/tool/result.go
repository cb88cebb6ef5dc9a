package tool

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
)

// The three ways in which a call ends.
const (
	Success = "success"
	Error   = "error"
	Confirm = "confirm" // nothing was done: the person is to be asked
)

// Result is what a call is answered: the structured content of wire-api.md §7, and a short
// text that says the same.
type Result struct {
	Status string `json:"status"`

	Data       json.RawMessage `json:"data,omitempty"`
	Idempotent bool            `json:"idempotent,omitempty"` // it is the result of the same call within the minute before
	DryRun     bool            `json:"dry_run,omitempty"`    // it is what would be

	Error *Problem `json:"error,omitempty"`

	Confirmation string            `json:"confirmation,omitempty"`
	Summary      string            `json:"summary,omitempty"`
	Tasks        []json.RawMessage `json:"tasks,omitempty"`

	Text string `json:"-"`
	// Changed says that something is different now, which undo can take back.
	Changed bool `json:"-"`
}

// Problem says why a call failed, and how to call so that it does not.
type Problem struct {
	Code   string  `json:"code"`
	Field  *string `json:"field"` // a JSON Pointer into the arguments; nil where it is about none
	Detail string  `json:"detail"`
}

// Failed is the result of a call that cannot be carried out.
func Failed(err error) Result {
	p := Problem{Code: string(fault.KindOf(err)), Detail: "something went wrong here; nothing is known to have changed. Call again in a moment"}
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind != fault.Internal {
		p.Detail = e.Message + hint(e)
		if len(e.Fields) > 0 {
			name := pointer(e.Fields[0].Name)
			p.Field, p.Detail = &name, wrongs(e.Fields)
		}
	}
	return Result{Status: Error, Error: &p, Text: "Error (" + p.Code + "): " + p.Detail + "."}
}

// hint says how to go on where the message of a service alone does not.
func hint(err *fault.Error) string {
	switch {
	case err.Message == noTask:
		return " of the person's; list_tasks tells the ids of those that are there, with status deleted of those in the trash"
	case err.Kind == fault.Unavailable, err.Kind == fault.RateLimited:
		return "; call again in a moment"
	}
	return ""
}

// noTask is what the house says of a task that is not there, or not the person's.
const noTask = "no such task"

// wrongs tells of every wrong field at once: "title: at most 200 characters; …".
func wrongs(fields []fault.Field) string {
	said := make([]string, len(fields))
	for i, f := range fields {
		said[i] = strings.TrimPrefix(pointer(f.Name), "/") + ": " + f.Detail
		if pointer(f.Name) == "/" {
			said[i] = f.Detail
		}
	}
	return strings.Join(said, "; ")
}

// pointer makes a JSON Pointer into the arguments of a field's name, which of a list's
// parameters is none. What a path calls id, the arguments call task_id.
func pointer(name string) string {
	if name == "id" {
		return "/task_id"
	}
	if strings.HasPrefix(name, "/") {
		return name
	}
	return "/" + name
}
