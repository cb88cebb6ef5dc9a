package store_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/services/audit/internal/store"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

func (b *bench) partitions() (names []string) {
	b.Helper()
	b.must(b.entries.Work.SelectContext(b.Context(), &names, `
		SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'audit_log'::regclass ORDER BY relname`))
	return names
}

func month(t time.Time) string { return "audit_log_" + t.UTC().Format("2006_01") }

func TestMonthsArePreparedAndDroppedWhole(t *testing.T) {
	b := open(t)
	now := time.Now().UTC()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	want := []string{"audit_log_other"}
	for n := -1; n <= 3; n++ {
		want = append(want, month(first.AddDate(0, n, 0)))
	}
	slices.Sort(want)
	if got := b.partitions(); !slices.Equal(got, want) {
		t.Errorf("prepared are %v", got)
	}
	var part string
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 0)}))
	b.must(b.entries.Work.GetContext(t.Context(), &part, `SELECT tableoid::regclass::text FROM audit_log`))
	if part != month(now) {
		t.Errorf("an entry of now is in %s", part)
	}
	// The time of this month and the one before is over with the first instant of the next.
	keep := &store.Upkeep{DB: b.entries.Work, Log: slog.New(slog.DiscardHandler), Retention: time.Hour}
	b.must(keep.Once(t.Context(), first.AddDate(0, 1, 0).Add(time.Hour)))
	if got := b.partitions(); slices.Contains(got, month(now)) || slices.Contains(got, month(first.AddDate(0, -1, 0))) || len(got) != 4 {
		t.Errorf("left are %v", got)
	}
	b.must(keep.Once(t.Context(), now))
	if got := b.partitions(); !slices.Contains(got, month(now)) {
		t.Errorf("not prepared again: %v", got)
	}
}

func TestAnEntryPastItsTimeIsNeitherShownNorWrittenAndThenRemoved(t *testing.T) {
	b := open(t)
	other := func(e *trail.Entry) { e.EventID = uuid.New() } // is in no month
	old, young := entry("ada", 3600, other), entry("ada", 60, other)
	b.must(b.Record(t.Context(), []trail.Entry{old, young}))
	b.Retention = 30 * time.Minute
	if got := b.list("ada", trail.Filter{}); len(got) != 1 || got[0].EventID != young.EventID {
		t.Errorf("listed are %+v", got)
	}
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 3600, other)}))
	keep := &store.Upkeep{DB: b.entries.Work, Log: slog.New(slog.DiscardHandler), Retention: b.Retention}
	b.must(keep.Once(t.Context(), time.Now()))
	var left []string
	b.must(b.entries.Work.SelectContext(t.Context(), &left, `SELECT event_id::text FROM audit_log`))
	if !slices.Equal(left, []string{young.EventID.String()}) {
		t.Errorf("left are %v", strings.Join(left, " "))
	}
}

func TestAMonthThatNobodyPreparedHoldsNothingUp(t *testing.T) {
	b := open(t)
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 0)}))
	super := b.superuser()
	for _, part := range b.partitions() {
		if part != "audit_log_other" {
			super.MustExec(`DROP TABLE ` + part)
		}
	}
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 0)}))
	keep := &store.Upkeep{DB: b.entries.Work, Log: slog.New(slog.DiscardHandler), Retention: b.Retention}
	b.must(keep.Once(t.Context(), time.Now()))
	b.must(b.Record(t.Context(), []trail.Entry{entry("ada", 0)}))
	if got := b.list("ada", trail.Filter{}); len(got) != 2 {
		t.Errorf("%d entries", len(got))
	}
	if got := b.partitions(); slices.Contains(got, month(time.Now())) || len(got) != 5 {
		t.Errorf("partitions: %v", got)
	}
}
