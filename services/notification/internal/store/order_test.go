package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// What a hook is told of one task waits for what it was told before, however long that takes.
// Other tasks and other hooks do not.
func TestAHookHearsOfATaskInOrder(t *testing.T) {
	b := setup(t).ada()
	h := b.hook("https://one.example")
	other := func(t *taskv1.Task) { t.Id = "0198c5a0-0000-7000-8000-00000000000b" }
	b.change(events.TaskCreated, "user", 1)
	b.change(events.TaskUpdated, "user", 2)
	b.change(events.TaskCreated, "user", 1, other)
	b.change(events.TaskCompleted, "user", 3)
	away := fault.New(fault.Unavailable, "away")
	want := []string{"https://one.example task.created", "https://one.example task.created"}
	if got := b.posted(away); !slices.Equal(got, want) {
		t.Errorf("while it is away, posted %q", got)
	}
	b.now = b.now.Add(time.Minute)
	want = append(want, "https://one.example task.updated", "https://one.example task.completed")
	if got := b.posted(nil); !slices.Equal(got, want) {
		t.Errorf("once it is back, posted %q", got)
	}
	// One that failed for good makes way.
	b.change(events.TaskReopened, "user", 4)
	b.change(events.TaskDeleted, "user", 5)
	want = []string{"https://one.example task.reopened", "https://one.example task.deleted"}
	if got := b.posted(fault.New(fault.Invalid, "gone")); !slices.Equal(got, want) {
		t.Errorf("posted %q", got)
	}
	// What is replayed goes before what came later.
	told, _, err := b.desk.Hooks.Told(t.Context(), "ada", h.ID, notice.Page{Limit: 10})
	b.must(err)
	b.change(events.TaskRestored, "user", 6)
	_, err = b.desk.Hooks.Replay(t.Context(), "ada", h.ID, told[0].ID, b.now)
	b.must(err)
	want = []string{"https://one.example task.deleted", "https://one.example task.restored"}
	if got := b.posted(nil); !slices.Equal(got, want) {
		t.Errorf("posted %q", got)
	}
}

// A hook that has failed for a week is turned off, and its person told; a success in between, or
// the person turning it on again, gives it another week.
func TestAHookThatFailsForAWeekIsTurnedOff(t *testing.T) {
	b := setup(t).ada()
	b.hook("https://well.example", events.TaskUpdated)
	h := b.hook("https://secret:word@ill.example/path", events.TaskUpdated)
	version := int64(0)
	day := func(answers bool) {
		b.now = b.now.Add(24 * time.Hour)
		version++
		b.change(events.TaskUpdated, "user", version, func(t *taskv1.Task) { t.Id = uuid.NewString() })
		b.courier(notice.Webhook, func(p *notice.Parcel) error {
			if p.Hook.ID == h.ID && !answers {
				return fault.New(fault.Unavailable, "away")
			}
			return nil
		})
	}
	enabled := func() bool {
		t.Helper()
		hooks, err := b.desk.Hooks.Hooks(t.Context(), "ada")
		b.must(err)
		if !hooks[0].Enabled {
			t.Error("the other one was turned off")
		}
		return hooks[1].Enabled
	}
	for range 7 {
		day(false)
	}
	day(true)
	for range 7 {
		day(false)
	}
	if !enabled() {
		t.Fatal("turned off, though it answered within the week")
	}
	b.tells()
	day(false)
	if enabled() {
		t.Fatal("still on after a week of failures")
	}
	b.tells("notice webhook.disabled")
	listed, err := b.desk.List(t.Context(), "ada", notice.Page{Limit: 10})
	b.must(err)
	if n := listed.Notices[0]; n.Kind != notice.HookOff || n.Title != "ill.example" || n.TaskID != "" {
		t.Errorf("notice %+v", n)
	}
	var letters []string
	b.courier(notice.Email, func(p *notice.Parcel) error {
		short, _ := p.Notice.Words()
		letters = append(letters, short)
		return nil
	})
	if !slices.Equal(letters, []string{"Webhook turned off: ill.example"}) {
		t.Errorf("mail: %q", letters)
	}
	on := true
	_, err = b.desk.ChangeHook(t.Context(), "ada", h.ID, notice.HookPatch{Enabled: &on})
	b.must(err)
	day(false)
	if !enabled() {
		t.Error("turned off again at once")
	}
}
