package rest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/auth"
)

const rent = `"text":"pay rent every last workday 9am !high #home remind 1h before","now":"2026-11-24T10:15:00+01:00"`

// said lists "field=value" of an answer's spans.
func (a answer) said() string {
	var list []string
	all, _ := a.body["spans"].([]any)
	for _, one := range all {
		s := one.(map[string]any)
		list = append(list, fmt.Sprintf("%v-%v %v=%v", s["start"], s["end"], s["field"], s["value"]))
	}
	return strings.Join(list, " ")
}

func (a answer) task() map[string]any {
	task, _ := a.body["task"].(map[string]any)
	return task
}

func TestALineBecomesExactlyItsTaskAndShowsWhichWordsBecameWhat(t *testing.T) {
	d := open(t)
	made := d.call("POST", "tasks/quick", "{"+rent+"}", "X-Tickler-Client: web", "Idempotency-Key: q1")
	task := made.task()
	want := map[string]any{"title": "pay rent", "due_date": "2026-11-30T09:00:00+01:00", "due_at": "2026-11-30T08:00:00Z", "priority": "high",
		"time_zone": nil, "description": "", "version": 1.0}
	for field, value := range want {
		if task[field] != value {
			t.Errorf("%s is %v, want %v", field, task[field], value)
		}
	}
	rule, _ := task["recurrence_rule"].(map[string]any)
	rings, _ := task["reminders"].([]any)
	if made.status != 201 || fmt.Sprint(task["tags"]) != "[home]" || rule["rrule"] != "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" || len(rings) != 1 ||
		rings[0].(map[string]any)["minutes_before"] != 60.0 || rings[0].(map[string]any)["remind_at"] != "2026-11-30T07:00:00Z" {
		t.Fatalf("%d %v", made.status, made.body)
	}
	if made.header.Get("Location") != "/api/ada/tasks/"+task["id"].(string) || made.header.Get("ETag") != `"1"` {
		t.Errorf("%v", made.header)
	}
	spans := "9-27 recurrence_rule=FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 28-31 due_date=2026-11-30T09:00 32-37 priority=high 38-43 tags=home 44-60 reminders=1 hour before"
	if made.said() != spans {
		t.Errorf("spans %s", made.said())
	}
	again := d.call("POST", "tasks/quick", "{"+rent+"}", "X-Tickler-Client: web", "Idempotency-Key: q1")
	if again.status != 201 || again.header.Get("Idempotency-Replayed") != "true" || again.task()["id"] != task["id"] || again.said() != spans {
		t.Errorf("again: %d %v", again.status, again.body)
	}
	if list := d.call("GET", "tasks", ""); list.body["total"] != 1.0 {
		t.Errorf("%v tasks", list.body["total"])
	}
}

func TestWhatIsParsedCanBeSentBackAsATask(t *testing.T) {
	d := open(t)
	d.who.Scopes = []string{auth.TasksRead, auth.TasksWrite}
	for _, text := range []string{
		rent, `"text":"Buy milk"`, `"text":"call Bob tomorrow"`, `"text":"water cactus every! 3 days at 9am"`,
		`"text":"submit report Friday remind me the day before at 6pm"`, `"text":"submit report Friday, remind me Thursday at 9am"`,
		`"text":"call Bob at 5pm","time_zone":"America/New_York"`, `"text":"stretch every month on the 31st for 5 times"`,
	} {
		parsed := d.call("POST", "tasks/parse", "{"+text+"}")
		body, _ := json.Marshal(parsed.task())
		made := d.call("POST", "tasks", string(body))
		quick := d.call("POST", "tasks/quick", "{"+text+"}")
		if parsed.status != 200 || made.status != 201 || quick.status != 201 || quick.said() != parsed.said() {
			t.Errorf("%s: %d %v, %d %v, %d %v", text, parsed.status, parsed.body, made.status, made.body, quick.status, quick.body)
		}
		for _, field := range []string{"title", "due_date", "due_at", "priority", "time_zone"} {
			if made.body[field] != quick.task()[field] {
				t.Errorf("%s: %s is %v by way of parse, and %v", text, field, made.body[field], quick.task()[field])
			}
		}
		if fmt.Sprint(made.body["recurrence_rule"]) != fmt.Sprint(quick.task()["recurrence_rule"]) {
			t.Errorf("%s: %v, %v", text, made.body["recurrence_rule"], quick.task()["recurrence_rule"])
		}
	}
}

func TestWordsAreRelativeToWhereAndWhenThePersonIs(t *testing.T) {
	d := open(t)
	for body, want := range map[string]string{
		`"text":"call Bob today 5pm","now":"2026-11-24T23:30:00Z"`:                                  "2026-11-25T17:00:00+01:00 <nil>",
		`"text":"call Bob today 5pm","now":"2026-11-24T23:30:00Z","time_zone":"America/New_York"`:   "2026-11-24T17:00:00-05:00 America/New_York",
		`"text":"call Bob today","now":"2026-11-24T23:30:00Z","time_zone":"America/New_York"`:       "2026-11-24 <nil>",
		`"text":"file taxes by 3/4","now":"2026-11-24T23:30:00Z","locale":"en-US"`:                  "2027-03-04 <nil>",
		`"text":"file taxes by 3/4","now":"2026-11-24T23:30:00Z","locale":"en-GB","time_zone":null`: "2027-04-03 <nil>",
		`"text":"file taxes by 3/4","now":"2026-11-24T23:30:00Z","locale":"nonsense!!"`:             "<nil> <nil>",
		`"text":"call Bob 02:30 on 28 March 2027","now":"2026-11-24T23:30:00Z","locale":null`:       "2027-03-28T03:30:00+02:00 <nil>",
		`"text":"call Bob at 5pm","now":"2026-11-24T16:30:00Z","time_zone":"Europe/Berlin"`:         "2026-11-25T17:00:00+01:00 <nil>",
	} {
		parsed := d.call("POST", "tasks/parse", "{"+body+"}")
		if got := fmt.Sprint(parsed.task()["due_date"], " ", parsed.task()["time_zone"]); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestIgnoredWordsStayInTheTitle(t *testing.T) {
	d := open(t)
	made := d.call("POST", "tasks/quick", `{"text":"call Bob tomorrow #home","ignore":[{"start":9,"end":17}]}`)
	if made.task()["title"] != "call Bob tomorrow" || made.task()["due_date"] != nil || made.said() != "18-23 tags=home" {
		t.Errorf("%v", made.body)
	}
}

func TestALineThatCannotBeATaskSaysWhy(t *testing.T) {
	d := open(t)
	for body, want := range map[string]string{
		`{}`:          "422 /text:required",
		`{"text":""}`: "422 /text:too_short",
		`{"text":"` + strings.Repeat("x", 2001) + `"}`: "422 /text:too_long",
		`{"text":"` + strings.Repeat("x", 201) + `"}`:  "422 /text:too_long",
		`{"text":"   "}`: "422 /text:too_short",
		`{"text":"x","now":"soon","time_zone":"Mars/Crater"}`: "422 /now:format /time_zone:not_allowed",
		`{"text":"x","nope":1}`:                               "422 /nope:unknown",
		`{"text":"x","ignore":[{"start":-1,"end":2}]}`:        "422 /ignore/0/start:too_small",
		`{"text":"x #a #b #c #d #e #f #g #h #i #j #k"}`:       "422 /text:too_many",
	} {
		if got := d.call("POST", "tasks/quick", body); strings.TrimSpace(fmt.Sprint(got.status, " ", got.fields())) != want {
			t.Errorf("%.60s: %d %s, want %s", body, got.status, got.fields(), want)
		}
	}
	if list := d.call("GET", "tasks", ""); list.body["total"] != 0.0 {
		t.Errorf("%v tasks", list.body["total"])
	}
}

func TestParsingWritesNothingAndNeedsNoRightTo(t *testing.T) {
	d := open(t)
	d.who.Scopes = []string{auth.TasksRead}
	if got := d.call("POST", "tasks/parse", "{"+rent+"}"); got.status != 200 || got.task()["title"] != "pay rent" {
		t.Errorf("%d %v", got.status, got.body)
	}
	if got := d.call("POST", "tasks/quick", "{"+rent+"}"); got.status != 403 {
		t.Errorf("quick: %d", got.status)
	}
	if list := d.call("GET", "tasks", ""); list.body["total"] != 0.0 {
		t.Errorf("%v tasks", list.body["total"])
	}
}
