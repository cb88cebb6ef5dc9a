package rest_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/auth"
)

// agent makes the door's caller somebody for whom our mcp acts.
func (d *door) agent(actors ...string) {
	d.who = auth.Principal{UserID: "ada", Name: "Ada", TimeZone: "Europe/Berlin", Actors: append([]string{"mcp"}, actors...)}
}

func TestARepeatOfAnAgentsCallIsToldUntilItsTaskChanges(t *testing.T) {
	d := open(t)
	d.agent("Helper")
	key := []string{"Idempotency-Key: mcp:" + strings.Repeat("a", 64), "Idempotency-Window: 60"}
	add := func(title string) answer { return d.call("POST", "tasks", `{"title":"`+title+`"}`, key...) }
	first := add("Buy milk")
	if again := add("buy  MILK"); again.status != 201 || again.body["id"] != first.body["id"] || again.body["title"] != "Buy milk" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("in other letters: %d %v", again.status, again.body)
	}
	d.call("POST", "tasks/"+first.body["id"].(string)+"/complete", "")
	other := add("Buy milk")
	if other.status != 201 || other.body["id"] == first.body["id"] || other.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("after a change: %d %v", other.status, other.body)
	}
	if again := add("buy milk"); again.body["id"] != other.body["id"] {
		t.Errorf("the new call has no repeat: %v", again.body)
	}
	d.call("DELETE", "tasks/"+other.body["id"].(string), "")
	if third := add("Buy milk"); third.body["id"] == other.body["id"] {
		t.Error("a task in the trash was answered as if it were there")
	}
	d.agent()
	d.who.Actors = nil
	if own := d.call("POST", "tasks", `{"title":"Buy bread"}`, key...); own.status != 409 {
		t.Errorf("a key of the person's own is held against its body: %d", own.status)
	}
}

func TestEveryChangeOfATaskHasAKey(t *testing.T) {
	d := open(t)
	id := d.add(`{"title":"a"}`)
	for range 2 {
		if a := d.call("PATCH", "tasks/"+id, `{"title":"b"}`, "Idempotency-Key: e1"); a.status != 200 || a.body["version"] != 2.0 {
			t.Errorf("%d %v", a.status, a.body)
		}
	}
	d.call("PATCH", "tasks/"+id, `{"title":"c"}`)
	if a := d.call("PATCH", "tasks/"+id, `{"title":"b"}`, "Idempotency-Key: e1"); a.header.Get("Idempotency-Replayed") != "true" || a.body["version"] != 2.0 {
		t.Errorf("%v %v", a.header, a.body)
	}
	for range 2 {
		if a := d.call("DELETE", "tasks/"+id, "", "Idempotency-Key: d1", "Prefer: return=representation"); a.status != 200 || a.body["deleted_at"] == nil || a.body["version"] != 4.0 {
			t.Errorf("%d %v", a.status, a.body)
		}
	}
	if a := d.call("DELETE", "tasks/"+id, ""); a.status != 204 {
		t.Errorf("without being asked to show it: %d", a.status)
	}
}

func TestADryRunShowsWhatWouldBeAndKeepsNothing(t *testing.T) {
	d := open(t)
	id := d.add(`{"title":"a","due_date":"2030-01-01","recurrence_rule":"every day"}`)
	before := d.call("GET", "sync", "").body["sync_token"]
	if a := d.call("POST", "tasks?dry_run=true", `{"title":"b","due_date":"2030-01-02"}`, "Idempotency-Key: k"); a.status != 200 || a.body["title"] != "b" || a.body["due_at"] == nil {
		t.Errorf("a new one: %d %v", a.status, a.body)
	}
	if a := d.call("POST", "tasks", `{"title":"c"}`, "Idempotency-Key: k"); a.status != 201 || a.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("its key was kept: %d %v", a.status, a.body)
	}
	path := "tasks/" + id
	for call, want := range map[string]string{
		"PATCH " + path: `{"title":"z"}`, "POST " + path + "/complete": "", "POST " + path + "/skip": "", "DELETE " + path: "",
		"POST undo": `{}`, "POST " + path + "/reminders": `{"minutes_before":5}`,
	} {
		method, to, _ := strings.Cut(call, " ")
		if a := d.call(method, to+"?dry_run=true", want); a.status != 200 {
			t.Errorf("%s: %d %v", call, a.status, a.body)
		}
	}
	if a := d.call("PATCH", path+"?dry_run=true", `{"title":""}`); a.status != 422 {
		t.Errorf("what is wrong: %d", a.status)
	}
	if a := d.call("DELETE", "tasks/"+uuid.NewString()+"?dry_run=true", ""); a.status != 404 {
		t.Errorf("what is not there: %d", a.status)
	}
	if a := d.call("GET", path, ""); a.body["version"] != 1.0 || a.body["title"] != "a" {
		t.Errorf("it was changed: %v", a.body)
	}
	if after := d.call("GET", "sync", "").body["sync_token"]; before != "1" || after != "2" { // c alone
		t.Errorf("the sequence went from %v to %v", before, after)
	}
}
