package events

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/tickler-app/tickler/proto-events/gen/event/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// ErrUnknownType is the error of a type that this build does not know: perhaps a newer one's, so
// a reader that needs only some types lets it pass.
var ErrUnknownType = errors.New("unknown type")

// ErrMalformed is the error of a record that no retry makes right.
var ErrMalformed = errors.New("malformed record")

// Event is a fact: what all messages of type.go have in common.
type Event interface {
	proto.Message
	GetEventId() string
	GetUserId() string
	GetTime() *timestamppb.Timestamp
	GetActor() *eventv1.Actor
	GetSource() string
	GetRequestId() string
	GetVersion() int64
	GetSeq() int64
}

// TaskEvent is an event of a task: task.*, series.ended and reminder.*. Task is absent only in a
// reminder's event before `api` passes it on to the feed.
type TaskEvent interface {
	Event
	GetTaskId() string
	GetTask() *taskv1.Task
	GetBefore() *taskv1.Task
	GetChanged() []string
}

// Change is what the events of a task are made of.
type Change struct {
	EventID   string // a UUIDv7
	Time      time.Time
	ActorType string // user, agent or system
	ActorName string // of an agent or the system
	Source    string // web, api, mcp, chat, recurring, scheduler, import or sync
	RequestID string
	Seq       int64            // the person's
	Task      *taskv1.Task     // the whole task after the change; it tells person, task and version
	Before    *taskv1.Task     // nil where there was none
	Changed   []string         // names of the fields that differ
	Reminder  *taskv1.Reminder // the one that a reminder.* event is about
}

// New makes the event of that type: one of task.*, series.ended or reminder.snoozed.
func New(ceType string, c Change) (TaskEvent, error) {
	ev, err := empty(ceType)
	if err != nil {
		return nil, err
	}
	te, ok := ev.(TaskEvent)
	if !ok {
		return nil, fmt.Errorf("%s is not an event of a task", ceType)
	}
	m := te.ProtoReflect()
	text := protoreflect.ValueOfString
	set(m, "event_id", text(c.EventID))
	set(m, "user_id", text(c.Task.GetUserId()))
	set(m, "task_id", text(c.Task.GetId()))
	set(m, "time", message(timestamppb.New(c.Time)))
	set(m, "actor", message(&eventv1.Actor{Type: c.ActorType, Name: c.ActorName}))
	set(m, "source", text(c.Source))
	set(m, "request_id", text(c.RequestID))
	set(m, "version", protoreflect.ValueOfInt64(c.Task.GetVersion()))
	set(m, "seq", protoreflect.ValueOfInt64(c.Seq))
	set(m, "series_id", text(c.Task.GetSeriesId()))
	if c.Task != nil {
		set(m, "task", message(c.Task))
	}
	if c.Before != nil {
		set(m, "before", message(c.Before))
	}
	if c.Reminder != nil {
		set(m, "reminder", message(c.Reminder))
	}
	changed := m.Mutable(m.Descriptor().Fields().ByName("changed")).List()
	for _, field := range c.Changed {
		changed.Append(text(field))
	}
	return te, nil
}

func message(m proto.Message) protoreflect.Value {
	return protoreflect.ValueOfMessage(m.ProtoReflect())
}

// set leaves out a field that this message does not have.
func set(m protoreflect.Message, field protoreflect.Name, v protoreflect.Value) {
	if fd := m.Descriptor().Fields().ByName(field); fd != nil {
		m.Set(fd, v)
	}
}
