package rest_test

import (
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/auth"
)

func TestAListIsPagedAndItsCursorBoundToItsFilter(t *testing.T) {
	d := open(t)
	for _, title := range []string{"c", "a", "b", "e", "d"} {
		d.add(`{"title":"` + title + `","due_date":"2026-12-0` + string(title[0]-'a'+'1') + `"}`)
	}
	d.add(`{"title":"undated"}`)
	var got []string
	cursor := ""
	for pages := 0; pages < 10; pages++ {
		page := d.call("GET", "tasks?limit=2"+cursor, "")
		for _, one := range page.body["tasks"].([]any) {
			got = append(got, one.(map[string]any)["title"].(string))
		}
		if (page.body["total"] == 6.0) != (pages == 0) {
			t.Errorf("page %d: total %v", pages, page.body["total"])
		}
		next, ok := page.body["next_cursor"].(string)
		if !ok {
			break
		}
		cursor = "&cursor=" + next
	}
	if strings.Join(got, " ") != "a b c d e undated" {
		t.Errorf("got %v", got)
	}
	for query, field := range map[string]string{
		"limit=0": "limit:too_small", "limit=201": "limit:too_large", "status=open": "status:not_allowed", "nope=1": "nope:unknown",
		"due_from=x": "due_from:format", "cursor=abc": "cursor:not_allowed", "sort=title" + cursor: "cursor:not_allowed", "priority=urgent": "priority:not_allowed",
	} {
		if a := d.call("GET", "tasks?"+query, ""); a.status != 422 || !strings.Contains(a.fields(), strings.TrimSuffix(field, ":not_allowed")) {
			t.Errorf("%s: %d %s", query, a.status, a.fields())
		}
	}
}

func TestASyncTokenTellsWhatChangedSince(t *testing.T) {
	d := open(t)
	id := d.add(`{"title":"a"}`)
	d.add(`{"title":"b"}`)
	full := d.call("GET", "sync", "")
	if full.body["full"] != true || len(full.body["tasks"].([]any)) != 2 || full.body["sync_token"] != "2" || full.body["has_more"] != false {
		t.Errorf("%v", full.body)
	}
	d.call("DELETE", "tasks/"+id, "")
	delta := d.call("GET", "sync?sync_token=2", "")
	if tasks := delta.body["tasks"].([]any); delta.body["full"] != false || len(tasks) != 1 || tasks[0].(map[string]any)["deleted_at"] == nil {
		t.Errorf("%v", delta.body)
	}
	if bad := d.call("GET", "sync?sync_token=99", ""); bad.status != 422 {
		t.Errorf("%d", bad.status)
	}
}

func TestAScopedTokenDoesNoMoreThanItSays(t *testing.T) {
	d := open(t)
	d.who.Scopes = []string{auth.TasksRead}
	if got := d.call("GET", "tasks", ""); got.status != 200 {
		t.Errorf("read: %d", got.status)
	}
	if got := d.call("POST", "tasks", `{"title":"x"}`); got.status != 403 || got.body["code"] != "forbidden" {
		t.Errorf("write: %d %v", got.status, got.body)
	}
	// What shows all tasks is more than writing one.
	for path, body := range map[string]string{"tasks": `{"title":"x"}`, "sync": `{"commands":[]}`, "calendar": ""} {
		d.who.Scopes = []string{auth.TasksWrite}
		alone := d.call("POST", path, body).status
		d.who.Scopes = []string{auth.TasksWrite, auth.TasksRead}
		both := d.call("POST", path, body).status
		if (alone == 403) != (path != "tasks") || both >= 300 {
			t.Errorf("%s: %d with one, %d with both", path, alone, both)
		}
	}
}

func TestAWordAPhraseAndWhatIsLeftOutAreLookedFor(t *testing.T) {
	d := open(t)
	for _, title := range []string{"Buy green tea", "Buy tea, green", "Tea party", "Steal"} {
		d.add(`{"title":"` + title + `"}`)
	}
	for query, want := range map[string]float64{"q=TEA": 4, "q=tea+-steal": 3, "q=%22green+tea%22": 1, "q=-%22green+tea%22": 3, "q=tea+-party&sort=relevance": 3, "sort=relevance": 4, "sort=relevance&due=today&order=desc": 0} {
		if got := d.call("GET", "tasks?"+query, ""); got.status != 200 || got.body["total"] != want {
			t.Errorf("%s: %d %v, want %v", query, got.status, got.body["total"], want)
		}
	}
	best := d.call("GET", "tasks?sort=relevance&limit=1&q=tea", "")
	if first := best.body["tasks"].([]any)[0].(map[string]any); first["title"] != "Tea party" {
		t.Errorf("the best: %v", first["title"])
	}
}

func TestAllThatIsWrongIsNamedAtOnce(t *testing.T) {
	d := open(t)
	for request, want := range map[[3]string]string{
		{"POST", "tasks?x=1", `{"title":" ","nope":1,"priority":"urgent","due_date":"soon","time_zone":"Mars","tags":["` + strings.Repeat("x", 51) + `"],"recurrence_rule":"blue","reminders":["never"]}`}: "x:unknown /due_date:format /nope:unknown /priority:not_allowed /recurrence_rule:unknown /reminders/0:format /tags/0:too_long /time_zone:not_allowed /title:too_short",
		{"GET", "tasks?due_from=soon&due_to=2026-02-30&limit=0&color=red", ""}: "color:unknown due_from:format due_to:format limit:too_small",
	} {
		if got := d.call(request[0], request[1], request[2]); got.status != 422 || got.fields() != want {
			t.Errorf("%s: %d %s", request[1], got.status, got.fields())
		}
	}
}
