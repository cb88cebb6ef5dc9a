package conversation

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// pendingFor is how long a yes counts, as long as a confirmation of a tool's.
const pendingFor = 10 * time.Minute

// decide does what the person has just said yes to, exactly that.
func (t *turn) decide(ctx context.Context) error {
	pending := t.begun.Pending
	if pending == nil {
		return nil
	}
	says, yes := decision(t.told.Message)
	yes = yes && t.service.Now().Before(pending.Until)
	if says {
		t.told.Approved, t.told.Denied = yes, !yes
	}
	t.end.Decided = &yes
	if !yes {
		return nil
	}
	t.draft.add(Part{Type: Begin})
	for _, h := range pending.Calls {
		j := judged{Call: h.Call, ids: t.guard.changes(h.Call)}
		j.ID = uuid.NewString()
		if err := t.approved(ctx, j, h.Confirmation); err != nil {
			return err
		}
	}
	return nil
}

// approved makes a call with its confirmation, or with the one that its tool gives now: the
// person has said yes to this call, whoever asked.
func (t *turn) approved(ctx context.Context, j judged, confirmation string) error {
	t.draft.add(Part{Type: Tool, ToolCallID: j.ID, ToolName: j.Tool, Input: j.Input, State: Called})
	for range 2 {
		c := j.Call
		if confirmation != "" {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(c.Input, &fields); err != nil {
				return err // it was judged before it was held
			}
			fields["confirmation"], _ = json.Marshal(confirmation) // a text
			c.Input, _ = json.Marshal(fields)                      // it came from JSON
		}
		output, err := t.call(ctx, c)
		if err != nil {
			return err
		}
		if confirmation = confirmationOf(output); confirmation == "" {
			t.settle(j, output)
			return nil
		}
	}
	t.settle(j, failure("confirm", "it asked again: say once more what you want"))
	return nil
}

// rehearse asks a tool what a call would do, for a call that waits for the person's yes. What
// would fail anyway is not asked about.
func (t *turn) rehearse(ctx context.Context, c Call) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.Input, &fields); err != nil {
		return nil, err // it was judged to be an object
	}
	fields["dry_run"] = json.RawMessage("true")
	try := c
	try.Input, _ = json.Marshal(fields) // it came from JSON
	output, err := t.call(ctx, try)
	if err != nil || statusOf(output) == "error" {
		return output, err
	}
	var r struct {
		Data  json.RawMessage
		Tasks []json.RawMessage
	}
	_ = json.Unmarshal(output, &r) // it is an object
	var list struct{ Tasks []json.RawMessage }
	switch {
	case r.Tasks != nil: // it asks itself
	case json.Unmarshal(r.Data, &list) == nil && list.Tasks != nil:
		r.Tasks = list.Tasks
	case r.Data != nil:
		r.Tasks = []json.RawMessage{r.Data}
	}
	asked, err := json.Marshal(map[string]any{"status": "confirm", "summary": c.Tool + ": " + titles(r.Tasks), "tasks": r.Tasks})
	return asked, err
}

// titles names tasks.
func titles(tasks []json.RawMessage) string {
	var all []string
	for _, task := range tasks {
		var one struct{ Title string }
		if json.Unmarshal(task, &one) == nil && one.Title != "" {
			all = append(all, "“"+one.Title+"”")
		}
	}
	return strings.Join(all, ", ")
}

// spell says what waits for the person's yes, where the planner's words leave a task out: they
// must know what they say yes to.
func (t *turn) spell(said string) {
	if t.end.Pending == nil {
		return
	}
	var lines []string
	told := true
	for _, r := range t.told.Results {
		var asked struct {
			Status, Summary string
			Tasks           []struct{ Title string }
		}
		if json.Unmarshal(r.Output, &asked) != nil || asked.Status != "confirm" {
			continue
		}
		lines = append(lines, "- "+firstOf(asked.Summary, r.Call.Tool))
		told = told && len(asked.Tasks) > 0
		for _, task := range asked.Tasks {
			told = told && strings.Contains(said, task.Title)
		}
	}
	if !told {
		t.draft.add(Words(needsYes + "\n" + strings.Join(lines, "\n")))
	}
}

// await keeps what the planner has asked the person about itself.
func (t *turn) await(asks []Call) {
	for _, c := range asks {
		if c = cleaned(c); !isObject(c.Input) || t.pending(c) {
			continue
		}
		c.ID = uuid.NewString()
		t.draft.add(Part{Type: Tool, ToolCallID: c.ID, ToolName: cut(c.Tool, 64), Input: c.Input, State: Called})
		t.hold(judged{Call: c}, nil)
	}
}

func (t *turn) pending(c Call) bool {
	return t.end.Pending != nil && slices.ContainsFunc(t.end.Pending.Calls, func(h Held) bool { return printOf(h.Call) == printOf(c) })
}

// hold notes a call that waits for the person's yes, and asks. The planner is not told the
// confirmation.
func (t *turn) hold(j judged, output json.RawMessage) {
	if t.end.Pending == nil {
		t.end.Pending = &Pending{Until: t.service.Now().Add(pendingFor)}
	}
	t.guard.waits = true
	t.end.Pending.Calls = append(t.end.Pending.Calls, Held{Call: j.Call, Confirmation: confirmationOf(output)})
	t.draft.tool(j.ID, func(p *Part) { p.State, p.Approval = Asks, &Approval{ID: uuid.NewString()} })
	t.told.Results = append(t.told.Results, Result{Call: j.Call, Output: without(output, "confirmation")})
}

// confirmationOf is what a tool asks to be called with again, if the person says yes.
func confirmationOf(output json.RawMessage) string {
	var r struct{ Status, Confirmation string }
	if json.Unmarshal(output, &r) != nil || r.Status != "confirm" {
		return ""
	}
	return r.Confirmation
}

func without(output json.RawMessage, field string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(output, &fields) != nil {
		return output
	}
	delete(fields, field)
	text, _ := json.Marshal(fields) // it came from JSON
	return text
}
