package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// forgetTimers has the scheduler begin with no timer, behind all commands that are there: those
// who set timers set theirs anew. It must not run meanwhile, since what it has in memory counts.
func forgetTimers(ctx context.Context, client *kgo.Client, opts []kgo.Opt, out io.Writer) error {
	admin := kadm.NewClient(client)
	if err := ended(ctx, admin, "scheduler"); err != nil {
		return err
	}
	var recs []*kgo.Record
	known := map[string]int32{} // the partition of each timer
	if err := kafka.Scan(ctx, opts, events.TimerState, func(rec *kgo.Record) bool {
		if key := string(rec.Key); rec.Value == nil {
			delete(known, key)
		} else if key != "" && key[0] != 0 { // those are the scheduler's own
			known[key] = rec.Partition
		}
		return true
	}); err != nil {
		return err
	}
	for key, partition := range known {
		recs = append(recs, &kgo.Record{Topic: events.TimerState, Partition: partition, Key: []byte(key)})
	}
	ends, err := admin.ListEndOffsets(ctx, events.TimerCommands)
	if err := errors.Join(err, ends.Error()); err != nil {
		return err
	}
	for partition, end := range ends[events.TimerCommands] {
		value, err := proto.Marshal(&timerv1.Cursor{NextOffset: end.Offset})
		if err != nil {
			return err
		}
		recs = append(recs, &kgo.Record{Topic: events.TimerState, Partition: partition, Key: []byte(events.TimerCursor), Value: value})
	}
	if err := send(ctx, opts, recs); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d timers are forgotten; now start the services, then: api timers resync\n", len(known))
	return err
}

// ended fails while somebody is in a group.
func ended(ctx context.Context, admin *kadm.Client, group string) error {
	found, err := admin.DescribeGroups(ctx, group)
	if err := errors.Join(err, found[group].Err); err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return err
	}
	if len(found[group].Members) > 0 {
		return fmt.Errorf("somebody is in the group %s: stop the services first (one that was killed is there for some seconds more)", group)
	}
	return nil
}

// send writes records to the partitions that they name.
func send(ctx context.Context, opts []kgo.Opt, recs []*kgo.Record) error {
	writer, err := kgo.NewClient(slices.Concat(opts, []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())})...)
	if err != nil {
		return err
	}
	defer writer.Close()
	return writer.ProduceSync(ctx, recs...).FirstErr()
}
