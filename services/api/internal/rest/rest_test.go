package rest_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

func TestEveryRouteIsInTheDocument(t *testing.T) {
	d := open(t)
	documented := map[string]bool{}
	for _, route := range d.doc.Routes() {
		documented[route] = true
	}
	for _, r := range d.engine.Routes() {
		key := r.Method + " " + r.Path
		if strings.HasPrefix(r.Path, "/api/") && !documented[key] {
			t.Errorf("%s is not in the document", key)
		}
		delete(documented, key)
	}
	if len(documented) > 0 {
		t.Errorf("not answered: %v", documented)
	}
}

func TestATaskIsCreatedReadChangedTrashedAndRestored(t *testing.T) {
	d := open(t)
	made := d.call("POST", "tasks", `{"title":" Pay rent ","priority":"high","tags":["home","Home"],"due_date":"2026-12-31T09:00"}`, "X-Tickler-Client: web")
	id, _ := made.body["id"].(string)
	want := map[string]any{"title": "Pay rent", "priority": "high", "due_date": "2026-12-31T09:00:00+01:00", "due_at": "2026-12-31T08:00:00Z",
		"version": 1.0, "completed": false, "completed_at": nil, "time_zone": nil, "description": "", "deleted_at": nil, "recurrence_rule": nil}
	for field, value := range want {
		if made.body[field] != value {
			t.Errorf("%s is %v, want %v", field, made.body[field], value)
		}
	}
	if made.status != 201 || made.header.Get("Location") != "/api/ada/tasks/"+id || made.header.Get("ETag") != `"1"` {
		t.Errorf("%d %v", made.status, made.header)
	}
	if got := d.call("GET", "tasks/"+id, "", `If-None-Match: W/"1"`); got.status != 304 {
		t.Errorf("not modified: %d", got.status)
	}
	patched := d.call("PATCH", "tasks/"+id, `{"due_date":null,"tags":null,"completed":true}`, `If-Match: "1"`, "Content-Type: application/merge-patch+json")
	if patched.status != 200 || patched.header.Get("ETag") != `"2"` || patched.body["due_date"] != nil || patched.body["completed"] != true {
		t.Errorf("patched: %d %v", patched.status, patched.body)
	}
	if again := d.call("POST", "tasks/"+id+"/complete", ""); again.status != 200 || again.body["version"] != 2.0 {
		t.Errorf("completed twice: %v", again.body)
	}
	stale := d.call("PATCH", "tasks/"+id, `{"title":"x"}`, `If-Match: "1"`)
	if current, _ := stale.body["current"].(map[string]any); stale.status != 412 || current["version"] != 2.0 {
		t.Errorf("stale: %d %v", stale.status, stale.body)
	}
	if gone := d.call("DELETE", "tasks/"+id, ""); gone.status != 204 {
		t.Errorf("deleted: %d", gone.status)
	}
	for path, status := range map[string]int{"tasks/" + id + "/complete": 404, "tasks/" + id + "/restore": 200} {
		if path == "tasks/"+id+"/restore" {
			if got := d.call("GET", "tasks/"+id, ""); got.status != 200 || got.body["deleted_at"] == nil {
				t.Errorf("in the trash: %d %v", got.status, got.body)
			}
		}
		if got := d.call("POST", path, ""); path != "tasks/"+id+"/complete" && got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestATrashedTaskTakesNothingButRestore(t *testing.T) {
	d := open(t)
	id := d.add(`{"title":"x"}`)
	d.call("DELETE", "tasks/"+id, "")
	for _, try := range [][2]string{{"PATCH", ""}, {"POST", "/complete"}, {"POST", "/reopen"}} {
		body := map[string]string{"PATCH": `{"title":"y"}`}[try[0]]
		if got := d.call(try[0], "tasks/"+id+try[1], body); got.status != 404 {
			t.Errorf("%s%s: %d", try[0], try[1], got.status)
		}
	}
	if got := d.call("DELETE", "tasks/"+id, ""); got.status != 204 {
		t.Errorf("deleted again: %d", got.status)
	}
	if got := d.call("POST", "tasks/"+id+"/restore", ""); got.status != 200 || got.body["deleted_at"] != nil || got.body["version"] != 3.0 {
		t.Errorf("restored: %d %v", got.status, got.body)
	}
}

func TestAWrongBodyNamesEveryField(t *testing.T) {
	d := open(t)
	long := strings.Repeat("ä", 201)
	for body, want := range map[string]string{
		`{"title":"` + strings.Repeat("🙂", 200) + `"}`:          "201",
		`{"title":"` + long + `","priority":"urgent","nope":1}`: "422 /nope:unknown /priority:not_allowed /title:too_long",
		`{"title":"   "}`: "422 /title:too_short",
		`{"title":"x","due_date":"tomorrow","tags":["a","` + long + `"]}`:                                                 "422 /due_date:format /tags/1:too_long",
		`{"title":"","due_date":"31.12.2026","time_zone":"Mars","recurrence_rule":"every blue moon","priority":"urgent"}`: "422 /due_date:format /priority:not_allowed /recurrence_rule:unknown /time_zone:not_allowed /title:too_short",
		`{"title":"x","due_date":"2026-02-30"}`:                                                                           "422 /due_date:format",
		`{"title":"x","due_date":"10000-01-01"}`:                                                                          "422 /due_date:format",
		`{"title":"x","due_date":"1969-12-31"}`:                                                                           "422 /due_date:format",
		`{"title":"x","time_zone":"Mars/Base"}`:                                                                           "422 /time_zone:not_allowed",
		`{"title":"x","time_zone":"Local"}`:                                                                               "422 /time_zone:not_allowed",
		`{"title":null}`:                                                                                                  "422 /title:wrong_type",
		`{"title":"x","tags":["1","2","3","4","5","6","7","8","9","10","11"]}`:                                            "422 /tags:too_many",
		`{`:                        "400",
		`{"title":"a\u0000"}`:      "400 /title:nul",
		"{\"title\":\"\xc3\x28\"}": "400",
	} {
		got := d.call("POST", "tasks", body)
		said := strings.TrimSpace(strings.Join([]string{http.StatusText(got.status), got.fields()}, " "))
		status, fields, _ := strings.Cut(want, " ")
		if strings.TrimSpace(http.StatusText(map[string]int{"201": 201, "400": 400, "422": 422}[status])+" "+fields) != said {
			t.Errorf("%.60s: %s, want %s", body, said, want)
		}
	}
	if got := d.call("POST", "tasks", `title=x`, "Content-Type: application/x-www-form-urlencoded"); got.status != 415 {
		t.Errorf("a form: %d", got.status)
	}
	if got := d.call("POST", "tasks", `{"title":"x","description":"`+strings.Repeat("x", 1<<20)+`"}`); got.status != 413 {
		t.Errorf("too large: %d", got.status)
	}
	if got := d.call("GET", "tasks/1", ""); got.status != 404 {
		t.Errorf("an id that is none: %d", got.status)
	}
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	d := open(t)
	first := d.call("POST", "tasks", `{"title":"x","priority":"low"}`, "Idempotency-Key: k1")
	again := d.call("POST", "tasks", `{ "priority":"low", "title":"x" }`, "Idempotency-Key: k1")
	if again.status != 201 || again.body["id"] != first.body["id"] || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%d %v %v", again.status, again.body, again.header)
	}
	if other := d.call("POST", "tasks", `{"title":"y"}`, "Idempotency-Key: k1"); other.status != 409 || other.body["code"] != "conflict" {
		t.Errorf("another body: %d %v", other.status, other.body)
	}
	for _, bad := range []string{"Idempotency-Window: 0", "Idempotency-Window: soon", "Idempotency-Key: " + strings.Repeat("k", 256)} {
		if got := d.call("POST", "tasks", `{"title":"y"}`, "Idempotency-Key: k2", bad); got.status != 422 {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
}

func TestWhatNobodySendsByChanceIsNoFailureOfOurs(t *testing.T) {
	d := open(t)
	for _, title := range []string{"a", "b", "c"} {
		d.add(`{"title":"` + title + `","tags":["x/y"]}`)
	}
	if a := d.call("POST", "tasks", `{"title":"a"}`, "Idempotency-Key: \xff"); a.status != 400 {
		t.Errorf("a key that is not UTF-8: %d", a.status)
	}
	if a := d.call("DELETE", "tags/a%00", ""); a.status != 404 {
		t.Errorf("a tag with NUL: %d", a.status)
	}
	for _, number := range []string{"1.0", "1e2", "1e999999", "99999999999999999999"} {
		if a := d.call("POST", "tasks", `{"title":"a","due_date":"2026-12-01","reminders":[{"minutes_before":`+number+`}]}`); a.status != 422 || a.fields() != "/reminders/0/minutes_before:wrong_type" {
			t.Errorf("%s: %d %s", number, a.status, a.fields())
		}
	}
	for sort, changed := range map[string][2]string{
		"priority": {`"Rank":0`, `"Rank":9223372036854775807`}, "title": {`"Text":"a"`, `"Text":"\u0000"`},
	} {
		page := d.call("GET", "tasks?limit=1&sort="+sort, "")
		plain, err := base64.RawURLEncoding.DecodeString(page.body["next_cursor"].(string))
		if err != nil || !strings.Contains(string(plain), changed[0]) {
			t.Fatalf("%s: %v", plain, err)
		}
		forged := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(plain), changed[0], changed[1], 1)))
		if a := d.call("GET", "tasks?limit=1&sort="+sort+"&cursor="+forged, ""); a.status != 422 {
			t.Errorf("a changed cursor by %s: %d", sort, a.status)
		}
	}
	if a := d.call("PATCH", "tags/x%2Fy", `{"tag":"z"}`); a.status != 200 {
		t.Errorf("a tag with a slash: %d", a.status)
	}
}
