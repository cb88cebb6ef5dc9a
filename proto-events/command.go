package events

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// The types of commands, in ce_type as those of events.
const (
	CreateOccurrence = "task.create_occurrence" // on TaskCommands
	ScheduleTimer    = "timer.schedule"         // on TimerCommands
	CancelTimer      = "timer.cancel"           // on TimerCommands
)

// EncodeCommand makes the record of a *taskv1.CreateOccurrence, *timerv1.Schedule or *timerv1.Cancel. Source is
// the service that asks, as "/tickler/recurring"; traceparent may be empty.
func EncodeCommand(cmd proto.Message, source, traceparent string) (Record, error) {
	var a attribute
	topic := TimerCommands
	switch cmd := cmd.(type) {
	case *taskv1.CreateOccurrence:
		topic = TaskCommands
		a = attribute{id: cmd.GetCommandId(), kind: CreateOccurrence, subject: cmd.GetTaskId(), key: cmd.GetUserId(), at: cmd.GetTime().AsTime()}
	case *timerv1.Schedule:
		a = attribute{id: timerRecordID(cmd), kind: ScheduleTimer, subject: cmd.GetTimerId(), key: cmd.GetTimerId()}
	case *timerv1.Cancel:
		a = attribute{id: timerRecordID(cmd), kind: CancelTimer, subject: cmd.GetTimerId(), key: cmd.GetTimerId()}
	default:
		return Record{}, fmt.Errorf("%w: %T is not a command", ErrUnknownType, cmd)
	}
	if err := checkCommand(cmd); err != nil {
		return Record{}, err
	}
	value, err := proto.Marshal(cmd)
	if err != nil {
		return Record{}, fmt.Errorf("encode %s: %w", a.kind, err)
	}
	a.source, a.traceparent = source, traceparent
	return Record{Topics: []string{topic}, Key: a.key, Headers: attributes(cmd, a), Value: value}, nil
}

// DecodeCommand reads what EncodeCommand made; its errors are those of Decode.
func DecodeCommand(ceType string, value []byte) (proto.Message, error) {
	var cmd proto.Message
	switch ceType {
	case CreateOccurrence:
		cmd = &taskv1.CreateOccurrence{}
	case ScheduleTimer:
		cmd = &timerv1.Schedule{}
	case CancelTimer:
		cmd = &timerv1.Cancel{}
	default:
		return nil, fmt.Errorf("%w: %q", ErrUnknownType, ceType)
	}
	if err := proto.Unmarshal(value, cmd); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, ceType, err)
	}
	if err := checkCommand(cmd); err != nil {
		return nil, err
	}
	return cmd, nil
}

func checkCommand(cmd proto.Message) error {
	var lacks []string
	switch cmd := cmd.(type) {
	case *taskv1.CreateOccurrence:
		lacks = append(lacks, missing("user_id", cmd.GetUserId() == "")...)
		lacks = append(lacks, missing("series_id", cmd.GetSeriesId() == "")...)
		lacks = append(lacks, missing("after_date", cmd.GetAfterDate() == "")...)
		lacks = append(lacks, missing("cause", cmd.GetCause() == "")...)
	case *timerv1.Schedule:
		lacks = append(lacks, missing("timer_id", cmd.GetTimerId() == "")...)
		lacks = append(lacks, missing("due_ms", cmd.GetDueMs() <= 0)...)
		lacks = append(lacks, missing("topic", cmd.GetTopic() == "")...)
	case *timerv1.Cancel:
		lacks = append(lacks, missing("timer_id", cmd.GetTimerId() == "")...)
	}
	if len(lacks) > 0 {
		return fmt.Errorf("%w: %T without %s", ErrMalformed, cmd, strings.Join(lacks, ", "))
	}
	return nil
}

// timerRecordID names one command of a timer, and one firing: a timer has one of each rev.
func timerRecordID(of interface {
	GetTimerId() string
	GetRev() int64
}) string {
	return of.GetTimerId() + "/" + strconv.FormatInt(of.GetRev(), 10)
}

// UnixMilli is t in the timers' milliseconds, rounded up: a timer is never early.
func UnixMilli(t time.Time) int64 {
	return t.Add(time.Millisecond - time.Nanosecond).UnixMilli()
}
