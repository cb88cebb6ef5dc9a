package store

import (
	"fmt"

	"github.com/google/uuid"

	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// source is what events name as their origin (CloudEvents, source).
const source = "/tickler/api"

// event is a change that has its place in the person's sequence.
type event struct {
	id     uuid.UUID
	kind   string
	change *task.Change
	seq    int64
}

// encode makes the record that tells the change.
func (e event) encode(author task.Author) (events.Record, error) {
	var before *taskv1.Task
	if e.change.Before != nil {
		before = e.change.Before.Message(author.Zone)
	}
	message, err := events.New(e.kind, events.Change{
		EventID: e.id.String(), Time: e.change.After.UpdatedAt,
		ActorType: author.ActorType, ActorName: author.ActorName, Source: author.Source, RequestID: author.RequestID,
		Reminder: reminderOf(e.change), Seq: e.seq, Task: e.change.After.Message(author.Zone), Before: before, Changed: e.change.Differences(),
	})
	if err != nil {
		return events.Record{}, fmt.Errorf("make event: %w", err)
	}
	return events.Encode(message, source, author.Trace)
}

func reminderOf(change *task.Change) *taskv1.Reminder {
	for i := range change.After.Reminders {
		if r := &change.After.Reminders[i]; r.ID == change.Reminder {
			return r.Message()
		}
	}
	return nil
}
