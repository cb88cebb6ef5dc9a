package store_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Whoever reads the database finds no address in it, not even under the key that an answer is kept
// under; and a request that has none sees nobody's.
func TestACalendarsSecretIsKeptHashed(t *testing.T) {
	b := setup(t)
	calendars := task.Calendars{Store: b.Store.(*store.Tasks), Now: b.Now}
	secret, _, err := calendars.Publish(t.Context(), of("ada"), task.Once{Key: "a key of hers", Window: time.Hour})
	b.must(err)
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	b.must(err)
	sum := sha256.Sum256(raw)
	var hashes, leaks int
	work := b.open(b.ways.WorkURL)
	b.must(work.GetContext(t.Context(), &hashes, `SELECT count(*) FROM calendars WHERE hash = $1`, sum[:]))
	b.must(work.GetContext(t.Context(), &leaks, `
		SELECT count(*) FROM idempotency_keys WHERE strpos(result::text, $1) > 0 OR strpos(result::text, $2) > 0 OR key LIKE '%a key%'`,
		secret, base64.StdEncoding.EncodeToString(raw)))
	if hashes != 1 || leaks != 0 {
		t.Errorf("%d hashes, %d leaks", hashes, leaks)
	}
	app := b.open(b.ways.URL)
	for _, as := range []string{"", "bob"} {
		b.must(postgres.As(t.Context(), app, as, func(tx postgres.Tx) error {
			var n int
			if err := tx.GetContext(t.Context(), &n, `SELECT count(*) FROM calendars`); err != nil || n != 0 {
				t.Errorf("as %q: %d calendars, %v", as, n, err)
			}
			return nil
		}))
	}
	if feed, err := calendars.Find(t.Context(), secret); err != nil || feed.Author.UserID != "ada" {
		t.Errorf("%+v, %v", feed, err)
	}
	b.must((&store.People{DB: work}).Forget(t.Context(), "ada"))
	if _, err := calendars.Find(t.Context(), secret); !errors.Is(err, task.ErrNoCalendar) {
		t.Errorf("of somebody who is gone: %v", err)
	}
}
