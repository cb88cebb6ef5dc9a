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
}
