package model

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// answer is what the model says, as it comes.
type answer struct {
	emit  conversation.Emit
	text  strings.Builder
	calls []*calling
	ended bool // by the model's own word
}

// calling is a call that comes in pieces.
type calling struct {
	index     int
	id, name  string
	arguments strings.Builder
}

// Bounds of an answer.
const (
	mostBytes = 4 << 20
	mostCalls = 64
	mostInput = 64 << 10 // of one call's arguments
)

func errTooLarge() error { return fault.New(fault.Unavailable, tooLarge) }

// read takes in a stream, or one piece where the server does not stream.
func (a *answer) read(res *http.Response) error {
	body := &bounded{from: res.Body, left: mostBytes}
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media == "application/json" {
		text, err := io.ReadAll(body)
		if err != nil {
			return broke(err)
		}
		return a.chunk(text)
	}
	err := events(body, func(data []byte) error {
		if string(data) == "[DONE]" {
			a.ended = true
			return io.EOF
		}
		return a.chunk(data)
	})
	if err != nil {
		return broke(err)
	}
	if !a.ended {
		return fault.New(fault.Unavailable, cutOff)
	}
	return nil
}

// broke gives a failure of the connection its kind.
func broke(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, cutOff)
}

// bounded is a body that is read no further than so far.
type bounded struct {
	from io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(buf []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge()
	}
	n, err := b.from.Read(buf[:min(len(buf), b.left)])
	b.left -= n
	return n, err
}

// chunk takes in one event, or a whole answer.
func (a *answer) chunk(data []byte) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return fault.Wrap(fault.Unavailable, err, unreadable)
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return fault.Wrap(fault.Unavailable, errors.New(string(c.Error[:min(len(c.Error), 1024)])), failed)
	}
	for _, choice := range c.Choices { // none in the last one, which tells the usage
		if choice.Index != 0 {
			continue
		}
		for _, said := range []*delta{choice.Delta, choice.Message} {
			if said == nil {
				continue
			}
			if err := a.take(*said); err != nil {
				return err
			}
		}
		if choice.FinishReason != "" { // any: some say stop where they call
			a.ended = true
		}
	}
	return nil
}

func (a *answer) take(d delta) error {
	if d.Content != "" {
		a.text.WriteString(d.Content)
		a.emit(d.Content)
	}
	for _, piece := range d.ToolCalls {
		c, err := a.calling(piece)
		if err != nil {
			return err
		}
		if c.id == "" {
			c.id = piece.ID
		}
		if c.name == "" {
			c.name = piece.Function.Name
		}
		c.arguments.WriteString(piece.Function.text())
		if c.arguments.Len() > mostInput {
			return errTooLarge()
		}
	}
	return nil
}

// calling finds the call that a piece belongs to, or begins one. A piece says so by its index;
// some servers leave that out, or repeat it with whole calls one after another.
func (a *answer) calling(p piece) (*calling, error) {
	index := max(len(a.calls)-1, 0)
	if p.Index != nil {
		index = *p.Index
	}
	for _, c := range a.calls {
		if c.index != index {
			continue
		}
		other := p.ID != "" && c.id != "" && p.ID != c.id
		whole := p.Function.Name != "" && c.name != "" && json.Valid([]byte(c.arguments.String()))
		if !other && !whole {
			return c, nil
		}
		c.index = -1 // what follows with this index is of the new one
	}
	if len(a.calls) == mostCalls {
		return nil, errTooLarge()
	}
	c := &calling{index: index}
	a.calls = append(a.calls, c)
	return c, nil
}

// step is what the model wants, as far as it came. What is not JSON stays so: the turn refuses
// it, and the model is told.
func (a *answer) step() conversation.Step {
	step := conversation.Step{Text: a.text.String()}
	for _, c := range a.calls {
		input := strings.TrimSpace(c.arguments.String())
		if input == "" || input == "null" {
			input = "{}"
		}
		step.Calls = append(step.Calls, conversation.Call{ID: c.id, Tool: c.name, Input: json.RawMessage(input)})
	}
	return step
}
