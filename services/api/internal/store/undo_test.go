package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/store"
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

// Whoever asks again and again goes back step by step, also where the steps were of one task, and
// what was done again is taken back again.
func TestUndoAfterUndoTakesTheChangeBefore(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "first")
	for _, title := range []string{"second", "third"} {
		_, err := b.Edit(t.Context(), of("ada"), task.Once{}, made.ID, task.Patch{Title: &title}, nil)
		b.must(err)
	}
	step := func(which task.Which, want string) {
		t.Helper()
		if got := b.undo(which).Tasks[0]; got.Title != want || got.Deleted() {
			t.Errorf("%q, deleted %v; want %q", got.Title, got.Deleted(), want)
		}
	}
	step(task.Which{}, "second")
	step(task.Which{}, "first")
	redo := b.lastEvent()
	step(task.Which{EventID: redo}, "second")
	step(task.Which{}, "first")
	redo = b.lastEvent()
	step(task.Which{EventID: redo}, "second")
	again := b.lastEvent()
	step(task.Which{EventID: again}, "first") // the doing again is undone
	if got := b.undo(task.Which{}).Tasks[0]; !got.Deleted() {
		t.Errorf("the creation undone: %+v", got)
	}
	if _, err := b.Undo(t.Context(), of("ada"), task.Once{}, task.Which{}); !errors.Is(err, task.ErrNothing) {
		t.Errorf("nothing is left: %v", err)
	}
}

// Who undoes right after an import has all of it taken back, and nothing that came before it.
func TestUndoTakesAWholeImportBack(t *testing.T) {
	b := setup(t)
	b.add("ada", "kept")
	const many = 450 // more than two rounds
	author := of("ada")
	porter := task.Porter{Store: b.Store.(*store.Tasks), Now: b.Now}
	_, _, err := porter.Import(t.Context(), author, task.Once{}, false, func(task.Here) (r task.Reading, err error) {
		for i := range many {
			title := fmt.Sprintf("from a file %d", i)
			r.Entries = append(r.Entries, task.Entry{Line: i + 1, ID: task.ImportID("ada", "test", title), Fields: task.Patch{Title: &title}})
		}
		return r, nil
	})
	b.must(err)
	first := task.ImportID("ada", "test", "from a file 0")
	_, err = b.Complete(t.Context(), author, task.Once{}, first, nil)
	b.must(err)
	b.undo(task.Which{}) // the completion alone
	if open := b.pending(); len(open) != 50 {
		t.Errorf("%d are shown", len(open))
	}
	back := of("ada")
	back.RequestID = "request-2"
	result, err := b.Undo(t.Context(), back, task.Once{}, task.Which{})
	if err != nil || len(result.Undone) != many || len(result.Tasks) != many {
		t.Fatalf("%d undone, %v", len(result.Undone), err)
	}
	if open := b.pending(); len(open) != 1 || open[0].Title != "kept" {
		t.Errorf("left: %+v", open)
	}
	if result := b.undo(task.Which{RequestID: "request-2"}); len(result.Undone) != many { // and all of it again
		t.Errorf("%d done again", len(result.Undone))
	}
	if got := b.undo(task.Which{}); len(got.Undone) != many {
		t.Errorf("%d undone", len(got.Undone))
	}
}

// A turn is undone whole also where somebody changed its task in between, and took that back.
func TestWhatWasTakenBackInBetweenIsInNobodysWay(t *testing.T) {
	b := setup(t)
	made := b.add("ada", "first")
	agent := of("ada")
	agent.ActorType, agent.RequestID = "agent", "turn-0002"
	edit := func(author task.Author, title string) {
		t.Helper()
		_, err := b.Edit(t.Context(), author, task.Once{}, made.ID, task.Patch{Title: &title}, nil)
		b.must(err)
	}
	edit(agent, "second")
	edit(of("ada"), "in between")
	b.undo(task.Which{})
	edit(agent, "third")
	edit(of("ada"), "after")
	b.undo(task.Which{})
	if got := b.undo(task.Which{RequestID: "turn-0002"}); len(got.Undone) != 2 || got.Tasks[0].Title != "first" {
		t.Errorf("%+v", got)
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
