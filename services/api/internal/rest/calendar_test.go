package rest_test

import (
	"encoding/base64"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
)

func (d *door) publish(headers ...string) (path string) {
	d.Helper()
	made := d.call("POST", "calendar", "", headers...)
	url, _ := made.body["url"].(string)
	path, ours := strings.CutPrefix(url, "https://todo.example")
	if made.status != 201 || !ours || made.header.Get("Location") != url || made.header.Get("ETag") == "" {
		d.Fatalf("%d %v %v", made.status, made.body, made.header)
	}
	return path
}

func TestACalendarIsSubscribedToWithASecretAddress(t *testing.T) {
	d := open(t)
	d.add(`{"title":"Pay rent; all, of it","due_date":"2030-12-31T09:00","time_zone":"America/New_York","recurrence_rule":"every month","reminders":["1 hour before"]}`)
	d.add(`{"title":"Someday","tags":["home"]}`)
	done := d.add(`{"title":"Done","due_date":"2030-12-30"}`)
	d.call("POST", "tasks/"+done+"/complete", "")
	at := d.publish()
	secret := strings.TrimSuffix(strings.TrimPrefix(at, "/calendar/"), ".ics")
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(raw) != 32 {
		t.Errorf("a secret of %d bytes, %v", len(raw), err)
	}
	got := d.call("GET", at, "")
	if got.status != 200 || got.header.Get("Content-Type") != "text/calendar; charset=utf-8" || got.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", got.status, got.header)
	}
	for form, want := range map[string][2]int{"": {2, 1}, "?form=todo": {2, 0}, "?form=event": {0, 1}} {
		read, err := ics.ParseCalendar(strings.NewReader(d.call("GET", at+form, "").raw)) // another program
		if err != nil || len(read.Todos()) != want[0] || len(read.Events()) != want[1] {
			t.Fatalf("%s: %v, %+v", form, err, read)
		}
		for _, event := range read.Events() {
			begins, err := event.GetStartAt()
			if err != nil || begins.UTC().Format("2006-01-02T15:04") != "2030-12-31T14:00" || event.GetProperty(ics.ComponentPropertySummary).Value != "Pay rent; all, of it" {
				t.Errorf("%v %v %v", begins, err, event)
			}
		}
	}
	for line := range strings.SplitSeq(got.raw, "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("a line that is not folded: %q", line)
		}
	}
	if got := d.call("GET", at+"?form=table", ""); got.status != 422 || got.fields() != "form:not_allowed" {
		t.Errorf("another form: %d %s", got.status, got.fields())
	}
}

func TestACalendarIsFetchedAgainOnlyWhenSomethingChanged(t *testing.T) {
	d := open(t)
	d.add(`{"title":"a"}`)
	at := d.publish()
	tag := d.call("GET", at, "").header.Get("ETag")
	if got := d.call("GET", at, "", "If-None-Match: \"x\", W/"+tag); got.status != 304 || got.header.Get("ETag") != tag || got.raw != "" {
		t.Errorf("unchanged: %d %v", got.status, got.header)
	}
	if got := d.call("GET", at+"?form=todo", "", "If-None-Match: "+tag); got.status != 200 {
		t.Errorf("another form of the same: %d", got.status)
	}
	d.add(`{"title":"b"}`)
	if got := d.call("GET", at, "", "If-None-Match: "+tag); got.status != 200 || got.header.Get("ETag") == tag || !strings.Contains(got.raw, "SUMMARY:b") {
		t.Errorf("changed: %d %v", got.status, got.header)
	}
}

func TestACalendarsAddressIsReplacedAndRevoked(t *testing.T) {
	d := open(t)
	d.who.UserID = "bob"
	d.add(`{"title":"not hers"}`)
	d.who.UserID = "ada"
	first := d.publish("Idempotency-Key: c1")
	if again := d.publish("Idempotency-Key: c1"); again != first {
		t.Error("the same key made another address")
	}
	second := d.publish()
	for path, want := range map[string]int{first: 404, second: 200, "/calendar/x.ics": 404, strings.TrimSuffix(second, ".ics"): 404,
		"/calendar/" + strings.Repeat("A", 43) + ".ics": 404, "/calendar/%00.ics": 404} {
		if got := d.call("GET", path, ""); got.status != want || strings.Contains(got.raw, "not hers") {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	for range 2 {
		if got := d.call("DELETE", "calendar", ""); got.status != 204 {
			t.Errorf("revoked: %d", got.status)
		}
	}
	if got := d.call("GET", second, ""); got.status != 404 {
		t.Errorf("revoked: %d", got.status)
	}
	if empty := d.call("GET", d.publish(), ""); empty.status != 200 || !strings.Contains(empty.raw, "BEGIN:VTIMEZONE") {
		t.Errorf("of somebody without tasks: %d %s", empty.status, empty.raw)
	}
}
