package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/test/town"
)

// several is a planner that wants these changes once, whatever the person says.
func several(made func() []conversation.Call) script {
	return func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		if len(turn.Results) == 0 && turn.Message == "tidy up" {
			return conversation.Step{Calls: made()}, nil
		}
		return conversation.Step{Text: said(turn)}, nil
	}
}

func (b *bench) three(user string) (ids []string) {
	for _, title := range []string{"Rent", "Swim", "Milk"} {
		ids = append(ids, b.town.Put(user, title, ""))
	}
	return ids
}

func (b *bench) gone(user string) (n int) {
	for _, task := range b.town.Tasks(user) {
		if task.DeletedAt != nil || task.Completed {
			n++
		}
	}
	return n
}

// ways are how a planner may want to change several tasks: in one call, in several calls of a
// step, or in one after another.
func ways(ids []string) map[string][]conversation.Call {
	list, _ := json.Marshal(map[string]any{"task_ids": ids})
	return map[string][]conversation.Call{
		"one call":      {call("delete_task", string(list))},
		"several calls": {call("delete_task", `{"task_id":"`+ids[0]+`"}`), call("complete_task", `{"task_id":"`+ids[1]+`"}`), call("delete_task", `{"task_id":"`+ids[2]+`"}`)},
	}
}

func TestSeveralChangesWaitForAYes(t *testing.T) {
	for _, way := range []string{"one call", "several calls"} {
		for message, want := range map[string]int{"yes": 3, "Yes, please!": 3, "no": 0, "what is the weather": 0} {
			t.Run(way+" "+message, func(t *testing.T) {
				var ids []string
				b := setup(t, several(func() []conversation.Call { return ways(ids)[way] }))
				ids = b.three("ada")
				asks := b.send("ada", "POST", "chat", `{"message":"tidy up"}`)
				in := asks.conversation()
				if b.gone("ada") != 0 || !slices.Contains(asks.types(), "tool-approval-request") || !strings.Contains(asks.text, "“Swim”") {
					t.Errorf("%d gone; %s", b.gone("ada"), asks.text)
				}
				a := b.say("ada", in, message)
				if b.gone("ada") != want {
					t.Errorf("%d gone; %s", b.gone("ada"), a.text)
				}
				states := map[string]string{"yes": "approval-responded", "no": "output-denied"}
				if kept := b.send("ada", "GET", "conversations/"+in, "").text; states[message] != "" && !strings.Contains(kept, states[message]) || strings.Contains(kept, "approval-requested") {
					t.Errorf("%s", kept)
				}
				b.say("ada", in, "yes") // a second yes means nothing
				if b.gone("ada") != want {
					t.Errorf("after a second answer %d are gone", b.gone("ada"))
				}
			})
		}
	}
}

func TestAnAnswerInOnePieceSaysThatItWaits(t *testing.T) {
	var ids []string
	b := setup(t, several(func() []conversation.Call { return ways(ids)["one call"] }))
	ids = b.three("ada")
	a := b.say("ada", "", "tidy up")
	if a.body["metadata"].(map[string]any)["awaits_approval"] != true || !strings.Contains(a.response(), "“Rent”, “Swim”, “Milk”") {
		t.Errorf("%s", a.text)
	}
}

func TestAPlannerThatAsksItselfIsTakenAtItsWord(t *testing.T) {
	var ids []string
	b := setup(t, func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		if turn.Message == "tidy up" {
			return conversation.Step{Text: "Delete Rent, Swim and Milk?", Asks: ways(ids)["one call"]}, nil
		}
		return conversation.Step{Text: said(turn)}, nil
	})
	ids = b.three("ada")
	asks := b.say("ada", "", "tidy up")
	if asks.response() != "Delete Rent, Swim and Milk?" || asks.body["metadata"].(map[string]any)["awaits_approval"] != true || len(b.town.Calls()) != 0 {
		t.Errorf("%s", asks.text)
	}
	if a := b.say("ada", asks.conversation(), "do it"); a.response() != "So: delete_task success" || b.gone("ada") != 3 {
		t.Errorf("%d gone; %s", b.gone("ada"), a.text)
	}
}

// The guards: what a planner that obeys everything may do without the person's yes.
func TestNoTurnChangesMoreThanOneTaskUnasked(t *testing.T) {
	// What a planner asks for, by how many results there are, and the tasks that there are.
	type plan func(n int, ids []string) []conversation.Call
	once := func(plan func(ids []string) []conversation.Call) plan {
		return func(n int, ids []string) []conversation.Call {
			if n > 0 {
				return nil
			}
			return plan(ids)
		}
	}
	for name, plan := range map[string]plan{
		"one after another": func(n int, ids []string) []conversation.Call {
			return []conversation.Call{call("delete_task", `{"task_id":"`+ids[n%3]+`"}`)}
		},
		"in one call of ids": once(func(ids []string) []conversation.Call { return ways(ids)["one call"] }),
		"in several calls":   once(func(ids []string) []conversation.Call { return ways(ids)["several calls"] }),
		"in another spelling": once(func(ids []string) []conversation.Call {
			return []conversation.Call{call("delete_task", `{"TASK_IDS":["`+strings.Join(ids, `","`)+`"],"Confirmation":"x"}`)}
		}),
		"by both arguments": once(func(ids []string) []conversation.Call {
			return []conversation.Call{call("delete_task", `{"task_id":"`+ids[0]+`","task_ids":["`+ids[1]+`","`+ids[2]+`"]}`)}
		}),
		"by undoing whole turns": once(func([]string) []conversation.Call {
			return []conversation.Call{call("undo", `{"request_id":"some-other-turn"}`)}
		}),
		"by undoing again": func(n int, _ []string) []conversation.Call {
			return []conversation.Call{call("undo", fmt.Sprintf(`{"event_id":"%d"}`, n))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var ids []string
			b := setup(t, func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
				return conversation.Step{Text: "…", Calls: plan(len(turn.Results), ids)}, nil
			})
			ids = b.three("ada")
			b.say("ada", "", "show my list")
			if n := b.gone("ada"); n > 1 {
				t.Errorf("%d tasks were changed", n)
			}
			if n := len(changes(b.town.Calls())); n > 1 {
				t.Errorf("%d changes: %+v", n, b.town.Calls())
			}
		})
	}
}

// Whatever confirmation a planner finds, or makes up, is not the person's.
func TestAPlannerCannotConfirm(t *testing.T) {
	var ids []string
	b := setup(t, func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		list := map[string]any{"task_ids": ids, "confirmation": "made-up"}
		for _, r := range turn.Results {
			var out struct{ Confirmation string }
			if _ = json.Unmarshal(r.Output, &out); out.Confirmation != "" {
				t.Errorf("it is told the confirmation: %s", r.Output)
			}
		}
		input, _ := json.Marshal(list)
		return conversation.Step{Text: "…", Calls: []conversation.Call{call("delete_task", string(input))}}, nil
	})
	ids = b.three("ada")
	b.say("ada", "", "show my list")
	for _, c := range b.town.Calls() {
		if c.Input["confirmation"] != nil {
			t.Errorf("%+v", c)
		}
	}
	if b.gone("ada") != 0 {
		t.Errorf("%d are gone", b.gone("ada"))
	}
}

func changes(calls []town.Called) []town.Called {
	return slices.DeleteFunc(calls, func(c town.Called) bool { return !c.Change() })
}

func TestTasksThatTheTurnAddedAreItsOwn(t *testing.T) {
	var old string
	b := setup(t, func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		switch len(turn.Results) {
		case 0:
			return conversation.Step{Calls: []conversation.Call{call("add_task", `{"title":"a"}`), call("add_task", `{"title":"b"}`)}}, nil
		case 2:
			var step conversation.Step
			for _, r := range turn.Results {
				var out struct{ Data struct{ ID string } }
				_ = json.Unmarshal(r.Output, &out)
				step.Calls = append(step.Calls, call("complete_task", `{"task_id":"`+out.Data.ID+`"}`))
			}
			step.Calls = append(step.Calls, call("complete_task", `{"task_id":"`+old+`"}`))
			return step, nil
		}
		return conversation.Step{Text: said(turn)}, nil
	})
	old = b.town.Put("ada", "old", "")
	if a := b.say("ada", "", "go"); b.gone("ada") != 3 {
		t.Errorf("%d; %s", b.gone("ada"), a.text)
	}
}

func TestAPlannerThatRunsWildIsStopped(t *testing.T) {
	step := func(calls ...conversation.Call) func(int) conversation.Step {
		return func(int) conversation.Step { return conversation.Step{Calls: slices.Clone(calls)} }
	}
	for name, test := range map[string]struct {
		next func(n int) conversation.Step
		want string
		most int // calls that reach the tools
	}{
		"in circles": {step(call("list_tasks", `{}`)), "going round in circles", 3},
		"on and on": {func(n int) conversation.Step {
			return conversation.Step{Calls: []conversation.Call{call("list_tasks", fmt.Sprintf(`{"q":"%d"}`, n))}}
		}, "more steps than one turn", 6},
		"invents tools":   {step(call("rm_rf", `{}`)), `there is no tool`, 0},
		"no arguments":    {step(call("add_task", `{"title"`)), "not a JSON object", 0},
		"NUL":             {step(call("add_task", `{"title":"a\u0000"}`)), "not a JSON object", 0},
		"unknown fields":  {step(call("add_task", `{"user_id":"bob","title":"x"}`)), "", 6},
		"much to call":    {func(int) conversation.Step { return conversation.Step{Calls: many(100)} }, "at most 16 calls", 48},
		"large arguments": {step(call("add_task", `{"title":"`+strings.Repeat("x", 64<<10)+`"}`)), "larger than", 0},
		"says too much":   {func(int) conversation.Step { return conversation.Step{Text: strings.Repeat("lorem ipsum ", 1<<20)} }, "grew too long", 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			b := setup(t, func(context.Context, conversation.Turn, conversation.Emit) (conversation.Step, error) {
				n++
				return test.next(n), nil
			})
			a := b.say("ada", "", "go")
			if a.status != 200 || !strings.Contains(a.text, strings.ReplaceAll(test.want, `"`, `\"`)) || len(b.town.Calls()) > test.most || len(a.text) > 1<<20 {
				t.Errorf("%d, %d calls, %.1000s", a.status, len(b.town.Calls()), a.text)
			}
			if tasks := b.town.Tasks("bob"); len(tasks) > 0 {
				t.Errorf("bob has %+v", tasks)
			}
		})
	}
}

func many(n int) (list []conversation.Call) {
	for i := range n {
		list = append(list, call("list_tasks", fmt.Sprintf(`{"q":"%d"}`, i)))
	}
	return list
}

func TestASessionThatEndsInTheMiddleOfATurnIsSaid(t *testing.T) {
	b := setup(t, func(_ context.Context, turn conversation.Turn, _ conversation.Emit) (conversation.Step, error) {
		return conversation.Step{Text: "…", Calls: []conversation.Call{call("list_tasks", fmt.Sprintf(`{"q":"%d"}`, len(turn.Results)))}}, nil
	})
	b.town.Before(func(town.Called) { b.town.Revoke() })
	a := b.say("ada", "", "go")
	if a.status != 200 || !strings.Contains(a.text, "you are signed out") {
		t.Errorf("%d %s", a.status, a.text)
	}
	in := a.conversation()
	if again := b.say("ada", in, "again"); again.status != 401 || again.body["code"] != "unauthorized" {
		t.Errorf("the next one: %d %s", again.status, again.text)
	}
	streamed := b.send("ada", "POST", "chat", `{"message":"again"}`)
	if last := streamed.frames[len(streamed.frames)-1]; last["type"] != "error" || !strings.Contains(last["errorText"].(string), "signed out") {
		t.Errorf("streamed: %s", streamed.text)
	}
	if kept := b.send("ada", "GET", "conversations/"+in, "").text; strings.Count(kept, "you are signed out") != 2 || !strings.Contains(kept, "it was not done") {
		t.Errorf("%s", kept)
	}
}
