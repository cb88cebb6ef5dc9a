package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

// everyTool uses each tool as it is meant; use holds every answer against the tool's schema.
func everyTool(t *testing.T, w *town) {
	ada := w.signUp()
	a := ada.connect(w.mcp, bearer{token: ada.token})
	made := a.done("add_task", `{"title":"Water plants","description":null,"due_date":"2030-01-07","recurrence_rule":{"frequency":"weekly","by_weekday":["mo"]},"reminders":[{"days_before":1,"time":"18:00"},"1 hour before"],"tags":["Home"]}`)
	id := text(made.Data["id"])
	one := `{"task_id":"` + id + `"}`
	for _, step := range []struct{ tool, arguments, want string }{
		{"get_task", one, `"title":"Water plants"`},
		{"update_task", `{"task_id":"` + id + `","title":"Water all plants","priority":"critical"}`, `"priority":"critical"`},
		{"update_task", `{"task_id":"` + id + `","priority":null}`, `"priority":"normal"`},
		{"reschedule_task", `{"task_id":"` + id + `","due_date":"2030-01-08T10:00"}`, `"due_date":"2030-01-08T10:00:00+01:00"`},
		{"set_reminder", `{"task_id":"` + id + `","reminders":["30 minutes before"]}`, `"minutes_before":30`},
		{"complete_task", one, `"completed":true`},
		{"reopen_task", one, `"completed":false`},
		{"delete_task", `{"task_ids":["` + id + `"]}`, `"deleted_at":"2`},
		{"list_tasks", `{"status":"deleted"}`, `"title":"Water all plants"`},
		{"restore_task", one, `"deleted_at":null`},
		{"skip_occurrence", one, `"deleted_at":"2`},
		{"undo", `{}`, `"undone":["`},
		{"list_tasks", `{"priority":["normal","high"],"tag":"home","q":"plant","due_from":"2030-01-01","due_to":"2030-12-31","sort":"title","order":"desc","limit":10}`, `"next_cursor":null`},
		{"list_tasks", `{"priority":"low","due":"week"}`, `"tasks":[]`},
		{"list_tags", `{}`, `"tag":"Home"`},
		{"get_stats", `{}`, `"open":1`},
		{"parse_task", `{"text":"call mum tomorrow at 5pm #family !high every week remind 1h before","now":"2030-01-01T12:00:00Z","time_zone":"UTC"}`, `"value":"2030-01-02T17:00"`},
		{"get_history", `{"task_id":"` + id + `","limit":200}`, `"audit_logs":[`},
	} {
		got, err := json.Marshal(a.done(step.tool, step.arguments).Data)
		if err != nil || !strings.Contains(string(got), step.want) {
			t.Errorf("%s %s: %s, want %s", step.tool, step.arguments, got, step.want)
		}
	}
	if told := slices.Sorted(maps.Keys(a.schemas)); !slices.Equal(told, slices.Sorted(slices.Values(tool.Names()))) {
		t.Errorf("told of %v, there are %v", told, tool.Names())
	}
	for i := range 3 {
		a.done("add_task", fmt.Sprintf(`{"title":"Page %d"}`, i))
	}
	first := a.done("list_tasks", `{"q":"page","sort":"title","limit":2}`)
	second := a.done("list_tasks", `{"q":"page","sort":"title","limit":2,"cursor":"`+text(first.Data["next_cursor"])+`"}`)
	if !strings.HasPrefix(first.text, "2 tasks of 3:") || !strings.Contains(first.text, text(first.Data["next_cursor"])) || len(second.Data["tasks"].([]any)) != 1 || second.Data["next_cursor"] != nil {
		t.Errorf("%s\n%v", first.text, second.Data)
	}
	ada.trail(8)
	page := a.done("get_history", `{"limit":3}`)
	if rest := a.done("get_history", `{"limit":200,"cursor":"`+text(page.Data["next_cursor"])+`"}`); len(page.Data["audit_logs"].([]any)) != 3 || len(rest.Data["audit_logs"].([]any)) < 5 {
		t.Errorf("%v, %v", page.Data, rest.Data)
	}
}

func badCalls(t *testing.T, w *town) {
	ada := w.signUp()
	a := ada.connect(w.mcp, bearer{token: ada.token})
	id := text(a.done("add_task", `{"title":"x"}`).Data["id"])
	for call, want := range map[string]string{
		`add_task {}`:                                                                `invalid /title title: is needed`,
		`add_task {"title":""}`:                                                      `invalid /title title: at least 1 character`,
		`add_task {"title":7,"priority":"urgent"}`:                                   `invalid /priority priority: is none of low, normal, high, critical, null; title: is number, not string`,
		`add_task {"title":"x","user_id":"bob"}`:                                     `invalid /user_id user_id: there is no such argument; add_task takes description, dry_run, due_date, priority, recurrence_rule, reminders, tags, time_zone, title`,
		`add_task {"title":"x","due_date":"tomorrow"}`:                               `invalid /due_date due_date: `,
		`add_task {"title":"x","reminders":["1 hour before"]}`:                       `invalid /reminders reminders: `,
		`add_task {"title":"x\u0000"}`:                                               `malformed /title title: has a NUL character`,
		`add_task {"title":"` + strings.Repeat("x", 201) + `"}`:                      `invalid /title title: at most 200 characters`,
		`add_task {"title":"x","description":"` + strings.Repeat("x", 10_001) + `"}`: `invalid /description description: at most 10000 characters`,
		`add_task {"title":"x","recurrence_rule":"whenever"}`:                        `invalid /recurrence_rule recurrence_rule: `,
		`list_tasks {"limit":201}`:                                                   `invalid /limit limit: at most 200`,
		`list_tasks {"limit":1e3}`:                                                   `invalid /limit limit: is not a whole number`,
		`list_tasks {"cursor":"made up"}`:                                            `invalid /cursor cursor: `,
		`list_tasks {"due_from":"soon"}`:                                             `invalid /due_from due_from: `,
		`get_task {"task_id":"../../settings"}`:                                      `not_found  no such task of the person's; list_tasks`,
		`get_task {"task_id":".."}`:                                                  `not_found  no such task of the person's; list_tasks`,
		`get_task {"task_id":"` + id + `?x=y"}`:                                      `not_found  no such task of the person's; list_tasks`,
		`update_task {"task_id":"` + id + `"}`:                                       `invalid  nothing to update: give at least one field`,
		`complete_task {}`:                                                           `invalid /task_id task_id: give task_id for one task, or task_ids for several`,
		`complete_task {"task_id":"` + id + `","task_ids":["` + id + `"]}`:           `invalid /task_ids task_ids: give task_id`,
		`delete_task {"task_ids":[]}`:                                                `invalid /task_ids task_ids: at least 1`,
		`delete_task {"task_ids":["` + strings.Repeat(id+`","`, 200) + id + `"]}`:    `invalid /task_ids task_ids: at most 200`,
		`undo {"event_id":"x"}`:                                                      `invalid /event_id event_id: is not a uuid`,
		`undo {"event_id":"` + id + `","request_id":"turn-0001"}`:                    `invalid /request_id request_id: give event_id`,
		`undo {"request_id":"turn-9999"}`:                                            `not_found  there is nothing to undo`,
		`skip_occurrence {"task_id":"` + id + `"}`:                                   `invalid /task_id task_id: has no rule`,
		`set_reminder {"task_id":"` + id + `","reminders":["1 hour before"]}`:        `invalid /reminders reminders: `,
		`get_history {"task_id":"nobody"}`:                                           `invalid /task_id task_id: is not a uuid`,
		`parse_task {"text":"x","time_zone":"Mars/Base"}`:                            `invalid /time_zone time_zone: `,
		`get_stats []`: `invalid / is array, not object`,
	} {
		name, arguments, _ := strings.Cut(call, " ")
		got := a.use(name, arguments)
		if said := strings.Join([]string{got.Error.Code, got.Error.Field, got.Error.Detail}, " "); got.Status != "error" || !strings.HasPrefix(said, want) {
			t.Errorf("%.90s: %q, want %q", call, said, want)
		}
	}
	if _, err := a.try(t.Context(), "drop_tables", `{}`); err == nil || !strings.Contains(err.Error(), "drop_tables") {
		t.Errorf("a tool that is not there: %v", err)
	}
	if got := a.done("list_tasks", `{}`); len(got.Data["tasks"].([]any)) != 1 {
		t.Errorf("something came of it: %v", got.Data)
	}
}

func dryRuns(t *testing.T, w *town) {
	ada := w.signUp()
	a := ada.connect(w.mcp, bearer{token: ada.token})
	made := a.done("add_task", `{"title":"x","due_date":"2030-01-07","recurrence_rule":"every Monday"}`)
	id := text(made.Data["id"])
	other := text(a.done("add_task", `{"title":"y"}`).Data["id"])
	for call, want := range map[string]string{
		`add_task {"title":"z",`:                                              `"title":"z"`,
		`update_task {"task_id":"` + id + `","title":"z",`:                    `"title":"z"`,
		`reschedule_task {"task_id":"` + id + `","due_date":"2030-01-09",`:    `"due_date":"2030-01-09"`,
		`set_reminder {"task_id":"` + id + `","reminders":["1 hour before"],`: `"minutes_before":60`,
		`complete_task {"task_id":"` + id + `",`:                              `"completed":true`,
		`reopen_task {"task_id":"` + id + `",`:                                `"completed":false`,
		`delete_task {"task_id":"` + id + `",`:                                `"deleted_at":"2`,
		`delete_task {"task_ids":["` + id + `","` + other + `"],`:             `"title":"y"`,
		`restore_task {"task_id":"` + id + `",`:                               `"deleted_at":null`,
		`skip_occurrence {"task_id":"` + id + `",`:                            `"deleted_at":"2`,
		`undo {`:                            `"title":"y"`,
		`list_tasks {`:                      `"title":"x"`,
		`get_task {"task_id":"` + id + `",`: `"title":"x"`,
		`get_history {`:                     `"audit_logs":[`,
		`parse_task {"text":"x",`:           `"title":"x"`,
		`list_tags {`:                       `"tags":[]`,
		`get_stats {`:                       `"open":2`,
	} {
		name, arguments, _ := strings.Cut(call, " ")
		got := a.done(name, arguments+`"dry_run":true}`)
		if data, err := json.Marshal(got.Data); err != nil || !got.DryRun || !strings.Contains(string(data), want) {
			t.Errorf("%s: %s %v", call, data, got.DryRun)
		}
	}
	if got := a.use("update_task", `{"task_id":"`+id+`","due_date":"never","dry_run":true}`); got.Error.Field != "/due_date" {
		t.Errorf("what would fail: %+v", got)
	}
	if got := a.done("get_task", `{"task_id":"`+id+`"}`); got.Data["version"] != 1.0 || got.DryRun {
		t.Errorf("it was changed: %+v", got)
	}
	if got := a.done("add_task", `{"title":"z"}`); got.Idempotent {
		t.Error("the dry run counts as the call")
	}
}

func repeats(t *testing.T, w *town) {
	ada := w.signUp()
	second := free(t)
	w.start("mcp", second, w.ours())
	a, b := ada.connect(w.mcp, bearer{token: ada.token}), ada.connect(second, bearer{token: ada.token})
	first := a.done("add_task", `{"title":"Buy  Milk","tags":["x"]}`)
	id := text(first.Data["id"])
	again := b.done("add_task", `{"tags":["x"],"title":" buy milk "}`)
	if !again.Idempotent || again.Data["id"] != first.Data["id"] || first.Idempotent || !strings.HasPrefix(again.text, "This call was made within the last minute") {
		t.Errorf("at another replica: %+v", again)
	}
	if other := a.done("add_task", `{"title":"Buy milk"}`); other.Idempotent || other.Data["id"] == first.Data["id"] {
		t.Errorf("without the tag: %+v", other)
	}
	edit := `{"task_id":"` + id + `","priority":"high"}`
	a.done("update_task", edit)
	if again := b.done("update_task", edit); !again.Idempotent || again.Data["version"] != 2.0 {
		t.Errorf("a change: %+v", again)
	}
	if third := a.done("add_task", `{"title":"buy milk","tags":["x"]}`); third.Idempotent || third.Data["id"] == first.Data["id"] {
		t.Errorf("after the task changed: %+v", third)
	}
	one := `{"task_id":"` + id + `"}`
	for i, want := range []bool{false, true} {
		if got := a.done("complete_task", one); got.Idempotent != want || got.Data["version"] != 3.0 {
			t.Errorf("completed %d: %+v", i, got)
		}
	}
	ada.own(nil, "POST", "tasks/"+id+"/reopen", "")
	if got := a.done("complete_task", one); got.Idempotent || got.Data["version"] != 5.0 {
		t.Errorf("completed after somebody reopened it: %+v", got)
	}
	for i, want := range []bool{false, true} {
		if got := a.done("delete_task", one); got.Idempotent != want || got.Data["version"] != 6.0 {
			t.Errorf("deleted %d: %+v", i, got)
		}
	}
}
