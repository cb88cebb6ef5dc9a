package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// act makes the calls of a step, in order; questions that stand next to each other go side by
// side. circling reports that nothing in the step was new.
func (t *turn) act(ctx context.Context, calls []Call) (circling bool, err error) {
	for i := range calls {
		calls[i] = cleaned(calls[i])
		if calls[i].ID == "" || t.used(calls[i].ID, calls[:i]) {
			calls[i].ID = uuid.NewString()
		}
	}
	all := t.guard.judge(calls)
	circling = true
	for i := 0; i < len(all); {
		end := i + 1
		for t.question(all[i]) && end < len(all) && t.question(all[end]) {
			end++
		}
		if err := t.perform(ctx, all[i:end]); err != nil {
			return false, err
		}
		for ; i < end; i++ {
			circling = circling && t.guard.asked[printOf(all[i].Call)] > 1+maxRepeats
		}
	}
	return circling, t.leave(ctx)
}

// leave is the cause of the turn's end, if it is to end.
func (t *turn) leave(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (t *turn) question(j judged) bool {
	return j.verdict == allowed && t.guard.offers[j.Tool].ReadOnly
}

// used reports whether an id is that of another call already.
func (t *turn) used(id string, before []Call) bool {
	for _, c := range before {
		if c.ID == id {
			return true
		}
	}
	for _, r := range t.told.Results {
		if r.Call.ID == id {
			return true
		}
	}
	return false
}

// perform makes calls side by side, and shows and notes what comes of each in their order.
func (t *turn) perform(ctx context.Context, all []judged) error {
	if err := t.leave(ctx); err != nil {
		return err
	}
	outputs, errs := make([]json.RawMessage, len(all)), make([]error, len(all))
	var wait sync.WaitGroup
	for i, j := range all {
		input := j.Input
		if !isObject(input) || len(input) > maxInput {
			input = json.RawMessage(`{}`)
		}
		t.draft.add(Part{Type: Tool, ToolCallID: j.ID, ToolName: cut(j.Tool, 64), Input: input, State: Called})
		switch j.verdict {
		case allowed:
			wait.Go(func() { outputs[i], errs[i] = t.call(ctx, j.Call) })
		case held:
			outputs[i], errs[i] = t.rehearse(ctx, j.Call)
		default:
			outputs[i] = j.answer
		}
	}
	wait.Wait()
	for i, j := range all {
		if fault.KindOf(errs[i]) == fault.Unauthorized {
			t.settle(judged{Call: j.Call, verdict: refused}, failure("unauthorized", "it was not done: the session has ended"))
		}
	}
	for i, j := range all {
		if errs[i] != nil {
			return errs[i]
		}
		if statusOf(outputs[i]) == "confirm" {
			t.hold(j, outputs[i])
		} else {
			t.settle(j, outputs[i])
		}
	}
	return nil
}

// call asks a tool. That is not cut short by whoever stops the turn, so that it is known what
// came of it. Before a change what is there so far is kept: if this process dies in it, the
// conversation shows that the call was under way. An error is the end of the turn.
func (t *turn) call(ctx context.Context, c Call) (json.RawMessage, error) {
	if !t.guard.offers[c.Tool].ReadOnly {
		if _, err := t.service.Turns.Beat(ctx, t.person.ID, t.begun.Turn, t.draft.kept()); err != nil {
			return nil, err
		}
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer done()
	output, err := t.service.Tools.Call(ctx, t.person, t.ask.Request, c)
	switch {
	case fault.KindOf(err) == fault.Unauthorized:
		return nil, err
	case errors.Is(err, context.DeadlineExceeded):
		return failure("timeout", "the tool did not answer in time: whether it was done is not known"), nil
	case err != nil:
		return failure("unavailable", "the tool cannot be reached: whether it was done is not known"), nil
	case !isObject(output):
		return failure("malformed", "the tool answered what cannot be read"), nil
	}
	return output, nil
}

// settle notes what came of a call, and shows it.
func (t *turn) settle(j judged, output json.RawMessage) {
	if j.verdict == allowed {
		t.guard.made(j, output)
	}
	t.told.Results = append(t.told.Results, Result{Call: j.Call, Output: output})
	var r struct {
		Status string
		Error  struct{ Detail string }
		Data   json.RawMessage
	}
	_ = json.Unmarshal(output, &r) // it is an object; another shape than ours has no status
	t.draft.tool(j.ID, func(p *Part) {
		if p.State, p.Output = Worked, shortened(output); r.Status == "error" {
			p.State, p.Output, p.ErrorText = Failed, nil, firstOf(r.Error.Detail, "it failed")
		}
	})
	if r.Status == "success" && !dry(j.Input) {
		t.cards(j, r.Data)
	}
}

// most cards that one call shows.
const maxCards = 20

// cards shows the tasks that a call was about: one, or those that it changed.
func (t *turn) cards(j judged, data json.RawMessage) {
	var d struct {
		ID, Title string
		Tasks     []json.RawMessage
	}
	if json.Unmarshal(data, &d) != nil {
		return
	}
	if d.ID != "" && d.Title != "" {
		t.draft.card(d.ID, data)
		return
	}
	if t.guard.offers[j.Tool].ReadOnly {
		return // a list is told in words
	}
	for i, task := range d.Tasks {
		var one struct{ ID, Title string }
		if i < maxCards && json.Unmarshal(task, &one) == nil && one.ID != "" && one.Title != "" {
			t.draft.card(one.ID, task)
		}
	}
}

func statusOf(output json.RawMessage) string {
	var r struct{ Status string }
	_ = json.Unmarshal(output, &r) // what is no object has none
	return r.Status
}

// shortened is what is kept of an output: all of it, unless it is very long.
func shortened(output json.RawMessage) json.RawMessage {
	if len(output) <= maxOutput {
		return output
	}
	return json.RawMessage(`{"status":"success","data":null,"shortened":true}`)
}
