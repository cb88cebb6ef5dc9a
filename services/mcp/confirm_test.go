package main

import (
	"strings"
	"testing"
)

// pair makes two tasks and the arguments that name them, open at the end.
func (a *agent) pair() (ids []string, arguments string) {
	a.Helper()
	for _, title := range []string{"one", "two"} {
		ids = append(ids, text(a.done("add_task", `{"title":"`+title+`"}`).Data["id"]))
	}
	return ids, `{"task_ids":["` + strings.Join(ids, `","`) + `"]`
}

func several(t *testing.T, w *town) {
	ada := w.signUp()
	second := free(t)
	w.start("mcp", second, w.ours())
	a, b := ada.connect(w.mcp, bearer{token: ada.token, requestID: "turn-0001"}), ada.connect(second, bearer{token: ada.token, requestID: "turn-0002"})
	ids, both := a.pair()
	for _, step := range []struct{ tool, want, back string }{{"complete_task", "completed_at", "reopen_task"}, {"delete_task", "deleted_at", "restore_task"}} {
		asked := a.use(step.tool, both+`}`)
		if asked.Status != "confirm" || asked.Confirmation == "" || len(asked.Tasks) != 2 || asked.Tasks[1]["title"] != "two" || !strings.Contains(asked.Summary, "2 tasks") {
			t.Fatalf("%s: %+v", step.tool, asked)
		}
		if got := a.done("get_task", `{"task_id":"`+ids[0]+`"}`); got.Data[step.want] != nil {
			t.Errorf("%s did not wait: %v", step.tool, got.Data)
		}
		call := both + `,"confirmation":"` + asked.Confirmation + `"}`
		done := b.done(step.tool, call)
		tasks := done.Data["tasks"].([]any)
		if done.Idempotent || len(tasks) != 2 || tasks[0].(map[string]any)[step.want] == nil || tasks[1].(map[string]any)[step.want] == nil {
			t.Errorf("%s at another replica: %+v", step.tool, done)
		}
		if again := a.done(step.tool, call); !again.Idempotent || len(again.Data["tasks"].([]any)) != 2 {
			t.Errorf("%s repeated: %+v", step.tool, again)
		}
		a.done(step.back, `{"task_id":"`+ids[0]+`"}`)
		if used := a.use(step.tool, call); used.Error.Field != "/confirmation" || !strings.Contains(used.Error.Detail, "used already") {
			t.Errorf("%s after a change: %+v", step.tool, used)
		}
		if got := a.done("get_task", `{"task_id":"`+ids[0]+`"}`); got.Data[step.want] != nil {
			t.Errorf("%s had its effect twice: %v", step.tool, got.Data)
		}
	}
	last := b.done("delete_task", `{"task_ids":["`+ids[0]+`","`+strings.ToUpper(ids[0])+`"]}`)
	if last.Data["id"] != ids[0] {
		t.Errorf("one task under two names: %+v", last)
	}
	_, both = a.pair()
	turn := ada.connect(second, bearer{token: ada.token, requestID: "turn-0003"})
	turn.done("complete_task", both+`,"confirmation":"`+a.use("complete_task", both+`}`).Confirmation+`"}`)
	if undone := b.done("undo", `{"request_id":"turn-0003"}`); len(undone.Data["undone"].([]any)) != 2 {
		t.Errorf("undone: %+v", undone.Data)
	}
}

func bound(t *testing.T, w *town) {
	ada, bob := w.signUp(), w.signUp()
	a, b := ada.connect(w.mcp, bearer{token: ada.token}), bob.connect(w.mcp, bearer{token: bob.token})
	ids, both := a.pair()
	given := a.use("delete_task", both+`}`).Confirmation
	three := text(a.done("add_task", `{"title":"three"}`).Data["id"])
	last := given[len(given)-1:]
	for name, test := range map[string]struct {
		by              *agent
		tool, arguments string
	}{
		"another person's": {b, "delete_task", both},
		"another tool's":   {a, "complete_task", both},
		"for other tasks":  {a, "delete_task", `{"task_ids":["` + ids[0] + `","` + three + `"]`},
		"for more tasks":   {a, "delete_task", strings.TrimSuffix(both, "]") + `,"` + three + `"]`},
		"changed":          {a, "delete_task", strings.Replace(both, "{", `{"confirmation":"`+given[:len(given)-1]+map[bool]string{true: "B", false: "A"}[last == "A"]+`",`, 1)},
		"made up":          {a, "delete_task", strings.Replace(both, "{", `{"confirmation":"yes",`, 1)},
	} {
		arguments := test.arguments + `}`
		if !strings.Contains(arguments, "confirmation") {
			arguments = test.arguments + `,"confirmation":"` + given + `"}`
		}
		if got := test.by.use(test.tool, arguments); got.Error.Field != "/confirmation" || !strings.Contains(got.Error.Detail, "call without it") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	turned := `{"task_ids":["` + ids[1] + `","` + ids[0] + `"],"confirmation":"` + given + `"}`
	if got := a.done("delete_task", turned); len(got.Data["tasks"].([]any)) != 2 {
		t.Errorf("the same tasks in another order: %+v", got)
	}
}
