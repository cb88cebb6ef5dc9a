package task

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Command is one of a list that a client made while it had no connection.
type Command struct {
	ID     string // the client's, by which it has its effect at most once
	Type   string // task.add, task.update, task.complete, …
	TaskID uuid.UUID
	Base   *int64 // the version that the client knew
	Fields Patch  // of task.add and task.update
	Print  [32]byte
}

// key is under which its effect is kept.
func (c *Command) key() string { return "sync:" + c.ID }

// The types of commands.
const (
	CommandAdd      = "task.add"
	CommandUpdate   = "task.update"
	CommandComplete = "task.complete"
	CommandReopen   = "task.reopen"
	CommandDelete   = "task.delete"
	CommandRestore  = "task.restore"
	CommandSkip     = "task.skip"
)

// Applied is what became of a command.
type Applied struct {
	Status string // applied, duplicate, merged, invalid or not_found
	Task   *Found // as it is after the command; nil of what is invalid or not there
	Err    error  // why it is not applied
}

// The outcomes of a command.
const (
	StatusApplied   = "applied"
	StatusDuplicate = "duplicate" // it was applied before
	StatusMerged    = "merged"    // the task had changed meanwhile; field by field, this came last
	StatusInvalid   = "invalid"
	StatusNotFound  = "not_found"
)

// commandWindow is how long a command's id is remembered: longer than clients stay away.
const commandWindow = 30 * 24 * time.Hour

// ErrExists is of a task.add whose id another task has.
var ErrExists = fault.New(fault.Conflict, "there is a task of that id already")

// ApplyAll carries out commands in their order, in one transaction: what stands in the way of one
// alone is in its outcome; the error is about all, of which then none has had its effect.
func (s *Service) ApplyAll(ctx context.Context, author Author, commands []Command) (all []Applied, err error) {
	var looks Lookups
	for _, c := range commands {
		looks.Keys, looks.IDs = append(looks.Keys, c.key()), append(looks.IDs, c.TaskID)
	}
	err = s.Store.Together(ctx, author, looks, func(store Store) error {
		together := Service{Store: store, Now: s.Now}
		for _, c := range commands {
			applied, err := together.Apply(ctx, author, c)
			if err != nil {
				return err
			}
			all = append(all, applied)
		}
		return nil
	})
	return all, err
}

// Apply carries out one command. Its error is only about what stands in the way of all: then
// the client sends the list again, and what was applied is a duplicate.
func (s *Service) Apply(ctx context.Context, author Author, command Command) (Applied, error) {
	once := Once{Key: command.key(), Print: command.Print, Window: commandWindow}
	var met int64
	result, err := s.carryOut(ctx, author, once, command, func(version int64) bool {
		met = version
		return true
	})
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.NotFound:
		return Applied{Status: StatusNotFound, Err: err}, nil
	case kind == fault.Invalid, kind == fault.Conflict:
		return Applied{Status: StatusInvalid, Err: err}, nil
	default:
		return Applied{}, err
	}
	applied := Applied{Status: StatusApplied, Task: &result.Found}
	switch {
	case result.Replayed:
		applied.Status = StatusDuplicate
	case command.Base != nil && met > *command.Base:
		applied.Status = StatusMerged
	}
	return applied, nil
}

func (s *Service) carryOut(ctx context.Context, author Author, once Once, c Command, see Precondition) (Result, error) {
	switch c.Type {
	case CommandAdd:
		return s.Store.Add(ctx, author, once, func(author Author) (*Change, error) { return newAs(c.TaskID, author, c.Fields, s.Now()) })
	case CommandUpdate:
		return s.change(ctx, author, once, c.TaskID, see, func(t Task, author Author) (*Change, error) { return t.Edit(c.Fields, author, s.Now()) })
	case CommandComplete:
		return s.Complete(ctx, author, once, c.TaskID, see)
	case CommandReopen:
		return s.Reopen(ctx, author, once, c.TaskID, see)
	case CommandRestore:
		return s.Restore(ctx, author, once, c.TaskID, see)
	case CommandSkip:
		return s.Skip(ctx, author, once, c.TaskID, see)
	case CommandDelete:
		return s.change(ctx, author, once, c.TaskID, see, func(t Task, _ Author) (*Change, error) { return t.Delete(s.Now()), nil })
	}
	return Result{}, fault.Fields(fault.Field{Name: "/type", Code: "not_allowed", Detail: "is no type of command"})
}

// newAs is New for a task whose id its client made.
func newAs(id uuid.UUID, author Author, fields Patch, now time.Time) (*Change, error) {
	if id.Version() != 7 {
		return nil, fault.Fields(fault.Field{Name: "/task_id", Code: "format", Detail: "is no UUID version 7"})
	}
	change, err := New(author, fields, now)
	if err != nil {
		return nil, err
	}
	change.After.ID, change.Given = id, true
	return change, nil
}
