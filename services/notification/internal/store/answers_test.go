package store_test

import (
	"testing"
	"time"

	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func TestAKeyIsFreeAgainInTime(t *testing.T) {
	b := setup(t).ada()
	first := notice.Kept{Print: []byte("p"), Answer: []byte("a"), Until: b.now.Add(time.Hour)}
	b.must(b.desk.Keep(t.Context(), "ada", "key", first))
	found := func(after time.Duration) string {
		kept, err := b.desk.Answered(t.Context(), "ada", "key", b.now.Add(after))
		b.must(err)
		if kept == nil {
			return ""
		}
		return string(kept.Answer)
	}
	if during, over := found(time.Hour-time.Second), found(time.Hour); during != "a" || over != "" {
		t.Errorf("%q, then %q", during, over)
	}
	b.must(b.desk.Keep(t.Context(), "ada", "key", notice.Kept{Print: []byte("q"), Answer: []byte("b"), Until: b.now.Add(3 * time.Hour)}))
	purge := &store.Purge{DB: b.role}
	b.must(purge.Once(t.Context(), b.now.Add(2*time.Hour)))
	if still := found(2 * time.Hour); still != "b" {
		t.Errorf("%q", still)
	}
	b.must(purge.Once(t.Context(), b.now.Add(4*time.Hour)))
	if gone := found(2 * time.Hour); gone != "" {
		t.Errorf("%q was not purged", gone)
	}
}
