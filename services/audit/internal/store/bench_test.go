package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

// BenchmarkAdd writes batches as the consumer does: 2,000 events of 500 bytes, of 1,000 people.
func BenchmarkAdd(b *testing.B) {
	s := open(b).entries
	content := []byte(strings.Repeat("x", 500))
	const size = 2000
	for b.Loop() {
		batch := make([]trail.Entry, size)
		for i := range batch {
			batch[i] = trail.Entry{
				EventID: uuid.Must(uuid.NewV7()), At: postgres.Now(), UserID: fmt.Sprint("person-", rand.IntN(1000)),
				TaskID: uuid.Must(uuid.NewV7()), Type: "task.updated", Content: content,
			}
		}
		if err := s.Add(b.Context(), batch, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkList reads pages of somebody with 100,000 entries.
func BenchmarkList(b *testing.B) {
	s := open(b)
	batch := make([]trail.Entry, 100_000)
	for i := range batch {
		batch[i] = entry("ada", i, func(e *trail.Entry) {
			if i%20_000 == 0 {
				e.Type = "series.ended"
			}
		})
	}
	s.must(s.Record(b.Context(), batch))
	s.superuser().MustExec(`VACUUM ANALYZE audit_log`)
	for name, page := range map[string]trail.Page{
		"first":  {Limit: 50},
		"deep":   {Limit: 50, After: &trail.Place{At: batch[90_000].At}},
		"task":   {Limit: 50, Filter: trail.Filter{TaskID: batch[500].TaskID}},
		"rarely": {Limit: 50, Filter: trail.Filter{Types: []string{"series.ended"}}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), "ada", page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
