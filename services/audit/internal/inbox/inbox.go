// Package inbox is the event door: it turns whatever is told on the topics into entries of the
// trail.
package inbox

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

// Topics are those whose events are on the trail.
func Topics() []string {
	return []string{events.TaskEvents, events.NotificationEvents, events.UserEvents}
}

// Batch is how many records a turn of the consumer takes. A fetch has them partition by
// partition, so it must be several partitions' worth for these to go side by side.
const Batch = 16_000

// Events writes every event into the trail, whatever its type. What is no event at all is for
// the dead letters.
func Events(record *trail.Service) kafka.Handler {
	return func(ctx context.Context, recs []*kgo.Record) error {
		batch := make([]trail.Entry, len(recs))
		for i, rec := range recs {
			var err error
			if batch[i], err = entry(rec); err != nil {
				return err
			}
		}
		return record.Record(ctx, batch)
	}
}

func entry(rec *kgo.Record) (trail.Entry, error) {
	return trail.NewEntry(kafka.Header(rec, "ce_type"), kafka.Header(rec, "ce_subject"), rec.Value)
}

// rebuilt is how many records of a rebuild are written at once.
const rebuilt = 2000

// Rebuild writes all that is still on the topics into the trail: after a loss, or for an empty
// schema. It reads without the group, so it may run beside the service, and twice. What is no
// event is left out, as the dead letters are.
func Rebuild(ctx context.Context, opts []kgo.Opt, record *trail.Service, log *slog.Logger) error {
	for _, topic := range Topics() {
		var (
			batch           []trail.Entry
			entries, others int
			failed          error
		)
		flush := func() error {
			if len(batch) == 0 {
				return nil
			}
			entries += len(batch)
			failed = record.Record(ctx, batch)
			batch = batch[:0]
			return failed
		}
		err := kafka.Scan(ctx, opts, topic, func(rec *kgo.Record) bool {
			e, err := entry(rec)
			if err != nil {
				others++
				log.WarnContext(ctx, "left out", "topic", topic, "partition", rec.Partition, "offset", rec.Offset, "error", err)
				return true
			}
			batch = append(batch, e)
			return len(batch) < rebuilt || flush() == nil
		})
		if err == nil {
			err = failed
		}
		if err == nil {
			err = flush()
		}
		if err != nil {
			return fmt.Errorf("rebuild from %s: %w", topic, err)
		}
		log.InfoContext(ctx, "rebuilt", "topic", topic, "entries", entries, "left_out", others)
	}
	return nil
}
