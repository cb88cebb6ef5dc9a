package trail

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
)

const (
	eventID = "0198c5a0-0000-7000-8000-00000000000e"
	taskID  = "0198c5a0-0000-7000-8000-000000000001"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 123_456_789, time.UTC)

func message(t *testing.T, m proto.Message) []byte {
	t.Helper()
	value, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func updated() *taskv1.TaskUpdated {
	return &taskv1.TaskUpdated{
		EventId: eventID, UserId: "ada", TaskId: taskID, Time: timestamppb.New(noon), Source: "web", Version: 3,
		Task: &taskv1.Task{Id: taskID, UserId: "ada", Title: "Pay rent"},
	}
}

func TestAnEventBecomesAnEntryAndCanBeReadAgain(t *testing.T) {
	t.Parallel()
	signedUp := &userv1.UserRegistered{EventId: eventID, UserId: "ada", Time: timestamppb.New(noon), User: &userv1.User{Name: "Ada"}}
	for _, test := range []struct {
		eventType, subject string
		message            proto.Message
		task               string
	}{
		{events.TaskUpdated, taskID, updated(), taskID},
		{events.TaskUpdated, "", updated(), taskID},
		{events.UserRegistered, "ada", signedUp, uuid.Nil.String()},
		{"task.shared", taskID, updated(), taskID},                   // of a release to come
		{"user.promoted", "ada", signedUp, uuid.Nil.String()},        // too
		{"user.promoted", eventID, signedUp, eventID},                // and about something else than its person
		{events.UserRegistered, taskID, signedUp, uuid.Nil.String()}, // says itself what it is about
	} {
		value := message(t, test.message)
		got, err := NewEntry(test.eventType, test.subject, value)
		want := Entry{
			EventID: uuid.MustParse(eventID), At: noon.Truncate(time.Microsecond), UserID: "ada",
			TaskID: uuid.MustParse(test.task), Type: test.eventType, Content: value,
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v (%v)", test.eventType, got, err)
		}
		if ev, err := got.Event(); err != nil || ev.GetEventId() != eventID || ev.GetUserId() != "ada" || ev.GetVersion() != want.version(test.message) {
			t.Errorf("%s: read %v (%v)", test.eventType, ev, err)
		}
	}
}

func (e Entry) version(m proto.Message) int64 { return m.(events.Event).GetVersion() }

func TestWhatIsNoEventIsRefusedForGood(t *testing.T) {
	t.Parallel()
	change := func(f func(*taskv1.TaskUpdated)) []byte {
		m := updated()
		f(m)
		return message(t, m)
	}
	for name, test := range map[string]struct {
		eventType, subject string
		message            []byte
	}{
		"nothing":            {events.TaskUpdated, "", nil},
		"garbage":            {events.TaskUpdated, "", []byte("\xff\xfe")},
		"unknown nothing":    {"task.shared", "", nil},
		"unknown garbage":    {"task.shared", "", []byte("{}")},
		"no type":            {"", taskID, message(t, updated())},
		"no id":              {events.TaskUpdated, "", change(func(m *taskv1.TaskUpdated) { m.EventId = "" })},
		"no UUID":            {events.TaskUpdated, "", change(func(m *taskv1.TaskUpdated) { m.EventId = "7" })},
		"task without UUID":  {events.TaskUpdated, "", change(func(m *taskv1.TaskUpdated) { m.TaskId = "7" })},
		"nobody":             {events.TaskUpdated, "", change(func(m *taskv1.TaskUpdated) { m.UserId = "" })},
		"NUL in the person":  {events.TaskUpdated, "", change(func(m *taskv1.TaskUpdated) { m.UserId = "a\x00" })},
		"no time":            {events.TaskUpdated, "", change(func(m *taskv1.TaskUpdated) { m.Time = nil })},
		"unknown, odd thing": {"task.shared", "7", message(t, updated())},
	} {
		if e, err := NewEntry(test.eventType, test.subject, test.message); fault.KindOf(err) != fault.Malformed {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}
