package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Broadcast reads every partition of its topics, in each process that runs one: no group
// shares them out, and nothing is committed. It starts some time back, reads from there to
// the end, and goes on with what comes.
type Broadcast struct {
	Opts   []kgo.Opt // Settings.Opts
	Topics []string
	Back   time.Duration // how far back it starts; 0 means ten minutes
	Log    *slog.Logger

	Metrics prometheus.Registerer // nil: none

	// Handle is given committed records of one partition, in order. It is called for one
	// partition after the other and must not block: the records of all wait meanwhile.
	Handle func(ctx context.Context, recs []*kgo.Record)

	meter   *Meter
	mu      sync.Mutex
	started bool
	behind  map[partition]int64 // where those end that we have not caught up with
}

// Ready is for the readiness probe: nil once all that was there at the start was handled.
func (b *Broadcast) Ready(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.started {
		return errors.New("the topics are not read yet")
	} else if n := len(b.behind); n > 0 {
		return fmt.Errorf("%d partitions are still to be read to their end", n)
	}
	return nil
}

// Run reads until ctx ends and returns nil then. It returns an error if a topic was
// deleted and made anew: what was read before is of another topic, so start afresh.
func (b *Broadcast) Run(ctx context.Context) error {
	b.meter = NewMeter(b.Metrics, "broadcast")
	from := time.Now().Add(-cmp.Or(b.Back, 10*time.Minute)).UnixMilli()
	client, err := kgo.NewClient(slices.Concat(b.Opts, []kgo.Opt{
		kgo.ConsumeTopics(b.Topics...),
		kgo.ConsumeStartOffset(kgo.NewOffset().AfterMilli(from)),
		kgo.ConsumeResetOffset(kgo.RewindOffset(cmp.Or(b.Back, 10*time.Minute))), // after a loss: seen twice is better than not
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // the last record before an end often is one: a transaction's
	})...)
	if err != nil {
		return err
	}
	defer client.Close()
	for wait := time.Second; ; wait = min(2*wait, 10*time.Second) {
		err := b.measure(ctx, client, from)
		if err == nil {
			break
		} else if ctx.Err() != nil {
			return nil
		}
		b.Log.WarnContext(ctx, "broadcast waits", "error", err)
		sleep(ctx, wait)
	}
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := b.failed(ctx, fetches); err != nil {
			return err
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) { b.handle(ctx, p) })
	}
}

// measure notes where each partition ends that has something to read. An end is the last
// stable offset: what stands behind an open transaction was not there for anybody yet.
func (b *Broadcast) measure(ctx context.Context, client *kgo.Client, from int64) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	admin := kadm.NewClient(client)
	starts, err := admin.ListOffsetsAfterMilli(ctx, from, b.Topics...)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return fmt.Errorf("starts: %w", err)
	}
	ends, err := admin.ListCommittedOffsets(ctx, b.Topics...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return fmt.Errorf("ends: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started, b.behind = true, map[partition]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		if start, _ := starts.Lookup(end.Topic, end.Partition); start.Offset < end.Offset {
			b.behind[partition{end.Topic, end.Partition}] = end.Offset
		}
	})
	return nil
}

func (b *Broadcast) failed(ctx context.Context, fetches kgo.Fetches) (fatal error) {
	fetches.EachError(func(topic string, number int32, err error) {
		b.Log.WarnContext(ctx, "fetch", "topic", topic, "partition", number, "error", err)
		if errors.Is(err, kerr.UnknownTopicID) {
			fatal = fmt.Errorf("topic %s was deleted and made anew: %w", topic, err)
		}
	})
	return fatal
}

func (b *Broadcast) handle(ctx context.Context, p kgo.FetchTopicPartition) {
	if len(p.Records) == 0 {
		return
	}
	next := p.Records[len(p.Records)-1].Offset + 1
	all := p.Records
	recs := slices.DeleteFunc(slices.Clone(all), func(rec *kgo.Record) bool { return rec.Attrs.IsControl() })
	if len(recs) > 0 {
		b.Handle(ctx, recs)
	}
	b.mu.Lock()
	at := partition{p.Topic, p.Partition}
	end, open := b.behind[at]
	if open && next >= end {
		delete(b.behind, at)
	}
	b.mu.Unlock()
	if !open && len(recs) > 0 { // what was there at the start is late for nobody
		b.meter.gauges.applied(recs)
	}
	b.meter.gauges.progress(at, p, len(all))
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
