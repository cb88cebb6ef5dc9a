package log

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// The keys of the state topic that are no timers'.
const (
	cursorKey = events.TimerCursor
	ownerKey  = "\x00owner" // written by each new owner, to know where the old one's records end
)

// A worker owns one partition, again and again: after any error it lets go of all that it
// had in memory and begins with what is on the topic.
type worker struct {
	*Owner
	number int32
	cancel context.CancelFunc
	ended  chan struct{}
	gone   bool // the group took it; under Owner.mu

	client *kgo.Client // in transactions; also reads the commands

	mu     sync.Mutex // of what follows, against those who look at it
	timers *timer.Timers
	view   timer.Partition

	next    int64 // the first command not read yet
	target  int64 // nothing fires before the commands are read up to there
	beat    time.Time
	counted time.Time
	load    load
}

func (o *Owner) newWorker(number int32) *worker {
	return &worker{Owner: o, number: number, ended: make(chan struct{}), view: timer.Partition{Number: number}}
}

// run owns the partition until ctx ends.
func (w *worker) run(ctx context.Context) {
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := w.own(ctx)
		w.mu.Lock()
		w.timers, w.view = nil, timer.Partition{Number: w.number, Resync: w.view.Resync}
		if err != nil {
			w.view.Error = err.Error()
		}
		w.mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			wait = 100 * time.Millisecond
		}
		w.Log.WarnContext(ctx, "let go of a partition", "partition", w.number, "error", err)
		sleep(ctx, wait)
		wait = min(2*wait, 5*time.Second)
		if fenced(err) {
			w.metrics.fences.Inc()
			for ctx.Err() == nil && !w.still(ctx, w.number) {
				sleep(ctx, time.Second) // until the group tells us that it is not ours
			}
		}
	}
}

func fenced(err error) bool {
	for _, one := range []error{kerr.ProducerFenced, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.UnknownProducerID} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// own claims the partition, restores its timers and runs them.
func (w *worker) own(ctx context.Context) (err error) {
	w.client, err = kgo.NewClient(slices.Concat(w.Kafka, kafka.TransactionOpts(w.names.group+"/"+strconv.Itoa(int(w.number))), []kgo.Opt{
		kgo.RecordPartitioner(partitioner(w.names)),
		kgo.ProducerLinger(0),                // a step is sent whole
		kgo.ProducerBatchMaxBytes(128 << 10), // a batch is what a look at one record reads
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // so that the cursor gets to where the commands end
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
	})...)
	if err != nil {
		return err
	}
	defer w.client.Close()
	timers := timer.New(w.Room/max(w.partitions(), 1), w.Pace)
	if err := w.claim(ctx, timers); err != nil {
		return err
	}
	if err := w.bounds(ctx); err != nil {
		return err
	}
	w.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{
		w.names.commands: {w.number: kgo.NewOffset().At(w.next)},
	})
	w.mu.Lock()
	w.timers, w.view.Restored, w.view.Error = timers, true, ""
	w.mu.Unlock()
	return w.loop(ctx)
}

// claim takes the transactional id, which fences whoever had it and settles what they left
// open, and reads the state up to our own first record: behind that nobody else can write.
func (w *worker) claim(ctx context.Context, timers *timer.Timers) error {
	select {
	case w.restore <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.restore }()
	began := time.Now()
	if _, _, err := w.client.ProducerID(ctx); err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	mark := &kgo.Record{Topic: w.names.state, Partition: w.number, Key: []byte(ownerKey), Value: []byte{}}
	if err := w.transact(ctx, []*kgo.Record{mark}); err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	w.next, w.target = -1, 0
	at, err := w.reader.place(ctx, w.number)
	if err != nil {
		return err
	}
	now := w.Now().UnixMilli()
	err = at.all(ctx, mark.Offset, func(rec *kgo.Record) (err error) {
		if len(rec.Key) == 0 || rec.Key[0] != 0 {
			return timers.Restore(rec.Key, rec.Value, rec.Offset, now)
		}
		if string(rec.Key) == cursorKey {
			w.next, err = timer.ReadCursor(rec.Value)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	w.beat = time.Now()
	w.mu.Lock()
	w.view.Took, w.view.Commit = time.Since(began), w.beat.UnixMilli()
	w.mu.Unlock()
	w.metrics.restores.Inc()
	w.metrics.restored.Observe(time.Since(began).Seconds())
	return nil
}

// bounds compares the cursor with what there is of commands. What lies before them is
// lost to us; only those who wrote it can say it again.
func (w *worker) bounds(ctx context.Context) error {
	admin := kadm.NewClient(w.client)
	starts, err1 := admin.ListStartOffsets(ctx, w.names.commands)
	ends, err2 := admin.ListEndOffsets(ctx, w.names.commands)
	if err := errors.Join(err1, err2, starts.Error(), ends.Error()); err != nil {
		return fmt.Errorf("bounds of %s: %w", w.names.commands, err)
	}
	start, _ := starts.Lookup(w.names.commands, w.number)
	end, _ := ends.Lookup(w.names.commands, w.number)
	why := ""
	switch {
	case w.next < 0 && start.Offset > 0:
		why = "there is no state, and the oldest commands are gone"
	case w.next >= 0 && w.next < start.Offset:
		why = "commands left retention before they were read"
	case w.next > end.Offset:
		why = "there are fewer commands than were applied: the topic was made anew"
	case w.next >= 0:
		return w.aim(ctx)
	}
	w.next = start.Offset
	if why != "" {
		w.metrics.resyncs.Inc()
		w.mu.Lock()
		w.view.Resync = why
		w.mu.Unlock()
		w.Log.ErrorContext(ctx, "timers may be missing: run `api timers resync`, and the same of every service that sets timers",
			"partition", w.number, "why", why, "from", w.next)
	}
	return w.aim(ctx)
}

// aim has nothing fire before the commands that are there by now were read: one of them
// may be a cancel that was in time.
func (w *worker) aim(ctx context.Context) error {
	ends, err := kadm.NewClient(w.client).ListCommittedOffsets(ctx, w.names.commands)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return fmt.Errorf("end of %s: %w", w.names.commands, err)
	}
	end, _ := ends.Lookup(w.names.commands, w.number)
	w.target = max(w.target, end.Offset)
	return nil
}

func (o *Owner) partitions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.count
}

// A partitioner sends what is about a partition of commands to the one of the same number,
// and what is delivered to where its key belongs.
type partitioner names

// ForTopic implements kgo.Partitioner.
func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	if topic == p.state || topic == p.letters {
		return kgo.ManualPartitioner().ForTopic(topic)
	}
	return kgo.StickyKeyPartitioner(nil).ForTopic(topic)
}
