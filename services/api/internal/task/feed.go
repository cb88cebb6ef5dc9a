package task

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	events "github.com/tickler-app/tickler/proto-events"
)

// Outcome is what became of a reminder.
type Outcome struct {
	TaskID   uuid.UUID
	Reminder uuid.UUID
	Rev      int64 // of the timer that rang: of another, it says nothing any more
	Status   ReminderStatus
	At       time.Time
}

// Apply notes the outcome on the task, whose version stays. It reports false if the reminder
// is gone, or was armed again since.
func (o Outcome) Apply(t *Task) bool {
	i := slices.IndexFunc(t.Reminders, func(r Reminder) bool { return r.ID == o.Reminder && r.Rev == o.Rev })
	if i < 0 {
		return false
	}
	if t.Reminders[i].Status = o.Status; o.Status == Sent {
		t.Reminders[i].SentAt = &o.At
	}
	return true
}

// Relayed is an event of another service that the person's feed shows too.
type Relayed struct {
	Event   events.Event
	Outcome *Outcome // nil: it is about no reminder
}

// Feed passes events of other services on.
type Feed interface {
	// Relay gives an event its place in the person's sequence, and notes its outcome on the
	// task. However often it comes, it is told once.
	Relay(ctx context.Context, ev Relayed) error
}
