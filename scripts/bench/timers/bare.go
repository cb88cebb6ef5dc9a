package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// stateOf is the record that the scheduler keeps of a timer.
func stateOf(t *timerv1.Schedule) *kgo.Record {
	value, err := proto.Marshal(&timerv1.State{Rev: t.Rev, DueMs: t.DueMs, Topic: t.Topic, Key: t.Key, Payload: t.Payload, Headers: t.Headers})
	if err != nil {
		panic(err)
	}
	return &kgo.Record{Topic: events.TimerState, Key: []byte(t.TimerId), Value: value}
}

// bare writes the records of timers when they are due, with eight clients side by side as
// the scheduler has, in transactions of up to 2,000 and 5 ms apart. It keeps no state, so
// it does less than half of the work.
func (s *stage) bare(ctx context.Context, timers []*timerv1.Schedule, record func(*timerv1.Schedule) *kgo.Record) error {
	var wait sync.WaitGroup
	errs := make(chan error, eight)
	for share := range eight {
		wait.Go(func() {
			var own []*timerv1.Schedule
			for n := share; n < len(timers); n += eight {
				own = append(own, timers[n])
			}
			errs <- s.share(ctx, "bare/"+strconv.Itoa(share), own, record)
		})
	}
	wait.Wait()
	for range eight {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) share(ctx context.Context, id string, timers []*timerv1.Schedule, record func(*timerv1.Schedule) *kgo.Record) error {
	client, err := kgo.NewClient(slices.Concat(s.opts, kafka.TransactionOpts(id), []kgo.Opt{kgo.ProducerLinger(0)})...)
	if err != nil {
		return err
	}
	defer client.Close()
	for len(timers) > 0 {
		time.Sleep(max(time.Until(time.UnixMilli(timers[0].DueMs)), 0))
		if err := client.BeginTransaction(); err != nil {
			return err
		}
		now, n := time.Now().UnixMilli(), 0
		for ; n < min(len(timers), 2000) && timers[n].DueMs <= now; n++ {
			client.Produce(ctx, record(timers[n]), nil)
		}
		if err := client.Flush(ctx); err != nil {
			return err
		}
		if err := client.EndTransaction(ctx, kgo.TryCommit); err != nil {
			return err
		}
		timers = timers[n:]
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// end stops one scheduler.
func (s *stage) end(one *scheduler) {
	_ = one.cmd.Process.Signal(syscall.SIGTERM)
	_ = one.cmd.Wait()
	s.procs = slices.DeleteFunc(s.procs, func(p *exec.Cmd) bool { return p == one.cmd })
}

// many fills the state topic as if so many timers had been set, and measures who takes
// them over.
func many(ctx context.Context, s *stage, set settings) ([]row, error) {
	began := time.Now()
	if err := s.prefill(ctx, set.many); err != nil {
		return nil, err
	}
	fmt.Printf("filled the state topic in %v\n", time.Since(began).Round(time.Second))
	bare, err := s.scan(ctx, set.many)
	if err != nil {
		return nil, err
	}
	began = time.Now()
	first, err := s.schedule(ctx)
	if err != nil {
		return nil, err
	}
	if err := first.owns(ctx, eight); err != nil {
		return nil, err
	}
	took := time.Since(began)
	time.Sleep(5 * time.Second)
	pending := 0
	for _, p := range first.partitions() {
		pending += p.Pending
	}
	if pending != set.many {
		return nil, fmt.Errorf("%d timers are pending, not %d", pending, set.many)
	}
	now, most := first.memory()
	live := first.metric("go_memstats_heap_inuse_bytes")
	rows := []row{
		{fmt.Sprintf("%d pending: memory", pending), "≤ 1 GB", fmt.Sprintf("%d MiB now, %d at most; heap in use %.0f MiB", now, most, live/(1<<20)), "–"},
		{fmt.Sprintf("%d pending: restored", pending), "≤ 30 s", fmt.Sprintf("%.1f s from the start of the process", took.Seconds()), bare + " to read them"},
	}
	second, err := s.schedule(ctx)
	if err != nil {
		return nil, err
	}
	began = time.Now()
	if err := second.owns(ctx, eight/2); err != nil {
		return nil, err
	}
	took, worst := time.Since(began), 0.0
	for _, p := range second.partitions() {
		worst = max(worst, p.Took)
	}
	return append(rows, row{fmt.Sprintf("a partition of %d moves", set.many/eight), "≤ 2 s",
		fmt.Sprintf("%.1f s (the slowest of 4 at once; all done after %.1f s)", worst, took.Seconds()), "–"}), nil
}

func (s *stage) prefill(ctx context.Context, n int) error {
	client, err := kgo.NewClient(append(slices.Clone(s.opts), kgo.MaxBufferedRecords(100_000), kgo.ProducerBatchMaxBytes(128<<10))...)
	if err != nil {
		return err
	}
	defer client.Close()
	now := time.Now()
	for i := range n {
		t := timerAt(now.Add(time.Hour + time.Duration(i)*7919%(30*24*time.Hour)))
		client.Produce(ctx, stateOf(t), func(_ *kgo.Record, e error) {
			if e != nil {
				err = e
			}
		})
	}
	if e := client.Flush(ctx); e != nil {
		return e
	}
	return err
}

// scan reads the state topic as a bare client does that only counts.
func (s *stage) scan(ctx context.Context, n int) (string, error) {
	client, err := kgo.NewClient(append(slices.Clone(s.opts), kgo.ConsumeTopics(events.TimerState),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return "", err
	}
	defer client.Close()
	began := time.Now()
	for got := 0; got < n; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return "", err
		}
		got += fetches.NumRecords()
	}
	return fmt.Sprintf("%.1f s", time.Since(began).Seconds()), nil
}
