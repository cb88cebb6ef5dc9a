package conversation

import (
	"encoding/json"
	"slices"
	"strings"
)

// Part is a piece of a message, as the npm package ai writes the parts of its UIMessage: words,
// a tool that was used, the card of a task, or where a step begins.
type Part struct {
	Type string `json:"type"` // Text, Tool, Card or Begin

	Text  string `json:"text,omitempty"`
	State string `json:"state,omitempty"` // of words and tools

	ToolName   string          `json:"toolName,omitempty"`
	ToolCallID string          `json:"toolCallId,omitempty"`
	Input      json.RawMessage `json:"input,omitempty"`
	Output     json.RawMessage `json:"output,omitempty"`
	ErrorText  string          `json:"errorText,omitempty"`
	Approval   *Approval       `json:"approval,omitempty"`

	ID   string          `json:"id,omitempty"`   // of a card: the task's
	Data json.RawMessage `json:"data,omitempty"` // of a card: the task
}

// Approval is what the person is asked, or has said, before a tool is used.
type Approval struct {
	ID       string `json:"id"`
	Approved *bool  `json:"approved,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// Types of parts.
const (
	Begin = "step-start"
	Text  = "text"
	Tool  = "dynamic-tool"
	Card  = "data-task"
)

// States of words and of tools.
const (
	Streaming = "streaming"
	Spoken    = "done"

	Called   = "input-available"
	Asks     = "approval-requested"
	Answered = "approval-responded"
	Refused  = "output-denied"
	Worked   = "output-available"
	Failed   = "output-error"
)

// Words is a part of finished text.
func Words(text string) Part { return Part{Type: Text, Text: text, State: Spoken} }

// TextOf is all that a message says.
func TextOf(parts []Part) string {
	var said []string
	for _, p := range parts {
		if p.Type == Text && p.Text != "" {
			said = append(said, p.Text)
		}
	}
	return strings.Join(said, "\n\n")
}

// ResultsOf are the calls of a message, and what came of each.
func ResultsOf(parts []Part) (results []Result) {
	for _, p := range parts {
		if p.Type != Tool {
			continue
		}
		r := Result{Call: Call{ID: p.ToolCallID, Tool: p.ToolName, Input: p.Input}, Output: p.Output}
		switch p.State {
		case Worked:
		case Asks, Answered:
			r.Output = json.RawMessage(`{"status":"confirm"}`)
		case Refused:
			r.Output = failure("denied", "the person said no")
		default:
			r.Output = failure("failed", p.ErrorText)
		}
		results = append(results, r)
	}
	return results
}

// Settled are the parts of a message that nobody writes any more: nothing in them waits.
func Settled(parts []Part) []Part {
	settled := slices.Clone(parts)
	for i := range settled {
		switch p := &settled[i]; {
		case p.Type == Text:
			p.State = Spoken
		case p.Type == Tool && p.State == Called:
			p.State, p.ErrorText = Failed, "It was interrupted: whether it was done is not known."
		}
	}
	return settled
}

// Interrupted are the parts of a message whose writer is gone, and says so.
func Interrupted(parts []Part) []Part {
	settled := Settled(parts)
	for _, p := range parts {
		if p.Type == Tool && p.State == Called {
			return append(settled, Words(interruptedInCall))
		}
	}
	return append(settled, Words(interrupted))
}

// Decided are the parts of an earlier message whose open questions the person has answered.
func Decided(parts []Part, yes bool) []Part {
	decided := slices.Clone(parts)
	for i := range decided {
		p := &decided[i]
		if p.Type != Tool || p.State != Asks || p.Approval == nil {
			continue
		}
		p.State, p.Approval = Refused, &Approval{ID: p.Approval.ID, Approved: &yes}
		if yes {
			p.State = Answered
		}
	}
	return decided
}

// failure is a result of the kind error (wire-api.md §7).
func failure(code, detail string) json.RawMessage {
	text, _ := json.Marshal(map[string]any{ // texts cannot fail
		"status": "error", "error": map[string]any{"code": code, "field": nil, "detail": detail},
	})
	return text
}
