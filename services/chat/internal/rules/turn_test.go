package rules_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/rules"
)

// guard is what the chat's turn sees to, as docs/decisions/0080 says: that no more than one task
// that was there before is changed without a yes.
type guard struct {
	message string
	mine    map[string]bool
	changed map[string]bool
}

var (
	saysYes  = regexp.MustCompile(`^(?:(?:yes|y|yep|yeah|sure|ok|okay|confirm|confirmed|do it|go ahead|proceed|please do|please|delete (?:them|it|all)) ?)+$`)
	saysNo   = regexp.MustCompile(`^(?:no|n|nope|nah|cancel|stop|never mind|no thanks|forget it|keep them|no don't)$`)
	asksBack = regexp.MustCompile(`(?i)\b(undo|revert|restore|take (it|that|this|them|all|everything)( all)? back|bring (it|that|them|all|everything)( all)? back|put (it|that|them) back)\b`)
	notWords = regexp.MustCompile(`[^\p{L}\p{N}' ]+`)
)

// decide makes what was asked about, if the message says yes.
func (c *talk) decide(ask *conversation.Turn, t *turn) {
	words := strings.Join(strings.Fields(notWords.ReplaceAllString(strings.ToLower(ask.Message), " ")), " ")
	held := c.held
	c.held = nil
	if len(held) == 0 {
		return
	}
	ask.Approved, ask.Denied = saysYes.MatchString(words), saysNo.MatchString(words)
	for _, call := range held {
		if !ask.Approved {
			return
		}
		made := call
		output := c.call(call)
		var asked struct{ Confirmation string }
		if _ = json.Unmarshal(output, &asked); asked.Confirmation != "" {
			var fields map[string]any
			_ = json.Unmarshal(call.Input, &fields)
			fields["confirmation"] = asked.Confirmation
			made.Input, _ = json.Marshal(fields)
			output = c.call(made)
		}
		t.calls, t.told = append(t.calls, made), append(t.told, c.told(made))
		ask.Results = append(ask.Results, conversation.Result{Call: call, Output: output})
	}
}

// guarded makes a call, or holds it.
func (c *talk) guarded(g *guard, call conversation.Call) json.RawMessage {
	if looking.MatchString(call.Tool) || call.Tool == "add_task" {
		output := c.call(call)
		g.note(call, output)
		return output
	}
	would := map[string]bool{}
	for id := range g.changed {
		would[id] = true
	}
	ids := g.ids(call)
	for _, id := range ids {
		would[id] = true
	}
	if len(would) > 1 && len(ids) == 1 && !g.changed[ids[0]] {
		c.held = append(c.held, call)
		return json.RawMessage(`{"status":"confirm","summary":"This changes more than one task."}`)
	}
	output := c.call(call)
	var asked map[string]json.RawMessage
	_ = json.Unmarshal(output, &asked)
	if asked["confirmation"] != nil {
		c.held = append(c.held, call)
		delete(asked, "confirmation")
		output, _ = json.Marshal(asked)
		return output
	}
	g.note(call, output)
	return output
}

// ids are the tasks that a call would change, without those that are new.
func (g *guard) ids(call conversation.Call) (ids []string) {
	var in struct {
		Task    string   `json:"task_id"`
		Tasks   []string `json:"task_ids"`
		Request string   `json:"request_id"`
	}
	_ = json.Unmarshal(call.Input, &in)
	if in.Task == "" && len(in.Tasks) == 0 {
		ids = []string{"?"}
		if in.Request != "" && !asksBack.MatchString(g.message) {
			ids = append(ids, "more")
		}
		return ids
	}
	for _, id := range append(in.Tasks, in.Task) {
		if id != "" && !g.mine[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

func (g *guard) note(call conversation.Call, output json.RawMessage) {
	var out struct {
		Status string
		Data   struct{ ID string }
	}
	if json.Unmarshal(output, &out) != nil || out.Status != "success" || looking.MatchString(call.Tool) {
		return
	}
	if call.Tool == "add_task" {
		g.mine[out.Data.ID] = true
		return
	}
	for _, id := range g.ids(call) {
		g.changed[id] = true
	}
}

// What the turn asked about by itself, this planner did not plan: it tells what became of it.
func TestWhatTheTurnAskedAboutIsToldToo(t *testing.T) {
	t.Parallel()
	made := func(tool, output string) conversation.Result {
		return conversation.Result{Call: conversation.Call{Tool: tool, Input: json.RawMessage(`{}`)}, Output: json.RawMessage(output)}
	}
	turn := conversation.Turn{Now: tuesday(), Message: "yes", Approved: true, Results: []conversation.Result{
		made("delete_task", `{"status":"success","data":{"id":"1","title":"Buy milk"}}`),
		made("update_task", `{"status":"success","data":{"id":"2","title":"Pay rent"}}`),
		made("complete_task", `{"status":"error","error":{"code":"not_found"}}`),
	}}
	want := "Moved “Buy milk” to the trash. Say “undo” to take it back.\n\nChanged “Pay rent”.\n\n" +
		"That is not there any more, so nothing was changed. Say “show my tasks” to see what is."
	for _, memory := range []string{"", `{"wait":{"for":"which","text":"x"}}`, `{"wait":{"for":"sure","changes":[{"tool":"update_task"}]}}`} {
		turn.Memory = json.RawMessage(memory)
		step, err := rules.Planner{}.Next(context.Background(), turn, nil)
		if err != nil || step.Text != want || len(step.Calls) > 0 {
			t.Errorf("%s: %q %v, %v", memory, step.Text, step.Calls, err)
		}
	}
}

// What is done has no say in whether its series goes on (api): only an open occurrence ends it.
func TestDeletingADoneOccurrenceIsNotSaidToEndItsSeries(t *testing.T) {
	t.Parallel()
	p := &player{now: tuesday()}
	p.add("Pay rent", "2026-11-01", rule("FREQ=MONTHLY", "every month"), completed)
	p.add("Take vitamins", "2026-11-24", rule("FREQ=DAILY", "every day"))
	c := &talk{player: p, locale: "en-GB"}
	for _, said := range []struct {
		message string
		ends    bool
	}{{"delete all completed", false}, {"yes", false}, {"delete take vitamins", true}} {
		turn, err := c.say(said.message)
		if err != nil || strings.Contains(turn.reply, "will not repeat any more") != said.ends {
			t.Errorf("%s: %q, %v", said.message, turn.reply, err)
		}
	}
	if p.task("Pay rent").Deleted == nil || p.task("Take vitamins").Deleted == nil {
		t.Error("something was left")
	}
}
