// Package task is what a task is and what may happen to it.
package task

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
)

// Errors of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "no such task")
	ErrStale    = fault.New(fault.PreconditionFailed, "the task has changed since")
	ErrNoTag    = fault.New(fault.NotFound, "no such tag")
)

// Task is one thing to do.
type Task struct {
	ID          uuid.UUID // version 7: later ones sort later
	UserID      string    // whose it is; opaque text
	Title       string    // 1 to 200 characters
	Description string    // at most 10,000 characters
	CompletedAt *time.Time
	Priority    Priority
	Tags        []string // at most 10, of 1 to 50 characters, no two alike but for case
	Due         Due
	TimeZone    string     // IANA; "" floats with the person
	DueAt       *time.Time // the instant of Due in the effective zone, see Due.At
	Reminders   []Reminder // at most 5
	Series      *Series    // nil for a task that does not recur
	Version     int64      // grows by one with each change
	Seq         int64      // the person's sequence at the last change
	CreatedAt   time.Time
	UpdatedAt   time.Time
	DeletedAt   *time.Time // since when it lies in the trash
}

// TrashDays is how long the trash keeps a task.
const TrashDays = 30

// Priority is how much a task matters; the zero one is Normal.
type Priority int

// The priorities, in the order of their rank.
const (
	Low Priority = iota - 1
	Normal
	High
	Critical
)

var priorities = []string{"low", "normal", "high", "critical"}

// String is the wire's word.
func (p Priority) String() string { return priorities[p-Low] }

// ParsePriority reads the wire's word.
func ParsePriority(word string) (Priority, bool) {
	i := slices.Index(priorities, word)
	return Priority(i) + Low, i >= 0
}

// Completed reports whether the task is done.
func (t *Task) Completed() bool { return t.CompletedAt != nil }

// Deleted reports whether the task lies in the trash.
func (t *Task) Deleted() bool { return t.DeletedAt != nil }

// Change is what happened to a task: the store counts it, writes it and tells it. A nil
// Change means that nothing did.
type Change struct {
	Type   string // one of the events.Task… types
	Before *Task  // nil where there was none
	After  Task

	// Undoes is the event that the change takes back; zero for any other.
	Undoes uuid.UUID

	// Given says that the client made the task's id, which may be taken.
	Given bool

	// Reminder is the one that a reminder.* change is about.
	Reminder uuid.UUID

	// Ends says that no further occurrence will come: series.ended follows.
	Ends bool
}

// New returns a task to do, and the change that makes it. Every field that is wrong is in
// the one error.
func New(author Author, fields Patch, now time.Time) (*Change, error) {
	t := Task{ID: uuid.Must(uuid.NewV7()), UserID: author.UserID, Tags: []string{}, Reminders: []Reminder{}, CreatedAt: now, UpdatedAt: now, Version: 1}
	if fields.Title == nil {
		fields.Title = new(string)
	}
	if err := t.apply(fields, author.Zone, now); err != nil {
		return nil, err
	}
	return &Change{Type: events.TaskCreated, After: t}, nil
}

// Edit merges fields into the task. A change of completed names the event.
func (t Task) Edit(fields Patch, author Author, now time.Time) (*Change, error) {
	if t.Deleted() {
		return nil, ErrNotFound
	}
	after := t.clone()
	if err := after.apply(fields, author.Zone, now); err != nil {
		return nil, err
	}
	kind := events.TaskUpdated
	switch {
	case after.Completed() && !t.Completed():
		kind = events.TaskCompleted
	case !after.Completed() && t.Completed():
		kind = events.TaskReopened
	}
	change := t.changed(kind, after, now)
	if change != nil && t.Series != nil {
		_, goesOn := after.Next(now, author.Zone)
		change.Ends = after.Series == nil && !t.Completed() || kind == events.TaskCompleted && !goesOn
	}
	return change, nil
}

// Delete puts the task into the trash; one that lies there stays as it is. An open occurrence
// takes its series along.
func (t Task) Delete(now time.Time) *Change {
	after := t.clone()
	if !t.Deleted() {
		after.DeletedAt = &now
	}
	after.ring(time.UTC) // takes them back, whatever the zone
	change := t.changed(events.TaskDeleted, after, now)
	if change != nil {
		change.Ends = t.Series != nil && !t.Completed()
	}
	return change
}

// Restore takes the task out of the trash.
func (t Task) Restore(author Author, now time.Time) *Change {
	after := t.clone()
	after.DeletedAt = nil
	if after.Series != nil {
		after.Series.Skipped = false
	}
	after.resolve(author.Zone)
	return t.changed(events.TaskRestored, after, now)
}

// Retag replaces a tag by another, or takes it away where the other is "".
func (t Task) Retag(tag, by string, now time.Time) *Change {
	after := t.clone()
	after.Tags = retag(t.Tags, tag, by)
	return t.changed(events.TaskUpdated, after, now)
}

// Resettle computes the due instant anew for a person who has moved to another zone.
func (t Task) Resettle(zone *time.Location, now time.Time) *Change {
	after := t.clone()
	after.resolve(zone)
	return t.changed(events.TaskUpdated, after, now)
}

// changed is the change to after, or nil if that is what the task is already.
func (t Task) changed(kind string, after Task, now time.Time) *Change {
	if len(differences(&t, &after)) == 0 {
		return nil
	}
	after.Version, after.UpdatedAt = t.Version+1, now
	return &Change{Type: kind, Before: &t, After: after}
}

// clone is a copy that shares nothing which a change writes to.
func (t Task) clone() Task {
	t.Tags, t.Reminders = slices.Clone(t.Tags), slices.Clone(t.Reminders)
	if t.Series != nil {
		series := *t.Series
		t.Series = &series
	}
	return t
}
