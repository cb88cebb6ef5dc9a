package events

import (
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// The JSON is compared as text: the order of fields and each null are part of what people see.
const rentJSON = `{"id":"0198c5a0-0000-7000-8000-000000000001","user_id":"u1","title":"Pay rent","description":"","completed":false,"completed_at":null,"priority":"high","tags":["home"],` +
	`"due_date":"2026-12-31T09:00:00+01:00","due_at":"2026-12-31T08:00:00Z","time_zone":"Europe/Berlin",` +
	`"recurrence_rule":{"rrule":"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1","anchor":"due_date","text":"every month on the last workday","frequency":"monthly","interval":1},` +
	`"reminders":[{"id":"0198c5a0-0000-7000-8000-000000000002","minutes_before":60,"remind_at":"2026-12-31T07:00:00Z","status":"scheduled","sent_at":null,"channels":null}],` +
	`"series_id":"0198c5a0-0000-7000-8000-000000000003","version":3,"created_at":"2026-11-02T10:00:00.123456Z","updated_at":"2026-11-03T10:00:00Z","deleted_at":null}`

const plainJSON = `{"id":"0198c5a0-0000-7000-8000-000000000007","user_id":"u1","title":"Buy milk","description":"","completed":false,"completed_at":null,"priority":"normal","tags":[],` +
	`"due_date":null,"due_at":null,"time_zone":null,"recurrence_rule":null,"reminders":[],"series_id":null,"version":1,` +
	`"created_at":"2026-11-02T10:00:00Z","updated_at":"2026-11-02T10:00:00Z","deleted_at":null}`

const swimJSON = `{"id":"0198c5a0-0000-7000-8000-000000000004","user_id":"u1","title":"Swim","description":"two miles","completed":true,"completed_at":"2026-11-13T06:30:00Z","priority":"normal","tags":[],` +
	`"due_date":"2026-11-13","due_at":"2026-11-13T22:59:59Z","time_zone":null,` +
	`"recurrence_rule":{"rrule":"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;BYMONTH=3,11;BYSETPOS=1;COUNT=4","anchor":"completion","text":"every Friday the 13th","frequency":"monthly","interval":1,` +
	`"by_weekday":["fr"],"by_month_day":[13],"by_month":[3,11],"by_set_pos":1,"count":4,"until":"2029-12-31"},` +
	`"reminders":[{"id":"0198c5a0-0000-7000-8000-000000000005","days_before":0,"time":"06:00","remind_at":"2026-11-13T05:00:00Z","status":"sent","sent_at":"2026-11-13T05:00:00.004Z","channels":["email"]},` +
	`{"id":"0198c5a0-0000-7000-8000-000000000006","at":"2026-11-13T06:00:00.25Z","remind_at":"2026-11-13T06:00:00.25Z","status":"cancelled","sent_at":null,"channels":null}],` +
	`"series_id":null,"version":8,"created_at":"2026-11-02T10:00:00Z","updated_at":"2026-11-13T06:30:00Z","deleted_at":"2026-11-13T06:30:00Z"}`

func TestATaskIsShownAsTheWireSays(t *testing.T) {
	t.Parallel()
	for want, task := range map[string]*taskv1.Task{rentJSON: rent(), plainJSON: plain(), swimJSON: swim()} {
		if got := show(t, View(task)); got != want {
			t.Errorf("got\n%s, want\n%s", got, want)
		}
	}
}

func TestAnActorWithoutANameHasNull(t *testing.T) {
	t.Parallel()
	for want, actor := range map[string]*eventv1.Actor{
		`{"type":"user","name":null}`:       {Type: "user"},
		`{"type":"agent","name":"tickler"}`: {Type: "agent", Name: "tickler"},
	} {
		if got := show(t, ViewActor(actor)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAnUnreadNoticeHasNulls(t *testing.T) {
	t.Parallel()
	got := show(t, ViewNotice(&noticev1.Notice{Id: "n1", Kind: "task.overdue", Title: "Swim", CreatedAt: at("2026-11-13T22:59:59Z")}))
	want := `{"id":"n1","kind":"task.overdue","task_id":null,"title":"Swim","created_at":"2026-11-13T22:59:59Z","read_at":null}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAFrameTellsTheChangeWithTheWholeTask(t *testing.T) {
	t.Parallel()
	ev := &taskv1.TaskUpdated{
		EventId: "e1", UserId: "u1", TaskId: rent().GetId(), Time: at("2026-11-03T10:00:00.5Z"), Actor: &eventv1.Actor{Type: "user"},
		Source: "web", RequestId: "r1", Version: 3, Seq: 9223372036854775807, Task: rent(), Before: plain(), Changed: []string{"title"},
	}
	want := `{"type":"task.updated","cursor":"9223372036854775807","event_id":"e1","task_id":"0198c5a0-0000-7000-8000-000000000001","version":3,"task":` + rentJSON +
		`,"changed":["title"],"actor":{"type":"user","name":null},"source":"web","request_id":"r1","timestamp":"2026-11-03T10:00:00.5Z"}`
	if got := frame(t, ev); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestAReminderThatWasNotPassedOnYetHasNoTaskInItsFrame(t *testing.T) {
	t.Parallel()
	ev := &reminderv1.ReminderSent{EventId: "e1", UserId: "u1", TaskId: "t1", Time: at("2026-11-03T10:00:00Z"), Reminder: &taskv1.Reminder{}}
	want := `{"type":"reminder.sent","cursor":"0","event_id":"e1","task_id":"t1","version":0,"task":null,"changed":[],` +
		`"actor":{"type":"","name":null},"source":"","request_id":null,"timestamp":"2026-11-03T10:00:00Z"}`
	if got := frame(t, ev); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestAFrameTellsANotice(t *testing.T) {
	t.Parallel()
	ev := &noticev1.NoticeCreated{EventId: "e1", UserId: "u1", Seq: 7, Notice: &noticev1.Notice{
		Id: "n1", Kind: "reminder", TaskId: proto.String("t1"), Title: "Pay rent", CreatedAt: at("2026-12-31T07:00:00Z"),
	}}
	want := `{"type":"notice.created","cursor":"7","event_id":"e1","notice":{"id":"n1","kind":"reminder","task_id":"t1","title":"Pay rent","created_at":"2026-12-31T07:00:00Z","read_at":null}}`
	if got := frame(t, ev); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestPeopleAndSessionsAreNotOnTheFeed(t *testing.T) {
	t.Parallel()
	for _, ev := range samples() {
		_, err := Frame(ev)
		if people := TopicsOf(Type(ev))[0] == UserEvents; people != (err != nil) {
			t.Errorf("%s: %v", Type(ev), err)
		}
	}
}

func show(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func frame(t *testing.T, ev Event) string {
	t.Helper()
	text, err := Frame(ev)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
