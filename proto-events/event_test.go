package events

import (
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

func TestTheCallerNamesTheTypeAndGetsItsMessage(t *testing.T) {
	t.Parallel()
	got, err := New(TaskCompleted, Change{
		EventID: "e1", Time: time.Unix(1, 5000), ActorType: "agent", ActorName: "tickler", Source: "chat",
		RequestID: "r1", Seq: 9, Task: &taskv1.Task{Id: "t1", UserId: "u1", Version: 3, Completed: true},
		Before: &taskv1.Task{Id: "t1"}, Changed: []string{"completed"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &taskv1.TaskCompleted{
		EventId: "e1", UserId: "u1", TaskId: "t1", Time: at("1970-01-01T00:00:01.000005Z"),
		Actor: &eventv1.Actor{Type: "agent", Name: "tickler"}, Source: "chat", RequestId: "r1", Version: 3, Seq: 9,
		Task:   &taskv1.Task{Id: "t1", UserId: "u1", Version: 3, Completed: true},
		Before: &taskv1.Task{Id: "t1"}, Changed: []string{"completed"},
	}
	if !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOnlyEventsOfATaskAreMadeOfAChange(t *testing.T) {
	t.Parallel()
	for ceType, unknown := range map[string]bool{UserDeleted: false, "task.eaten": true} {
		if _, err := New(ceType, Change{Task: &taskv1.Task{}}); err == nil || errors.Is(err, ErrUnknownType) != unknown {
			t.Errorf("%s: %v", ceType, err)
		}
	}
}

// Readers take any event apart by the same getters, and a field keeps its number from message to message.
func TestTheSameFieldHasTheSameNumberInEveryEvent(t *testing.T) {
	t.Parallel()
	numbers := map[string]int32{
		"event_id": 1, "user_id": 2, "task_id": 3, "time": 4, "actor": 5, "source": 6, "request_id": 7,
		"version": 8, "seq": 9, "task": 10, "user": 10, "notice": 10, "before": 11, "changed": 12,
		"series_id": 13, "session_id": 13, "reminder": 13, "channels": 14, "reason": 14, "rev": 15,
	}
	for _, ev := range samples() {
		fields := ev.ProtoReflect().Descriptor().Fields()
		for i := range fields.Len() {
			f := fields.Get(i)
			if want := numbers[string(f.Name())]; int32(f.Number()) != want {
				t.Errorf("%s.%s is %d, not %d", Type(ev), f.Name(), f.Number(), want)
			}
		}
	}
}

func TestEveryTypeHasItsMessageAndItsTopics(t *testing.T) {
	t.Parallel()
	for _, ceType := range Types() {
		ev, err := empty(ceType)
		if err != nil || Type(ev) != ceType {
			t.Errorf("%s: %v, %v", ceType, ev, err)
		}
		for _, topic := range TopicsOf(ceType) {
			if _, ok := Find(topic); !ok {
				t.Errorf("%s is on %s, which the catalog does not have", ceType, topic)
			}
		}
	}
	if got := TopicsOf(TaskCreated); !slices.Equal(got, []string{TaskEvents, TaskUpdates}) {
		t.Error(got)
	}
}
