package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// undo takes something back, which must work.
func (b *bench) undo(which task.Which) task.Result {
	b.Helper()
	result, err := b.Undo(b.Context(), of("ada"), task.Once{}, which)
	b.must(err)
	return result
}

func (b *bench) lastEvent() (id uuid.UUID) {
	b.Helper()
	b.must(b.open(b.ways.WorkURL).GetContext(b.Context(), &id, `SELECT event_id FROM task_changes WHERE user_id = 'ada' ORDER BY seq DESC LIMIT 1`))
	return id
}

func TestUndoGoesBackStepByStepAndAnUndoCanBeUndone(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "first", due("2026-12-31T09:00", "Europe/Berlin"))
	title := "second"
	_, err := b.Edit(t.Context(), of("ada"), task.Once{}, made.ID, task.Patch{Title: &title}, nil)
	b.must(err)
	b.complete(made.ID)
	if got := b.undo(task.Which{}).Tasks[0]; got.Completed() || got.Title != "second" || got.Version != 4 {
		t.Errorf("after one undo: %+v", got)
	}
	redo := b.lastEvent()
	if got := b.undo(task.Which{EventID: redo}).Tasks[0]; !got.Completed() {
		t.Errorf("the undo undone: %+v", got)
	}
	b.trash(made.ID)
	if got := b.undo(task.Which{}).Tasks[0]; got.Deleted() || got.Due != made.Due {
		t.Errorf("the deletion undone: %+v", got)
	}
	if _, err := b.Undo(t.Context(), of("bob"), task.Once{}, task.Which{EventID: redo}); !errors.Is(err, task.ErrNothing) {
		t.Errorf("another person's change: %v", err)
	}
}

func TestAnUndoThatWasOvertakenIsRefused(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "first")
	event := b.lastEvent()
	title := "second"
	_, err := b.Edit(t.Context(), of("ada"), task.Once{}, made.ID, task.Patch{Title: &title}, nil)
	b.must(err)
	if _, err := b.Undo(t.Context(), of("ada"), task.Once{}, task.Which{EventID: event}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
}

func TestAnAgentsWholeTurnIsUndoneAtOnce(t *testing.T) {
	b := setup(t)
	kept := b.add("ada", "kept")
	agent := of("ada")
	agent.ActorType, agent.RequestID = "agent", "turn-0001"
	title := "by the agent"
	made, err := b.Create(t.Context(), agent, task.Once{}, task.Patch{Title: &title})
	b.must(err)
	_, err = b.Edit(t.Context(), agent, task.Once{}, kept.ID, task.Patch{Title: &title}, nil)
	b.must(err)
	_, err = b.Complete(t.Context(), agent, task.Once{}, kept.ID, nil)
	b.must(err)
	once := task.Once{Key: "undo", Window: time.Hour}
	for range 2 { // asked twice is once
		result, err := b.Undo(t.Context(), of("ada"), once, task.Which{RequestID: "turn-0001"})
		if err != nil || len(result.Undone) != 3 || len(result.Tasks) != 2 {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	if got, err := b.Find(t.Context(), of("ada"), kept.ID); err != nil || got.Task.Title != "kept" || got.Task.Completed() {
		t.Errorf("%+v, %v", got.Task, err)
	}
	if got, err := b.Find(t.Context(), of("ada"), made.Task.ID); err != nil || !got.Task.Deleted() {
		t.Errorf("%+v, %v", got.Task, err)
	}
}

func TestUndoingACompletionTakesTheUntouchedNextAway(t *testing.T) {
	b := setup(t)
	first := b.add("ada", "water", recurs("2026-12-01", "every 3 days"))
	b.complete(first.ID)
	b.follow(first.ID)
	b.undo(task.Which{})
	if open := b.pending(); len(open) != 1 || open[0].ID != first.ID {
		t.Errorf("open: %+v", open)
	}
}
