// Package series is what follows an occurrence of a task that recurs.
package series

import (
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// Next returns the command for the occurrence that follows the one an event is about; nil if
// none does: the task does not recur, the event neither completes nor skips it, or its
// series has ended. The same event makes the same command, byte for byte. An error is about
// an event that cannot be right.
func Next(ev events.TaskEvent) (*taskv1.CreateOccurrence, error) {
	switch ev.(type) {
	case *taskv1.TaskCompleted, *taskv1.TaskSkipped:
	default:
		return nil, nil
	}
	t := ev.GetTask()
	if t.GetOccurrence() == nil || t.GetRecurrenceRule() == nil {
		return nil, nil
	}
	rule, done, err := read(t, ev.GetTime().AsTime())
	if err != nil {
		return nil, err
	}
	next, ok := rule.After(done)
	if !ok {
		return nil, nil
	}
	of := t.GetOccurrence()
	return &taskv1.CreateOccurrence{
		CommandId: commandID(ev.GetEventId()), UserId: ev.GetUserId(), TaskId: t.GetId(), Time: ev.GetTime(),
		SeriesId: of.GetSeriesId(), SeriesVersion: of.GetSeriesVersion(), AfterDate: of.GetDate(),
		Date: next.Due.String(), Number: int32(next.Number),
		Cause: ev.GetEventId(), CauseTime: timestamppb.New(ev.GetTime().AsTime()), RequestId: ev.GetRequestId(),
	}, nil
}

// read takes the rule and what was done from a task that was completed or skipped at a
// moment.
func read(t *taskv1.Task, at time.Time) (recurrence.Rule, recurrence.Done, error) {
	of := t.GetOccurrence()
	rule, err := recurrence.Parse(t.GetRecurrenceRule().GetRrule())
	if err != nil {
		return rule, recurrence.Done{}, fault.Wrap(fault.Invalid, err, "the rule cannot be read")
	}
	zone, err := time.LoadLocation(of.GetZone())
	if err != nil {
		return rule, recurrence.Done{}, fault.Wrap(fault.Invalid, err, "the zone is not known")
	}
	start, err := recurrence.ParseCivil(of.GetStart())
	if err != nil {
		return rule, recurrence.Done{}, fault.Wrap(fault.Invalid, err, "the series' start cannot be read")
	}
	date, err := recurrence.ParseCivil(of.GetDate())
	if err != nil {
		return rule, recurrence.Done{}, fault.Wrap(fault.Invalid, err, "the occurrence's date cannot be read")
	}
	if t.GetCompletedAt() != nil {
		at = t.GetCompletedAt().AsTime()
	}
	return rule.WithAnchor(recurrence.Anchor(t.GetRecurrenceRule().GetAnchor())), recurrence.Done{
		Start: start, Due: date, At: recurrence.CivilOf(at.In(zone)), Number: int(of.GetNumber()),
	}, nil
}

// commandID derives an id from that of the event, so that a redelivered event asks with the
// same one. It keeps the event's time, as a UUID version 7 does.
func commandID(event string) string {
	id, err := uuid.Parse(event)
	if err != nil {
		return event
	}
	sum := sha256.Sum256(append([]byte("create occurrence "), id[:]...))
	copy(id[8:], sum[:8])
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
