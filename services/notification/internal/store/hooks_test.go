package store_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

func (b *bench) hook(url string, kinds ...string) notice.Hook {
	b.Helper()
	h, _, err := b.desk.AddHook(b.Context(), "ada", notice.HookPatch{URL: &url, Events: &kinds}, "")
	b.must(err)
	return h
}

// posted sends all that is due to webhooks, and returns what was posted where, round by round.
func (b *bench) posted(answer error) (all []string) {
	b.Helper()
	for {
		parcels := make(chan string, 100)
		n := b.courier(notice.Webhook, func(p *notice.Parcel) error {
			var body struct{ Type string }
			if err := json.Unmarshal(p.Body, &body); err != nil {
				b.Errorf("%s: %v", p.Body, err)
			}
			parcels <- p.Hook.URL + " " + body.Type
			return answer
		})
		close(parcels)
		if n == 0 {
			return all
		}
		var round []string // those of one round go out side by side
		for p := range parcels {
			round = append(round, p)
		}
		slices.Sort(round)
		all = append(all, round...)
	}
}

func TestAHookIsToldWhatItAsksFor(t *testing.T) {
	b := setup(t).ada()
	b.hook("https://all.example")
	b.hook("https://done.example", events.TaskCompleted, events.ReminderSent)
	b.change(events.TaskCreated, "user", 1)
	b.change(events.TaskCompleted, "user", 2)
	want := []string{"https://all.example task.created", "https://done.example task.completed", "https://all.example task.completed"}
	if got := b.posted(nil); !slices.Equal(got, want) {
		t.Errorf("posted %q", got)
	}
	b.change(events.TaskReopened, "user", 3)
	b.ring(1, by("in_app"))
	want = []string{"https://all.example task.reopened", "https://done.example reminder.sent", "https://all.example reminder.sent"}
	if got := b.posted(nil); !slices.Equal(got, want) {
		t.Errorf("posted %q", got)
	}
	b.ring(2, by("webhook"))
	want = []string{"https://all.example notice.created", "https://done.example notice.created", "https://all.example reminder.sent", "https://done.example reminder.sent"}
	if got := b.posted(nil); !slices.Equal(got, want) {
		t.Errorf("posted %q", got)
	}
	if told := b.told(); told[len(told)-1] != "sent 2 webhook" {
		t.Errorf("told %q", told)
	}
}

func TestADeliveryIsListedAndReplayed(t *testing.T) {
	b := setup(t).ada()
	h := b.hook("https://all.example")
	ev := b.change(events.TaskCreated, "user", 1)
	b.posted(fault.New(fault.Invalid, "gone"))
	told, _, err := b.desk.Hooks.Told(t.Context(), "ada", h.ID, notice.Page{Limit: 10})
	if err != nil || len(told) != 1 || told[0].Status != notice.Failed || told[0].Attempts != 1 || told[0].EventID.String() != ev.GetEventId() {
		t.Fatalf("%+v, %v", told, err)
	}
	if d, err := b.desk.Hooks.Replay(t.Context(), "ada", h.ID, told[0].ID, b.now); err != nil || d.Status != notice.Pending {
		t.Errorf("%+v, %v", d, err)
	}
	if got := b.posted(nil); len(got) != 1 {
		t.Errorf("posted %q", got)
	}
	if _, err := b.desk.Hooks.Replay(t.Context(), "bob", h.ID, told[0].ID, b.now); !errors.Is(err, notice.ErrNoDelivery) {
		t.Errorf("another person's: %v", err)
	}
	if _, _, err := b.desk.Hooks.Told(t.Context(), "bob", h.ID, notice.Page{Limit: 10}); !errors.Is(err, notice.ErrNoHook) {
		t.Errorf("another person's: %v", err)
	}
	off := false
	if h, err = b.desk.ChangeHook(t.Context(), "ada", h.ID, notice.HookPatch{Enabled: &off}); err != nil || h.Enabled {
		t.Errorf("%+v, %v", h, err)
	}
	b.change(events.TaskUpdated, "user", 2)
	if got := b.posted(nil); len(got) != 0 {
		t.Errorf("turned off, posted %q", got)
	}
	b.must(b.desk.Hooks.RemoveHook(t.Context(), "ada", h.ID))
	if err := b.desk.Hooks.RemoveHook(t.Context(), "ada", h.ID); !errors.Is(err, notice.ErrNoHook) {
		t.Errorf("removed again: %v", err)
	}
	var left int
	b.must(b.role.GetContext(t.Context(), &left, `SELECT count(*) FROM deliveries`))
	if left != 0 {
		t.Errorf("%d deliveries left", left)
	}
}

func TestAHookIsAddedOnceUnderAKey(t *testing.T) {
	b := setup(t).ada()
	url, other := "https://all.example", "https://other.example"
	first, replayed, err := b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &url}, "key")
	if err != nil || replayed || !strings.HasPrefix(first.Secret, "whsec_") {
		t.Fatalf("%+v, %v", first, err)
	}
	again, replayed, err := b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &url}, "key")
	if err != nil || !replayed || again.ID != first.ID || again.Secret != first.Secret {
		t.Errorf("%+v, %v", again, err)
	}
	if _, _, err := b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &other}, "key"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another request: %v", err)
	}
	some := []string{events.TaskCreated}
	if _, _, err := b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &url, Events: &some}, "key"); fault.KindOf(err) != fault.Conflict {
		t.Errorf("for other events: %v", err)
	}
	_, err = b.desk.ChangeHook(t.Context(), "ada", first.ID, notice.HookPatch{URL: &other})
	b.must(err)
	if again, replayed, err = b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &url}, "key"); err != nil || !replayed || again.ID != first.ID {
		t.Errorf("after it was changed: %+v, %v", again, err)
	}
	wrong := []string{"task.created", "user.deleted"}
	if _, _, err := b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &url, Events: &wrong}, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("what is not told: %v", err)
	}
	for err = nil; err == nil; {
		_, _, err = b.desk.AddHook(t.Context(), "ada", notice.HookPatch{URL: &url}, "")
	}
	hooks, _ := b.desk.Hooks.Hooks(t.Context(), "ada")
	if !errors.Is(err, notice.ErrTooManyHooks) || len(hooks) != notice.MaxHooks || hooks[0].Secret != "" {
		t.Errorf("%d hooks, %v", len(hooks), err)
	}
	var readable int
	b.must(b.role.GetContext(t.Context(), &readable, `SELECT count(*) FROM webhooks WHERE secret LIKE '%whsec%'`))
	if readable != 0 {
		t.Error("secrets are readable")
	}
	if _, err := b.desk.ChangeHook(t.Context(), "bob", first.ID, notice.HookPatch{}); !errors.Is(err, notice.ErrNoHook) {
		t.Errorf("another person's: %v", err)
	}
	if _, err := b.desk.ChangeHook(t.Context(), "ada", uuid.New(), notice.HookPatch{}); !errors.Is(err, notice.ErrNoHook) {
		t.Errorf("none: %v", err)
	}
}
