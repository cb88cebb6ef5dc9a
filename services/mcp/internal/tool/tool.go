// Package tool is what an agent may do for a person, and the rules of it: what a repeat is,
// what is asked about first, and what is answered (wire-api.md §7). Tasks themselves are
// judged where they are kept.
package tool

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Caller is who calls a tool: the person that the token speaks for, and nobody else.
type Caller struct {
	UserID string
	Scopes []string // what the token reaches; nil for everything
	Token  string   // to show to the services that keep things
}

func (c Caller) may(scope string) bool { return c.Scopes == nil || slices.Contains(c.Scopes, scope) }

// The scopes that tools need (wire-api.md §4).
const (
	read    = "tasks:read"
	write   = "tasks:write"
	history = "audit:read"
)

// House is where tasks and their trail are kept.
type House interface {
	// Ask makes one call for the caller. Its errors have kinds, and name the wrong fields.
	Ask(ctx context.Context, caller Caller, ask Ask) (Answer, error)
}

// Ask is one call of wire-api.md, below /api/{user_id}.
type Ask struct {
	Method string
	Path   []string // its parts, not escaped
	Query  url.Values
	Body   any           // nil for none
	Key    string        // under which it has its effect once; empty for none
	Window time.Duration // that the key counts; zero for as long as it is kept
}

// Answer is what came of an Ask.
type Answer struct {
	Body     json.RawMessage
	Replayed bool // it is the answer to an earlier call under the same key
}

// Service carries out calls of tools.
type Service struct {
	House House
	Seal  Seal
	Now   func() time.Time
}

// call is one call of a tool.
type call struct {
	*Service
	caller Caller
	name   string
	args   args
}

// doing carries a call out.
type doing func(ctx context.Context, c call) (Result, error)

// tools are all tools, by name: the scope that each needs, and what it does.
var tools = map[string]struct {
	scope string
	do    doing
}{
	"add_task":        {write, add},
	"list_tasks":      {read, list},
	"get_task":        {read, get},
	"update_task":     {write, update},
	"complete_task":   {write, complete},
	"reopen_task":     {write, action("reopen", "Reopened")},
	"delete_task":     {write, remove},
	"restore_task":    {write, action("restore", "Restored")},
	"reschedule_task": {write, reschedule},
	"set_reminder":    {write, remind},
	"skip_occurrence": {write, action("skip", "Skipped")},
	"undo":            {write, undo},
	"get_history":     {history, trail},
	"parse_task":      {read, parse},
	"list_tags":       {read, tags},
	"get_stats":       {read, stats},
}

// Names are the names of all tools, in no order.
func Names() []string {
	names := make([]string, 0, len(tools))
	for name := range tools {
		names = append(names, name)
	}
	return names
}

// Call carries out a call whose arguments are as the tool's schema says. It always has a
// result: an error is one too.
func (s *Service) Call(ctx context.Context, caller Caller, name string, arguments json.RawMessage) Result {
	tool, known := tools[name]
	if !known {
		return Failed(fault.New(fault.NotFound, "there is no tool %q", name))
	}
	if !caller.may(tool.scope) {
		return Failed(fault.New(fault.Forbidden, "the token lacks the scope %s: %s needs it; ask the person for a token that has it", tool.scope, name))
	}
	given, err := readArgs(arguments)
	if err != nil {
		return Failed(err)
	}
	result, err := tool.do(ctx, call{s, caller, name, given})
	if err != nil {
		return Failed(err)
	}
	result.DryRun = given.flag("dry_run")
	return result
}
