package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Scan gives f every committed record of a topic, each partition in order, from its start
// to where it ended when Scan began, or until f returns false.
func Scan(ctx context.Context, opts []kgo.Opt, topic string, f func(*kgo.Record) bool) error {
	return scan(ctx, opts, topic, nil, f)
}

// scan is Scan of the partitions that from names, each from there on; nil means all.
func scan(ctx context.Context, opts []kgo.Opt, topic string, from map[int32]int64, f func(*kgo.Record) bool) error {
	// Control records are kept because the last record often is one: a transaction's end.
	reader, err := kgo.NewClient(slices.Concat(opts, []kgo.Opt{kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())})...)
	if err != nil {
		return err
	}
	defer reader.Close()
	open, err := extents(ctx, reader, topic, from)
	if err != nil {
		return err
	}
	begin := map[int32]kgo.Offset{}
	for number, e := range open {
		begin[number] = kgo.NewOffset().At(e.start)
	}
	reader.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: begin})

	for stopped := false; len(open) > 0 && !stopped; {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read %s: %w", topic, err)
		}
		fetches.EachRecord(func(rec *kgo.Record) {
			e, ok := open[rec.Partition]
			if !ok || stopped {
				return // behind the end that we were to read to
			}
			if rec.Offset < e.end && !rec.Attrs.IsControl() {
				stopped = !f(rec)
			}
			if rec.Offset+1 >= e.end {
				delete(open, rec.Partition)
			}
		})
	}
	return nil
}

// An extent is what there is of a partition: from start up to, without, end.
type extent struct{ start, end int64 }

// extents returns those that are not empty. They go to the very end, not to the last
// stable offset: behind somebody else's open transaction a committed value may stand, so
// who reads them waits until that one ends.
func extents(ctx context.Context, client *kgo.Client, topic string, from map[int32]int64) (map[int32]extent, error) {
	admin := kadm.NewClient(client)
	starts, err1 := admin.ListStartOffsets(ctx, topic)
	ends, err2 := admin.ListEndOffsets(ctx, topic)
	if err := errors.Join(err1, err2, starts.Error(), ends.Error()); err != nil {
		return nil, fmt.Errorf("ends of %s: %w", topic, err)
	}
	all := map[int32]extent{}
	ends.Each(func(end kadm.ListedOffset) {
		start, _ := starts.Lookup(topic, end.Partition)
		e := extent{start.Offset, end.Offset}
		if from != nil {
			begin, wanted := from[end.Partition]
			if !wanted {
				return
			}
			e.start = max(e.start, begin)
		}
		if e.start < e.end {
			all[end.Partition] = e
		}
	})
	return all, nil
}

// latestTimeout bounds Latest. An open transaction holds it up for as long as that may
// live, which is the 10 s of TransactionOpts.
const latestTimeout = 30 * time.Second

// Latest returns the last committed value of key in a compacted topic, nil if it has
// none. It reads the topic to its end, so it is for topics with few keys. It gives up
// after 30 s.
func Latest(ctx context.Context, opts []kgo.Opt, topic, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, latestTimeout)
	defer cancel()
	var value []byte
	err := scan(ctx, opts, topic, nil, func(rec *kgo.Record) bool {
		if string(rec.Key) == key {
			value = rec.Value
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}
