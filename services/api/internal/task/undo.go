package task

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
)

// Which says what to take back: one event, all changes of an agent's turn, or, where both
// are zero, the person's last change that was not taken back yet.
type Which struct {
	EventID   uuid.UUID
	RequestID string
}

// Past is a change that was made, as the store kept it.
type Past struct {
	EventID uuid.UUID
	Version int64 // of the task after it
	Before  *Task // nil where it made the task
	Now     Task  // the task as it is
}

// Errors of undo.
var (
	ErrNothing   = fault.New(fault.NotFound, "there is nothing to undo: no such change of yours within 30 days")
	ErrOvertaken = fault.New(fault.Conflict, "the task was changed since: undo the later change first")
)

// Undo takes changes back, the latest first: all of them or none. Undoing an undo does again
// what it took back.
func (s *Service) Undo(ctx context.Context, author Author, once Once, which Which) (Result, error) {
	return s.Store.Undo(ctx, author, once, which, func(past Past, author Author) (*Change, error) { return past.revert(author, s.Now()) })
}

// revert is the change that makes the task again what it was before. It fails if the task
// was changed since.
func (p Past) revert(author Author, now time.Time) (*Change, error) {
	if p.Now.Version != p.Version {
		return nil, ErrOvertaken
	}
	if p.Before == nil {
		change := p.Now.Delete(now)
		if change == nil {
			return nil, ErrOvertaken
		}
		change.Undoes = p.EventID
		return change, nil
	}
	after := p.Before.clone()
	after.Version, after.Seq, after.CreatedAt = p.Now.Version, p.Now.Seq, p.Now.CreatedAt
	after.resolve(author.Zone)
	change := p.Now.changed(kindOf(&p.Now, &after), after, now)
	if change == nil {
		return nil, ErrOvertaken
	}
	change.Undoes = p.EventID
	change.Ends = change.Type == events.TaskDeleted && p.Now.Series != nil && !p.Now.Completed()
	return change, nil
}

// kindOf names the event that leads from one state of a task to another.
func kindOf(from, to *Task) string {
	switch {
	case from.Deleted() && !to.Deleted():
		return events.TaskRestored
	case !from.Deleted() && to.Deleted():
		return events.TaskDeleted
	case !from.Completed() && to.Completed():
		return events.TaskCompleted
	case from.Completed() && !to.Completed():
		return events.TaskReopened
	}
	return events.TaskUpdated
}
