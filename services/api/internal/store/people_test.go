package store_test

import (
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

func (b *bench) census() *task.Census {
	return &task.Census{People: &store.People{DB: b.open(b.ways.WorkURL)}, Now: postgres.Now}
}

func due(text, zone string) func(*task.Patch) {
	return func(p *task.Patch) { p.Due, p.TimeZone = &text, &zone }
}

func TestAFloatingTaskFollowsThePersonAndAnAnchoredOneStays(t *testing.T) {
	b := setup(t)
	floating := b.add("ada", "breakfast", due("2026-12-31T09:00", ""))
	anchored := b.add("ada", "call Berlin", due("2026-12-31T09:00", "Europe/Berlin"))
	census := b.census()
	for range 2 { // told twice is told once
		b.must(census.Heard(t.Context(), "ada", "America/New_York", 2))
	}
	b.must(census.Heard(t.Context(), "ada", "Asia/Tokyo", 1)) // older news
	for _, want := range []struct {
		task    task.Task
		at      string
		version int64
	}{{floating, "2026-12-31T14:00:00Z", 2}, {anchored, "2026-12-31T08:00:00Z", 1}} {
		found, err := b.Find(t.Context(), of("ada"), want.task.ID)
		b.must(err)
		if got := found.Task.DueAt.Format(time.RFC3339); got != want.at || found.Task.Version != want.version {
			t.Errorf("%s: due %s, version %d; want %s, %d", found.Task.Title, got, found.Task.Version, want.at, want.version)
		}
	}
	delta, err := b.Since(t.Context(), of("ada"), nil, 10)
	if err != nil || delta.Token.Seq != 3 || delta.Zone.String() != "America/New_York" {
		t.Errorf("token %d, zone %v, %v: want one further event, in the new zone", delta.Token, delta.Zone, err)
	}
}

func TestNothingOfADeletedPersonIsLeftOrComesBack(t *testing.T) {
	b := setup(t)
	b.add("ada", "secret")
	b.add("bob", "keep")
	census := b.census()
	for range 2 {
		b.must(census.Forget(t.Context(), "ada"))
	}
	title := "again"
	if _, err := b.Create(t.Context(), of("ada"), task.Once{}, task.Patch{Title: &title}); err == nil || err.Error() != auth.ErrUnauthorized.Error() {
		t.Errorf("a deleted person wrote: %v", err)
	}
	work := b.open(b.ways.WorkURL)
	for _, table := range []string{"tasks", "task_search", "task_changes", "idempotency_keys"} {
		var n int
		b.must(work.GetContext(t.Context(), &n, `SELECT count(*) FROM `+table+` WHERE user_id = 'ada'`))
		if n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
	if listed, err := b.List(t.Context(), of("bob"), task.Page{Limit: 5}); err != nil || len(listed.Tasks) != 1 {
		t.Errorf("bob has %v, %v", listed.Tasks, err)
	}
}

func TestTheTrashIsEmptiedAfter30DaysAndOldClientsAreToldEverything(t *testing.T) {
	b := setup(t)
	kept, gone := b.add("ada", "kept"), b.add("ada", "gone")
	before, err := b.Since(t.Context(), of("ada"), nil, 10)
	b.must(err)
	b.trash(gone.ID)
	after, err := b.Since(t.Context(), of("ada"), &before.Token, 10)
	if err != nil || after.Full || len(after.Tasks) != 1 || !after.Tasks[0].Deleted() {
		t.Fatalf("%+v, %v: want the deleted task", after, err)
	}
	purge := &store.Purge{DB: b.open(b.ways.WorkURL)}
	b.must(purge.Once(t.Context(), time.Now().AddDate(0, 0, 29)))
	if _, err := b.Find(t.Context(), of("ada"), gone.ID); err != nil {
		t.Errorf("after 29 days: %v", err)
	}
	b.must(purge.Once(t.Context(), time.Now().AddDate(0, 0, 31)))
	if _, err := b.Find(t.Context(), of("ada"), gone.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after 31 days: %v", err)
	}
	full, err := b.Since(t.Context(), of("ada"), &before.Token, 10)
	if err != nil || !full.Full || len(full.Tasks) != 1 || full.Tasks[0].ID != kept.ID {
		t.Errorf("a client that never heard of it: %+v, %v", full, err)
	}
	if last, err := b.Since(t.Context(), of("ada"), &after.Token, 10); err != nil || last.Full || len(last.Tasks) != 0 {
		t.Errorf("a client that did: %+v, %v", last, err)
	}
	ahead := task.Token{Seq: after.Token.Seq + 1}
	if _, err := b.Since(t.Context(), of("ada"), &ahead, 10); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a token that was never given out: %v", err)
	}
}

func TestATagIsRenamedInEveryTask(t *testing.T) {
	b := setup(t)
	for _, tags := range [][]string{{"Home", "x"}, {"home"}, {"house", "HOME"}, {"other"}} {
		b.add("ada", "task", func(p *task.Patch) { p.Tags = &tags })
	}
	b.must(b.RenameTag(t.Context(), of("ada"), "home", "house"))
	b.must(b.RenameTag(t.Context(), of("ada"), "house", "House")) // only its case
	counts, err := b.Tags(t.Context(), of("ada"))
	want := []task.TagCount{{Tag: "House", Open: 3, Total: 3}, {Tag: "other", Open: 1, Total: 1}, {Tag: "x", Open: 1, Total: 1}}
	if err != nil || len(counts) != 3 || counts[0] != want[0] || counts[1] != want[1] || counts[2] != want[2] {
		t.Errorf("%+v, %v", counts, err)
	}
	b.must(b.RemoveTag(t.Context(), of("ada"), "X"))
	if err := b.RemoveTag(t.Context(), of("ada"), "x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a tag that no task has: %v", err)
	}
}
