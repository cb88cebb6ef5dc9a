package limit

import (
	"errors"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestARuleAllowsSoManyInAWindow(t *testing.T) {
	t.Parallel()
	now := noon
	l := Limits{Shared: NewMemory(), Local: NewMemory(), Now: func() time.Time { return now }, Address: true, Account: true}
	try := func() error { return l.FromAddress(t.Context(), SignIns, "192.0.2.1", "/sign-in/email") }
	for i := range SignIns.Max {
		now = noon.Add(time.Duration(i) * time.Second)
		if err := try(); err != nil {
			t.Errorf("try %d: %v", i, err)
		}
	}
	var refused *fault.Error
	if err := try(); !errors.As(err, &refused) || refused.Kind != fault.RateLimited || refused.RetryAfter != 8*time.Second {
		t.Errorf("one too many: %v", err)
	}
	if err := l.FromAddress(t.Context(), SignIns, "192.0.2.1", "/sign-up/email"); err != nil {
		t.Errorf("on another path: %v", err)
	}
	now = noon.Add(SignIns.Window)
	if err := try(); err != nil {
		t.Errorf("when the window has ended: %v", err)
	}
}

func TestLookingWhetherATryIsAllowedIsNoTry(t *testing.T) {
	t.Parallel()
	l := Limits{Shared: NewMemory(), Now: func() time.Time { return noon }, Account: true}
	for range Wrong.Max {
		for range 3 {
			if err := l.Allowed(t.Context(), Wrong, "ada"); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.OnAccount(t.Context(), Wrong, "ada"); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Allowed(t.Context(), Wrong, "ada"); fault.KindOf(err) != fault.RateLimited {
		t.Errorf("after the last try: %v", err)
	}
	if err := l.Allowed(t.Context(), Wrong, "bob"); err != nil {
		t.Errorf("another account: %v", err)
	}
}

func TestWhatIsOffLimitsNothing(t *testing.T) {
	t.Parallel()
	l := Limits{Now: func() time.Time { return noon }} // a count would panic
	for range 200 {
		if err := errors.Join(l.FromAddress(t.Context(), Requests, "a", "/"), l.OnAccount(t.Context(), Mails, "a"), l.Allowed(t.Context(), Wrong, "a")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMemoryForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	m := NewMemory()
	for i := range 1000 {
		if _, err := m.Hit(t.Context(), string(rune('a'+i)), noon, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Hit(t.Context(), "later", noon.Add(time.Second), time.Second); err != nil || len(m.counts) != 1 {
		t.Errorf("%d left, %v", len(m.counts), err)
	}
}
