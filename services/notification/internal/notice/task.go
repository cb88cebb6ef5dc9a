package notice

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// Task is what is kept of a task: whether it still reminds, and what is said once it is overdue.
type Task struct {
	ID       string
	UserID   string
	Version  int64
	Title    string
	Due      string // as the task shows it
	DueAt    *time.Time
	Urgent   bool
	ClosedAt *time.Time // done or deleted
	// OverdueTold is the DueAt that the person was told of, or did not want to be.
	OverdueTold *time.Time
}

// taskOf is what is kept of a task that an event tells of.
func taskOf(m *taskv1.Task, at time.Time) *Task {
	t := &Task{ID: m.GetId(), UserID: m.GetUserId(), Version: m.GetVersion(), Title: oneLine(m.GetTitle()), Due: m.GetDueDate(), Urgent: m.GetPriority() == "critical"}
	if m.GetDueAt() != nil {
		due := m.GetDueAt().AsTime()
		t.DueAt = &due
	}
	if m.GetCompleted() || m.GetDeletedAt() != nil {
		t.ClosedAt = &at
	}
	return t
}

// Heard is an event of a task.
type Heard struct {
	Event events.TaskEvent
	Trace string // traceparent of what led here
}

// Heard takes notice of what happened to tasks, and tells people where they want that. Most of
// it is what people did themselves and do not want to hear of; of that only the tasks are kept,
// all at once, and the order does not matter.
func (c *Clerk) Heard(ctx context.Context, batch []Heard) error {
	var users []string
	for _, h := range batch {
		if own(h.Event) && !slices.Contains(users, h.Event.GetUserId()) {
			users = append(users, h.Event.GetUserId())
		}
	}
	listening, err := c.Store.Listening(ctx, users)
	if err != nil {
		return err
	}
	kept := map[string]Task{}
	for _, h := range batch {
		if !own(h.Event) || listening[h.Event.GetUserId()] {
			if err := c.heard(ctx, h); err != nil {
				return err
			}
			continue
		}
		key := h.Event.GetUserId() + "/" + h.Event.GetTaskId()
		if m := h.Event.GetTask(); m != nil && kept[key].Version <= m.GetVersion() {
			kept[key] = *taskOf(m, h.Event.GetTime().AsTime())
		}
	}
	return c.Store.Keep(ctx, slices.SortedFunc(maps.Values(kept), func(a, b Task) int {
		return cmp.Or(strings.Compare(a.UserID, b.UserID), strings.Compare(a.ID, b.ID))
	}))
}

// own reports whether the person did it themselves.
func own(ev events.TaskEvent) bool {
	kind := kindOf(ev)
	return kind == "" || strings.HasPrefix(kind, "task.")
}

// heard takes notice of one event that somebody may want to hear of.
func (c *Clerk) heard(ctx context.Context, h Heard) error {
	ev := h.Event
	about := About{UserID: ev.GetUserId(), TaskID: ev.GetTaskId(), Once: ev.GetEventId(), Trace: h.Trace}
	return c.Store.Change(ctx, about, func(known *Known) (effects Effects, err error) {
		now := c.Now()
		hooks, err := tell(ev, known, now)
		if err != nil {
			return effects, err
		}
		if kind := kindOf(ev); kind != "" && now.Sub(ev.GetTime().AsTime()) <= tooLate {
			if effects, err = Plan(Occasion{
				Kind: kind, UserID: about.UserID, TaskID: about.TaskID, Title: ev.GetTask().GetTitle(), Due: ev.GetTask().GetDueDate(),
				Urgent: ev.GetTask().GetPriority() == "critical", Source: ev.GetSource(), Request: ev.GetRequestId(),
			}, known, now); err != nil {
				return effects, err
			}
		}
		if m := ev.GetTask(); m != nil && (known.Task == nil || known.Task.Version <= m.GetVersion()) {
			effects.Task = taskOf(m, ev.GetTime().AsTime())
			if known.Task != nil {
				effects.Task.OverdueTold = known.Task.OverdueTold
			}
		}
		effects.Deliveries = append(effects.Deliveries, hooks...)
		return effects, nil
	})
}

// kindOf is the kind of notice that an event may make; "" for none. That tasks follow a person
// who moved to another zone is the person's own doing, though the system writes it.
func kindOf(ev events.TaskEvent) string {
	kind := events.Type(ev)
	if !strings.HasPrefix(kind, "task.") {
		return ""
	}
	switch actor := ev.GetActor(); actor.GetType() {
	case "agent":
		return "agent." + kind
	case "system":
		if actor.GetName() == "time zone" {
			return ""
		}
		return "system." + kind
	}
	switch kind {
	case events.TaskCreated, events.TaskUpdated, events.TaskCompleted:
		return kind
	}
	return ""
}
