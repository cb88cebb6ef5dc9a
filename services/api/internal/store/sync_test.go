package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// apply carries out a command and fails unless it ends so.
func (b *bench) apply(c task.Command, want string) *task.Found {
	b.Helper()
	applied, err := b.Apply(b.Context(), of("ada"), c)
	if err != nil || applied.Status != want {
		b.Errorf("%s %s: %s (%v), %v; want %s", c.Type, c.ID, applied.Status, applied.Err, err, want)
	}
	return applied.Task
}

func TestCommandsOfAClientThatWasAwayAreAppliedOnce(t *testing.T) {
	b := setup(t)
	id, title, other := uuid.Must(uuid.NewV7()), "from the train", "from home"
	add := task.Command{ID: "c1", Type: task.CommandAdd, TaskID: id, Fields: task.Patch{Title: &title}}
	b.apply(add, task.StatusApplied)
	b.apply(add, task.StatusDuplicate)
	add.ID = "c2"
	b.apply(add, task.StatusInvalid) // the id is taken
	known := int64(1)
	_, err := b.Edit(t.Context(), of("ada"), task.Once{}, id, task.Patch{Title: &other}, nil)
	b.must(err)
	priority := "high"
	merged := b.apply(task.Command{ID: "c3", Type: task.CommandUpdate, TaskID: id, Base: &known, Fields: task.Patch{Priority: &priority}}, task.StatusMerged)
	if merged.Task.Title != other || merged.Task.Priority != task.High {
		t.Errorf("merged into %+v", merged.Task)
	}
	b.apply(task.Command{ID: "c4", Type: task.CommandComplete, TaskID: id}, task.StatusApplied)
	b.apply(task.Command{ID: "c5", Type: task.CommandDelete, TaskID: id}, task.StatusApplied)
	b.apply(task.Command{ID: "c6", Type: task.CommandUpdate, TaskID: id, Fields: task.Patch{Title: &title}}, task.StatusNotFound)
	b.apply(task.Command{ID: "c7", Type: task.CommandRestore, TaskID: id}, task.StatusApplied)
	b.apply(task.Command{ID: "c8", Type: task.CommandReopen, TaskID: uuid.Must(uuid.NewV7())}, task.StatusNotFound)
	b.apply(task.Command{ID: "c9", Type: task.CommandAdd, TaskID: uuid.New(), Fields: task.Patch{Title: &title}}, task.StatusInvalid) // no version 7
	b.apply(task.Command{ID: "c10", Type: "task.explode", TaskID: id}, task.StatusInvalid)
}

// A list is one transaction: each command sees what those before it did, and one that the database
// would refuse stands in the way of none.
func TestAListOfCommandsIsAppliedTogether(t *testing.T) {
	b := setup(t)
	first := b.add("ada", "water", recurs("2026-12-01", "every 3 days"))
	_, err := b.Skip(t.Context(), of("ada"), task.Once{}, first.ID, nil)
	b.must(err)
	b.follow(first.ID)
	second := b.pending()[0]
	b.trash(second.ID)
	made, title, priority := uuid.Must(uuid.NewV7()), "from the train", "high"
	list := []task.Command{
		{ID: "l1", Type: task.CommandAdd, TaskID: made, Fields: task.Patch{Title: &title}},
		{ID: "l1", Type: task.CommandAdd, TaskID: made, Fields: task.Patch{Title: &title}},
		{ID: "l2", Type: task.CommandAdd, TaskID: made, Fields: task.Patch{Title: &title}},
		{ID: "l3", Type: task.CommandUpdate, TaskID: made, Fields: task.Patch{Priority: &priority}},
		{ID: "l4", Type: task.CommandRestore, TaskID: first.ID},
		{ID: "l5", Type: task.CommandRestore, TaskID: second.ID}, // of a series one is open already
		{ID: "l6", Type: task.CommandComplete, TaskID: made},
	}
	want := []string{task.StatusApplied, task.StatusDuplicate, task.StatusInvalid, task.StatusApplied, task.StatusApplied, task.StatusInvalid, task.StatusApplied}
	for range 2 { // a second time all that were applied are duplicates
		outcomes, err := b.ApplyAll(t.Context(), of("ada"), list)
		b.must(err)
		for i, outcome := range outcomes {
			if outcome.Status != want[i] {
				t.Errorf("%s: %s (%v), want %s", list[i].ID, outcome.Status, outcome.Err, want[i])
			}
			if want[i] == task.StatusApplied {
				want[i] = task.StatusDuplicate
			}
		}
	}
	if got, err := b.Find(t.Context(), of("ada"), made); err != nil || got.Task.Version != 3 || got.Task.Priority != task.High || !got.Task.Completed() {
		t.Errorf("%+v, %v", got.Task, err)
	}
}

func TestStatsCountThePersonsDays(t *testing.T) {
	b := setup(t)
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	b.Now = func() time.Time { return now.AddDate(0, 0, -1) }
	tag := func(p *task.Patch) { p.Tags = &[]string{"home"} }
	yesterday := b.add("ada", "yesterday", due("2026-12-01T18:00", ""), tag)
	b.Now = func() time.Time { return now }
	b.add("ada", "late", due("2026-11-30", ""), tag)
	b.add("ada", "plain")
	b.complete(b.add("ada", "done").ID)
	b.trash(b.add("ada", "gone").ID)
	stats, err := b.Stats(t.Context(), of("ada"))
	b.must(err)
	if stats.Open != 3 || stats.Overdue != 1 || stats.DueToday != 1 || stats.CompletedToday != 1 || stats.ByPriority["normal"] != 3 || len(stats.ByDay) != task.StatsDays {
		t.Errorf("%+v", stats)
	}
	last := stats.ByDay[len(stats.ByDay)-2:]
	if last[0] != (task.DayCount{Date: "2026-11-30", Created: 1}) || last[1] != (task.DayCount{Date: "2026-12-01", Created: 3, Completed: 1}) {
		t.Errorf("days %+v", last)
	}
	if len(stats.ByTag) != 1 || stats.ByTag[0].Open != 2 || yesterday.DueAt == nil {
		t.Errorf("tags %+v", stats.ByTag)
	}
}
