package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

const eight = events.DevelopmentPartitions

// steady has 333 timers due a second, rush 20,000.
func steady(ctx context.Context, s *stage, set settings) ([]row, error) {
	return late(ctx, s, "333 due a second: lateness", "p99 ≤ 10 ms", 333, set.length, 5*time.Second)
}

func rush(ctx context.Context, s *stage, set settings) ([]row, error) {
	return late(ctx, s, "20,000 due a second: lateness", "p99 ≤ 30 ms", 20_000, set.length/2, 30*time.Second)
}

// late measures from when a timer was due to when its reader had the record. The timers
// are set before the first is due.
func late(ctx context.Context, s *stage, what, wanted string, rate int, length, lead time.Duration) ([]row, error) {
	measured := func(begin func(time.Time) []*timerv1.Schedule, fire func([]*timerv1.Schedule) error) (string, error) {
		watch, err := s.watch(ctx)
		if err != nil {
			return "", err
		}
		defer watch.close()
		time.Sleep(time.Second) // the reader finds its end
		timers := begin(time.Now().Add(lead))
		if err := fire(timers); err != nil {
			return "", err
		}
		if err := watch.wait(ctx, len(timers), lead+length+time.Minute); err != nil {
			return "", err
		}
		return watch.quantiles(), nil
	}
	plan := func(from time.Time) (timers []*timerv1.Schedule) {
		for n := range rate * int(length/time.Second) {
			timers = append(timers, timerAt(from.Add(time.Duration(n)*time.Second/time.Duration(rate))))
		}
		return timers
	}
	one, err := s.schedule(ctx)
	if err != nil {
		return nil, err
	}
	if err := one.owns(ctx, eight); err != nil {
		return nil, err
	}
	// A broker on the JVM is slow until it has done everything some thousand times.
	warm := func(from time.Time) []*timerv1.Schedule { return plan(from)[:rate*5] }
	if _, err := measured(warm, func(timers []*timerv1.Schedule) error { return s.send(ctx, timers) }); err != nil {
		return nil, err
	}
	got, err := measured(plan, func(timers []*timerv1.Schedule) error { return s.send(ctx, timers) })
	if err != nil {
		return nil, err
	}
	s.end(one)
	bare, err := measured(plan, func(timers []*timerv1.Schedule) error { return s.bare(ctx, timers, dueOf) })
	return []row{{what, wanted, got, bare}}, err
}

// herd has all timers due at one moment: how fast do they go?
func herd(ctx context.Context, s *stage, _ settings) ([]row, error) {
	const n = 200_000
	one, err := s.schedule(ctx)
	if err != nil {
		return nil, err
	}
	if err := one.owns(ctx, eight); err != nil {
		return nil, err
	}
	watch, err := s.watch(ctx)
	if err != nil {
		return nil, err
	}
	defer watch.close()
	at := time.Now().Add(40 * time.Second).Truncate(time.Millisecond)
	var timers []*timerv1.Schedule
	for range n {
		timers = append(timers, timerAt(at))
	}
	if err := s.send(ctx, timers); err != nil {
		return nil, err
	}
	if err := watch.wait(ctx, n, 3*time.Minute); err != nil {
		return nil, err
	}
	got := rate(n, watch.last.Sub(at))
	s.end(one)
	began := time.Now()
	for _, t := range timers {
		t.DueMs = began.UnixMilli()
	}
	err = s.bare(ctx, timers, dueOf)
	return []row{{fmt.Sprintf("%d due at once, exactly once", n), "≥ 20,000/s", got, rate(n, time.Since(began))}}, err
}

// register measures from the first command to when all are applied and committed.
func register(ctx context.Context, s *stage, _ settings) ([]row, error) {
	const n = 300_000
	one, err := s.schedule(ctx)
	if err != nil {
		return nil, err
	}
	if err := one.owns(ctx, eight); err != nil {
		return nil, err
	}
	var timers []*timerv1.Schedule
	for i := range n {
		timers = append(timers, timerAt(time.Now().AddDate(0, 0, 1+i%300)))
	}
	began := time.Now()
	if err := s.send(ctx, timers); err != nil {
		return nil, err
	}
	for one.metric("tickler_timers_commands_total") < n && ctx.Err() == nil && time.Since(began) < 3*time.Minute {
		time.Sleep(20 * time.Millisecond)
	}
	got := rate(n, time.Since(began))
	s.end(one)
	began = time.Now()
	for _, t := range timers {
		t.DueMs = began.UnixMilli()
	}
	err = s.bare(ctx, timers, stateOf)
	return []row{{fmt.Sprintf("%d registrations", n), "≥ 20,000/s", got, rate(n, time.Since(began)) + " (writes the state only)"}}, err
}

func rate(n int, took time.Duration) string {
	return fmt.Sprintf("%.0f/s", float64(n)/took.Seconds())
}

// send sets timers.
func (s *stage) send(ctx context.Context, timers []*timerv1.Schedule) error {
	client, err := kgo.NewClient(append(slices.Clone(s.opts), kgo.MaxBufferedRecords(50_000))...)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, t := range timers {
		client.Produce(ctx, commandOf(t), func(_ *kgo.Record, e error) {
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
