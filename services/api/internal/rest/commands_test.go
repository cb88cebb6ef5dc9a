package rest_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestAClientThatWasAwaySendsItsCommandsAndHearsWhatChanged(t *testing.T) {
	d := open(t)
	d.add(`{"title":"from home"}`)
	id := uuid.Must(uuid.NewV7()).String()
	commands := `{"sync_token":"1","commands":[
		{"id":"c1","type":"task.add","task_id":"` + id + `","args":{"title":"from the train","due_date":"2026-12-31"}},
		{"id":"c2","type":"task.update","task_id":"` + id + `","base_version":1,"args":{"priority":"high"}},
		{"id":"c3","type":"task.update","task_id":"` + id + `","args":{"priority":"urgent","nope":1}},
		{"id":"c4","type":"task.complete","task_id":"` + id + `"},
		{"id":"c5","type":"task.delete","task_id":"not-a-uuid"}]}`
	for _, want := range []string{"applied applied invalid applied not_found", "duplicate duplicate invalid duplicate not_found"} {
		answer := d.call("POST", "sync", commands)
		if answer.status != 200 {
			t.Fatalf("%d %v", answer.status, answer.body)
		}
		var got []string
		for _, r := range answer.body["results"].([]any) {
			got = append(got, r.(map[string]any)["status"].(string))
		}
		tasks := answer.body["tasks"].([]any)
		if strings.Join(got, " ") != want || answer.body["sync_token"] != "4" || len(tasks) != 1 || tasks[0].(map[string]any)["version"] != 3.0 {
			t.Errorf("%v, want %s; token %v, tasks %v", got, want, answer.body["sync_token"], tasks)
		}
	}
	if got := d.call("POST", "sync", `{"sync_token":"99","commands":[{"id":"x","type":"task.delete","task_id":"`+id+`"}]}`); got.status != 422 {
		t.Errorf("a token that was not given out: %d", got.status)
	}
	if got := d.call("GET", "tasks/"+id, ""); got.body["deleted_at"] != nil {
		t.Error("a command was applied beside a token that was refused")
	}
}

func TestUndoAnswersWhatItTookBack(t *testing.T) {
	d := open(t)
	id := d.add(`{"title":"a"}`)
	d.call("PATCH", "tasks/"+id, `{"title":"b"}`)
	for range 2 {
		got := d.call("POST", "undo", `{}`, "Idempotency-Key: u1")
		if tasks := got.body["tasks"].([]any); got.status != 200 || len(got.body["undone"].([]any)) != 1 || tasks[0].(map[string]any)["title"] != "a" {
			t.Errorf("%d %v", got.status, got.body)
		}
	}
	if got := d.call("POST", "undo", `{"event_id":"`+uuid.NewString()+`"}`); got.status != 404 {
		t.Errorf("an event that is not there: %d %v", got.status, got.body)
	}
	for _, bad := range []string{`{"event_id":"x"}`, `{"event_id":"` + uuid.NewString() + `","request_id":"y"}`, `{"all":true}`} {
		if got := d.call("POST", "undo", bad); got.status != 422 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
}

func TestStatsAreShown(t *testing.T) {
	d := open(t)
	d.add(`{"title":"a","tags":["home"],"priority":"high"}`)
	got := d.call("GET", "stats", "")
	if got.status != 200 || got.body["open"] != 1.0 || len(got.body["by_day"].([]any)) != 90 || got.body["by_priority"].(map[string]any)["high"] != 1.0 {
		t.Errorf("%d %v", got.status, got.body)
	}
}

func TestEveryPostAnswersTheSameUnderItsKey(t *testing.T) {
	d := open(t)
	id := uuid.Must(uuid.NewV7()).String()
	for path, bodies := range map[string][2]string{
		"tasks/parse":        {`{"text":"buy milk tomorrow"}`, `{"text":"buy tea"}`},
		"recurrence/preview": {`{"recurrence_rule":"every day","due_date":"2026-12-01"}`, `{"recurrence_rule":"every week","due_date":"2026-12-01"}`},
		"sync":               {`{"commands":[{"id":"c1","type":"task.add","task_id":"` + id + `","args":{"title":"x"}}]}`, `{"commands":[]}`},
		"tasks/quick":        {`{"text":"buy milk tomorrow"}`, `{"text":"buy tea"}`},
	} {
		first, again := d.call("POST", path, bodies[0], "Idempotency-Key: "+path), d.call("POST", path, bodies[0], "Idempotency-Key: "+path)
		if first.status >= 300 || again.status != first.status || again.raw != first.raw || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("%s: %d %s, then %d %s", path, first.status, first.raw, again.status, again.raw)
		}
		if other := d.call("POST", path, bodies[1], "Idempotency-Key: "+path); other.status != 409 {
			t.Errorf("%s: another body: %d", path, other.status)
		}
	}
}
