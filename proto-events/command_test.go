package events

import (
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

func TestACommandGoesToItsTopicUnderItsKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cmd             proto.Message
		ceType, topic   string
		key, id, schema string
	}{
		{
			&taskv1.CreateOccurrence{CommandId: "c1", UserId: "u1", TaskId: "t1", SeriesId: "s1", AfterDate: "2026-12-31", Cause: "e1", Time: at("2026-12-31T08:00:00Z")},
			CreateOccurrence, TaskCommands, "u1", "c1", "tickler.task.v1.CreateOccurrence",
		},
		{&timerv1.Schedule{TimerId: "tm1", Rev: 2, DueMs: 1, Topic: Reminders}, ScheduleTimer, TimerCommands, "tm1", "tm1/2", "tickler.timer.v1.Schedule"},
		{&timerv1.Cancel{TimerId: "tm1", Rev: 3}, CancelTimer, TimerCommands, "tm1", "tm1/3", "tickler.timer.v1.Cancel"},
	} {
		r, err := EncodeCommand(c.cmd, "/tickler/api", "")
		if err != nil {
			t.Fatal(err)
		}
		if r.Key != c.key || !slices.Equal(r.Topics, []string{c.topic}) {
			t.Errorf("%s: key %s on %v", c.ceType, r.Key, r.Topics)
		}
		for _, h := range []Header{{"ce_type", c.ceType}, {"ce_id", c.id}, {"ce_dataschema", c.schema}, {"ce_source", "/tickler/api"}, {"ce_partitionkey", c.key}} {
			if !slices.Contains(r.Headers, h) {
				t.Errorf("%s has not %v: %v", c.ceType, h, r.Headers)
			}
		}
		if back, err := DecodeCommand(c.ceType, r.Value); err != nil || !proto.Equal(back, c.cmd) {
			t.Errorf("read back %v (%v)", back, err)
		}
	}
}

func TestACommandThatCannotBeObeyedIsRefused(t *testing.T) {
	t.Parallel()
	for _, ceType := range []string{CreateOccurrence, ScheduleTimer, CancelTimer} {
		for _, value := range [][]byte{nil, []byte("\xff\xff")} {
			if _, err := DecodeCommand(ceType, value); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s of %x: %v", ceType, value, err)
			}
		}
	}
	if _, err := DecodeCommand(TaskCreated, nil); !errors.Is(err, ErrUnknownType) {
		t.Error(err)
	}
	if _, err := EncodeCommand(&timerv1.Cancel{}, "/tickler/api", ""); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
}

func TestATimerBringsBackWhatItWasGiven(t *testing.T) {
	t.Parallel()
	want := &reminderv1.ReminderDue{ReminderId: "r1", UserId: "u1", TaskId: "t1", Title: "Pay rent"}
	s, err := Timer{ID: "r1", Rev: 4, Due: time.Unix(10, 1)}.Schedule(want)
	if err != nil {
		t.Fatal(err)
	}
	if s.GetDueMs() != 10001 || s.GetTopic() != Reminders || string(s.GetKey()) != "u1" {
		t.Errorf("scheduled %v", s)
	}
	headers := map[string]string{}
	for _, h := range s.GetHeaders() {
		headers[h.GetKey()] = string(h.GetValue())
	}
	fired := deterministic(t, &timerv1.Due{TimerId: s.GetTimerId(), Rev: s.GetRev(), DueMs: s.GetDueMs(), FiredMs: 10002, Payload: s.GetPayload()})
	due, payload, err := DecodeDue(headers["ce_type"], fired)
	if err != nil || due.GetRev() != 4 || !proto.Equal(payload, want) {
		t.Errorf("got %v with %v (%v)", due, payload, err)
	}
}

func TestWhatATimerCannotDeliverIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := (Timer{}).Schedule(&timerv1.Cancel{}); !errors.Is(err, ErrUnknownType) {
		t.Error(err)
	}
	if _, _, err := DecodeDue("lunch.due", nil); !errors.Is(err, ErrUnknownType) {
		t.Error(err)
	}
	for _, value := range [][]byte{nil, []byte("\xff\xff"), deterministic(t, &timerv1.Due{TimerId: "tm1", Payload: []byte("\xff")})} {
		if _, _, err := DecodeDue(ReminderDue, value); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: %v", value, err)
		}
	}
}

func TestATimerIsNeverEarlyByRounding(t *testing.T) {
	t.Parallel()
	for nanos, want := range map[int64]int64{0: 0, 1: 1, 999_999: 1, 1_000_000: 1, 1_000_001: 2} {
		if got := UnixMilli(time.Unix(0, nanos)); got != want {
			t.Errorf("%d ns: %d ms, want %d", nanos, got, want)
		}
	}
}
