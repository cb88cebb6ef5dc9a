// Package rules plans the chat without a model: it knows the phrases in which people speak of
// tasks, asks where it is not sure, and answers in a sentence or two. Dates and the like are read
// by the api's grammar, through the tool parse_task. Questions and negations change nothing, what
// changes more than one task is asked about first, and what stands in quotes is never read.
package rules

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// MaxSteps is how many steps a turn may take at the most: a command needs at most six calls, and
// a message holds at most maxCommands of them.
const MaxSteps = 6*maxCommands + 2

const (
	maxCommands = 10
	maxMessage  = 2000 // in code points, as much as parse_task takes
)

// Planner plans turns. It keeps nothing: all that it knows of a conversation is in its memory.
type Planner struct{}

// Next runs the turn from its begin on what its calls have answered so far, up to the first call
// that has no answer yet. So the rules read as if tools answered at once, a turn may go on in
// another process, and only the last step of a turn changes the memory.
func (Planner) Next(_ context.Context, turn conversation.Turn, emit conversation.Emit) (conversation.Step, error) {
	s := &script{turn: turn, mem: recall(turn.Memory), seen: map[string]task{}}
	err := s.run()
	if err != nil && !errors.Is(err, errAsked) && !errors.Is(err, errWaiting) {
		return conversation.Step{}, err
	}
	step := conversation.Step{Text: strings.TrimSpace(s.said.String()), Calls: s.wanted}
	if errors.Is(err, errWaiting) {
		if step.Text != "" {
			step.Text += "\n\n"
		}
	} else {
		step.Memory, step.Asks = s.mem.kept(), s.asks
	}
	if step.Text != "" && emit != nil {
		emit(step.Text)
	}
	return step, nil
}

var (
	errWaiting = errors.New("a call has no answer yet")
	errAsked   = errors.New("the person was asked something")
)

// script is one turn as it runs.
type script struct {
	turn    conversation.Turn
	mem     memory
	used    int // how many of the turn's results were looked at
	before  int // how many there were before the first step
	wanted  []conversation.Call
	asks    []conversation.Call // that the person is asked about
	said    strings.Builder     // in this step
	changes int                 // that this turn has made
	careful bool                // even one change is asked about
	several bool                // changes of more than one task are wanted: they wait in plan
	plan    []change
	rest    []string         // commands behind the one at hand
	chosen  map[string]named // what the person picked where words meant several
	seen    map[string]task  // tasks that this turn has read
}

// run answers the message.
func (s *script) run() error {
	said := textOf(s.turn.Message)
	if len(said.runes) > maxMessage {
		s.say("That is more than I can read at once. Send it in pieces of at most 2,000 characters, please.")
		return nil
	}
	err := s.message(said)
	if err == nil && len(s.plan) > 0 {
		err = s.askPlan(nil)
	}
	if err == nil || errors.Is(err, errAsked) {
		s.remember()
	}
	return err
}

// remember notes the turn as one to take back, if it changed something.
func (s *script) remember() {
	if s.changes > 0 {
		s.mem.Done = append(s.mem.Done, done{Request: s.turn.Request, Changes: s.changes})
	}
}

// output is what a tool answered.
type output struct {
	Status     string          `json:"status"`
	Data       json.RawMessage `json:"data"`
	Idempotent bool            `json:"idempotent"`
	Error      problem         `json:"error"`
	Tasks      []task          `json:"tasks"` // of confirm: that would be changed
}

// problem is why a tool did not do what it was asked for.
type problem struct {
	Code   string `json:"code"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// call is a tool's answer, or errWaiting until there is one.
func (s *script) call(tool string, input map[string]any) (output, error) {
	encoded, err := json.Marshal(input)
	if err != nil {
		return output{}, err
	}
	if s.used == len(s.turn.Results) {
		s.wanted = append(s.wanted, conversation.Call{Tool: tool, Input: encoded})
		return output{}, errWaiting
	}
	result := s.turn.Results[s.used]
	s.used++
	if s.used > s.before {
		s.said.Reset() // it was said in an earlier step
	}
	if result.Call.Tool != tool {
		return output{}, errors.New("result " + strconv.Itoa(s.used) + " is not of " + tool)
	}
	var out output
	if err := json.Unmarshal(result.Output, &out); err != nil {
		out = output{Status: "error", Error: problem{Code: "unreadable"}}
	}
	return out, nil
}

// read calls a tool that must answer data, and reads that. Where there is none the person is told.
func (s *script) read(tool string, input map[string]any, data any) error {
	out, err := s.call(tool, input)
	if err != nil {
		return err
	}
	if out.Status == "success" && json.Unmarshal(out.Data, data) == nil {
		return nil
	}
	s.sayProblem(out.Error, "")
	return errAsked
}

// say adds a paragraph to the answer.
func (s *script) say(words string) {
	if s.said.Len() > 0 {
		s.said.WriteString("\n\n")
	}
	s.said.WriteString(words)
}

// ask says a question and keeps what is needed to go on. The turn keeps the calls that it is
// about, and makes them itself once the person says yes.
func (s *script) ask(words string, w wait) error {
	s.say(words)
	for _, c := range w.Changes {
		if w.For == sure {
			input, err := json.Marshal(c.Input)
			if err != nil {
				return err
			}
			s.asks = append(s.asks, conversation.Call{Tool: c.Tool, Input: input})
		}
	}
	w.Rest, w.Chosen = s.rest, s.chosen
	if w.For != sure {
		w.Changes = s.plan
	}
	s.mem.Wait, s.plan = &w, nil
	return errAsked
}
