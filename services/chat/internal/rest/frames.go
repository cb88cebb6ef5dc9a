package rest

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// frame is one of the UI message stream, version 1, as the npm package ai reads it: only keys
// that it knows (wire-chat.md).
type frame struct {
	Type            string            `json:"type"`
	MessageID       string            `json:"messageId,omitempty"`
	MessageMetadata map[string]string `json:"messageMetadata,omitempty"`
	ID              string            `json:"id,omitempty"`
	Delta           string            `json:"delta,omitempty"`
	ToolCallID      string            `json:"toolCallId,omitempty"`
	ToolName        string            `json:"toolName,omitempty"`
	Input           json.RawMessage   `json:"input,omitempty"`
	Output          json.RawMessage   `json:"output,omitempty"`
	ErrorText       string            `json:"errorText,omitempty"`
	Dynamic         bool              `json:"dynamic,omitempty"`
	ApprovalID      string            `json:"approvalId,omitempty"`
	Data            json.RawMessage   `json:"data,omitempty"`
	FinishReason    string            `json:"finishReason,omitempty"`
}

// teller turns an answer, as it grows, into frames: each time those that are new. It needs
// nothing but the answer's parts, so a reader may begin at any time and anywhere.
type teller struct {
	conversation, turn uuid.UUID

	begun  bool
	inStep bool
	told   []told
}

// told is how much of a part the reader knows.
type told struct {
	text  int // bytes
	state string
	data  string
}

// tell returns the frames between what was told and v.
func (t *teller) tell(v conversation.View) (frames []frame) {
	if !t.begun {
		t.begun = true
		frames = append(frames, frame{Type: "start", MessageID: t.turn.String(),
			MessageMetadata: map[string]string{"conversation_id": t.conversation.String()}})
	}
	for i, p := range v.Parts {
		fresh := i >= len(t.told)
		if fresh {
			t.told = append(t.told, told{})
		}
		frames = append(frames, t.part(i, p, fresh)...)
	}
	if v.Status != conversation.Running {
		frames = append(frames, t.end(v)...)
	}
	return frames
}

func (t *teller) part(i int, p conversation.Part, fresh bool) []frame {
	seen := &t.told[i]
	defer func() { seen.text, seen.state, seen.data = len(p.Text), p.State, string(p.Data) }()
	switch p.Type {
	case conversation.Begin:
		if !fresh {
			return nil
		}
		frames := append(t.endStep(), frame{Type: "start-step"})
		t.inStep = true
		return frames
	case conversation.Text:
		return words("t"+strconv.Itoa(i), p, *seen, fresh)
	case conversation.Tool:
		return use(p, *seen, fresh)
	case conversation.Card:
		if !fresh && seen.data == string(p.Data) {
			return nil
		}
		return []frame{{Type: conversation.Card, ID: p.ID, Data: p.Data}}
	}
	return nil
}

func words(id string, p conversation.Part, seen told, fresh bool) (frames []frame) {
	if fresh {
		frames = append(frames, frame{Type: "text-start", ID: id})
	}
	if len(p.Text) > seen.text {
		frames = append(frames, frame{Type: "text-delta", ID: id, Delta: p.Text[seen.text:]})
	}
	if p.State == conversation.Spoken && seen.state != conversation.Spoken {
		frames = append(frames, frame{Type: "text-end", ID: id})
	}
	return frames
}

func use(p conversation.Part, seen told, fresh bool) (frames []frame) {
	if fresh {
		frames = append(frames, frame{Type: "tool-input-available", ToolCallID: p.ToolCallID, ToolName: p.ToolName, Input: p.Input, Dynamic: true})
	}
	if p.State == seen.state {
		return frames
	}
	switch p.State {
	case conversation.Asks:
		frames = append(frames, frame{Type: "tool-approval-request", ApprovalID: p.Approval.ID, ToolCallID: p.ToolCallID})
	case conversation.Worked:
		frames = append(frames, frame{Type: "tool-output-available", ToolCallID: p.ToolCallID, Output: p.Output, Dynamic: true})
	case conversation.Failed:
		frames = append(frames, frame{Type: "tool-output-error", ToolCallID: p.ToolCallID, ErrorText: p.ErrorText, Dynamic: true})
	case conversation.Refused:
		frames = append(frames, frame{Type: "tool-output-denied", ToolCallID: p.ToolCallID})
	}
	return frames
}

func (t *teller) endStep() []frame {
	if !t.inStep {
		return nil
	}
	t.inStep = false
	return []frame{{Type: "finish-step"}}
}

// end says why nothing more comes.
func (t *teller) end(v conversation.View) []frame {
	frames := t.endStep()
	switch v.Status {
	case conversation.Stopped:
		return append(frames, frame{Type: "abort"})
	case conversation.Broken:
		return append(frames, frame{Type: "error", ErrorText: lastWords(v.Parts)})
	case conversation.Limited:
		return append(frames, frame{Type: "finish", FinishReason: "length"})
	}
	return append(frames, frame{Type: "finish", FinishReason: "stop"})
}

// lastWords are those in which an answer that broke off says why.
func lastWords(parts []conversation.Part) string {
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i].Type == conversation.Text {
			return parts[i].Text
		}
	}
	return "It broke off."
}

// line is a frame as it is sent (HTML, server-sent events).
func (f frame) line() ([]byte, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("a frame of type %s: %w", f.Type, err)
	}
	return fmt.Appendf(nil, "data: %s\n\n", text), nil
}
