// Package conversation holds what a conversation is and how a turn of it goes: a planner says
// what to do next, the tools of the MCP server do it for the person, and what came of it goes
// back to the planner, until it is done.
package conversation

import (
	"context"
	"encoding/json"
	"time"
)

// Planner decides what the agent says and does. There are two: one of rules, which needs no
// key and no network, and one that asks a model.
type Planner interface {
	// Next returns the next step of a turn. Text that is known early may be emitted in parts as
	// it comes; what was emitted is also in the step's Text. An error is the planner's own
	// failure (a provider that is away, say), never a tool's, which comes as a Result.
	Next(ctx context.Context, turn Turn, emit Emit) (Step, error)
}

// Emit takes a part of the step's text, to be shown at once.
type Emit func(delta string)

// Turn is what a planner knows when it is asked.
type Turn struct {
	Now     time.Time       // the person's now, the same all through a turn: its location is their zone
	Locale  string          // BCP 47, such as en-GB: it says the order of day and month
	History []Message       // the conversation before this turn, oldest first, at most 50
	Message string          // what the person said: 1 to 10,000 characters
	Results []Result        // what came of this turn's calls so far, in the order they were asked for
	Memory  json.RawMessage // what the planner kept of the conversation, as its last step said; nil at first
	Request string          // this turn's request id, which all its calls carry: undo with it takes the whole turn back
	Tools   []Offer         // what there is to call; none while the tools are away

	// Approved: the person has said yes to what was pending: their message was "yes", or its
	// button. The turn has made those calls itself, with their confirmation, before it asks the
	// planner: what came of them is in Results. Denied: they said no; nothing was called. Either
	// way nothing is pending any more. Any other message lets it lapse.
	Approved, Denied bool
}

// Message is one side's words of an earlier turn.
type Message struct {
	Role    string // user or assistant
	Text    string
	Results []Result // an assistant's calls, and what came of them
	Request string   // of the assistant's turn, as Turn.Request was then
}

// Step is what a planner wants next. Calls are made in their order; a step without calls ends
// the turn.
type Step struct {
	Text  string
	Calls []Call

	// Asks are changes of more than one task that the last step's Text asks about, naming each
	// task: they wait, and if the person says yes the next turn makes them in this order before
	// its planner is asked, so that their Results are the first.
	Asks []Call

	Memory json.RawMessage // kept with the conversation for later turns; nil keeps what is there
}

// Call is the wish to use a tool. Input is a JSON object as the tool's input schema says.
type Call struct {
	ID    string // unique in its conversation; made up by the turn if empty
	Tool  string
	Input json.RawMessage
}

// Result is what a tool answered: the structured content of wire-api.md §7, whose status is
// success, error or confirm. The turn itself answers confirm too, before it lets a step change
// more than one task: a planner that is told so asks, and ends the turn. It need not keep the
// calls or the confirmation: the turn does.
type Result struct {
	Call   Call
	Output json.RawMessage
}
