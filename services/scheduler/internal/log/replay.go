package log

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
)

// Replays is a part beside Run: it settles the dead letters that an operator wants replayed
// or dropped (scripts/dlq). A replayed command that is good now goes to the end of its
// topic, which nobody reads but we: its rev says what it still means there.
func (o *Owner) Replays(ctx context.Context) error {
	member := o.joined(ctx)
	if member == nil {
		return nil // ctx has ended
	}
	writer, err := kgo.NewClient(slices.Concat(o.Kafka, []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())})...)
	if err != nil {
		return err
	}
	defer writer.Close()
	consumer := kafka.Consumer{
		Client: member, Log: o.Log, Metrics: o.Metrics,
		Healthy: func(ctx context.Context) error { return writer.Ping(ctx) },
		Handle: func(ctx context.Context, recs []*kgo.Record) error {
			var again []*kgo.Record
			for _, rec := range recs {
				if _, err := o.Rules.Read(ceType(rec), rec.Value, "", o.Now().UnixMilli()); err != nil {
					return err
				}
				again = append(again, &kgo.Record{Topic: o.names.commands, Partition: rec.Partition, Key: rec.Key, Value: rec.Value, Headers: rec.Headers})
			}
			if err := writer.ProduceSync(ctx, again...).FirstErr(); err != nil {
				return fault.Wrap(fault.Unavailable, err, fmt.Sprintf("write to %s", o.names.commands))
			}
			return nil
		},
	}
	return consumer.RunReplays(ctx)
}

// joined waits for the client that is a member of the group, nil if ctx ends before.
func (o *Owner) joined(ctx context.Context) *kgo.Client {
	for ; ctx.Err() == nil; sleep(ctx, 100*time.Millisecond) {
		o.mu.Lock()
		member := o.member
		o.mu.Unlock()
		if member != nil {
			return member
		}
	}
	return nil
}
