package store

import (
	"fmt"
	"time"

	"github.com/tickler-app/tickler/pkg/outbox"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// timers arms and takes back the timers of a change's reminders. Each command carries the
// person's sequence as its rev, which only grows; the reminder remembers it, so that what a
// timer of an older rev tells is known to be old.
func timers(change *task.Change, author task.Author, seq int64) (commands []outbox.Event, err error) {
	armed := map[string]bool{}
	if change.Before != nil {
		for _, r := range change.Before.Reminders {
			armed[r.ID.String()] = r.Status == task.Scheduled
		}
	}
	for i := range change.After.Reminders {
		r := &change.After.Reminders[i]
		id := r.ID.String()
		switch {
		case r.Status == task.Scheduled:
			// Also one that was armed: what its timer carries must be the task as it is now.
			r.Rev = seq
			if commands, err = arm(commands, &change.After, r, author); err != nil {
				return nil, err
			}
		case armed[id]:
			r.Rev = seq
			if commands, err = disarm(commands, id, seq, author.Trace); err != nil {
				return nil, err
			}
		}
		delete(armed, id)
	}
	for id, was := range armed { // reminders that were taken away
		if was {
			if commands, err = disarm(commands, id, seq, author.Trace); err != nil {
				return nil, err
			}
		}
	}
	return commands, nil
}

// arm adds the command that sets a reminder's timer, unless it lies too far ahead: then
// Timers.Arm does when it comes near.
func arm(commands []outbox.Event, t *task.Task, r *task.Reminder, author task.Author) ([]outbox.Event, error) {
	if r.RemindAt == nil || !r.Near(time.Now()) {
		return commands, nil
	}
	schedule, err := events.Timer{ID: r.ID.String(), Rev: r.Rev, Due: *r.RemindAt}.Schedule(t.Ring(r, author.Zone))
	if err != nil {
		return nil, fmt.Errorf("arm a reminder: %w", err)
	}
	rec, err := events.EncodeCommand(schedule, source, author.Trace)
	if err != nil {
		return nil, fmt.Errorf("arm a reminder: %w", err)
	}
	return append(commands, outgoing(rec)), nil
}

func disarm(commands []outbox.Event, id string, rev int64, trace string) ([]outbox.Event, error) {
	rec, err := events.EncodeCommand(&timerv1.Cancel{TimerId: id, Rev: rev}, source, trace)
	if err != nil {
		return nil, fmt.Errorf("take a reminder back: %w", err)
	}
	return append(commands, outgoing(rec)), nil
}
