package log

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

const (
	mostCommands = 2_000 // in one step
	stall        = time.Second
	commitWithin = 15 * time.Second // more than a transaction may live
)

// loop takes steps until ctx ends or one fails. After a failure nobody knows what became
// of it, and what is in memory may be ahead of the topic: the caller starts anew.
func (w *worker) loop(ctx context.Context) error {
	working, cancel := context.WithCancel(ctx)
	defer w.load.wait.Wait()
	defer cancel()
	w.load = load{done: make(chan []loaded, 1), failed: make(chan error, 1)}
	for ctx.Err() == nil {
		wait := w.pause()
		began := time.Now()
		recs, err := w.poll(ctx, wait)
		if err != nil || ctx.Err() != nil {
			return err
		}
		now := w.Now().UnixMilli()
		if time.Since(began) > wait+stall {
			// We were away, and what came meanwhile is not among these records.
			if err := w.aim(ctx); err != nil {
				return err
			}
		}
		if err := w.step(ctx, recs, now); err != nil {
			return err
		}
		if err := w.fetch(working, now); err != nil {
			return err
		}
		w.tally(now)
	}
	return nil
}

// pause is how long there is nothing to do unless a command comes.
func (w *worker) pause() time.Duration {
	now := w.Now()
	ms := now.UnixMilli()
	next := w.timers.Next(ms, ms+w.Nap.Milliseconds())
	wait := max(time.UnixMilli(next).Sub(now.Round(0)), 0)
	if w.next < w.target {
		wait = max(wait, 10*time.Millisecond) // what is due waits for commands: do not spin until they come
	}
	if w.load.busy {
		wait = min(wait, 10*time.Millisecond)
	}
	return wait
}

// poll returns the commands that come within wait, and until the gap to the last
// transaction is long enough.
func (w *worker) poll(ctx context.Context, wait time.Duration) ([]*kgo.Record, error) {
	polling, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	recs, err := w.records(w.client.PollRecords(polling, mostCommands), polling)
	if err != nil {
		return nil, err
	}
	if rest := w.Gap - time.Since(w.beat); rest > 0 {
		sleep(ctx, rest)
		if len(recs) < mostCommands {
			var more []*kgo.Record
			//lint:ignore SA1012 kgo says of nil: return what is there
			more, err = w.records(w.client.PollRecords(nil, mostCommands-len(recs)), polling)
			recs = append(recs, more...)
		}
	}
	return recs, err
}

func (w *worker) records(fetches kgo.Fetches, polling context.Context) ([]*kgo.Record, error) {
	for _, failed := range fetches.Errors() {
		if polling.Err() == nil || !errors.Is(failed.Err, polling.Err()) {
			return nil, fmt.Errorf("read %s: %w", failed.Topic, failed.Err)
		}
	}
	return fetches.Records(), nil
}

// step applies commands, fires what is due, and commits both with the cursor.
func (w *worker) step(ctx context.Context, recs []*kgo.Record, now int64) (err error) {
	out := batch{names: w.names, number: w.number, tracer: w.Tracer}
	var cmds []timer.Command
	ctx, done := w.begin(ctx, recs)
	defer func() { done(err); out.end(err) }()
	work := false
	for _, rec := range recs {
		w.next = rec.Offset + 1
		if rec.Attrs.IsControl() {
			continue
		}
		work = true
		c, err := w.Rules.Read(ceType(rec), rec.Value, kept(rec), now)
		if err != nil {
			w.Log.ErrorContext(ctx, "dead letter", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "error", err)
			out.letter(rec, err)
			continue
		}
		cmds = append(cmds, c)
	}
	w.mu.Lock()
	step := w.timers.Step(cmds, now, w.next >= w.target)
	w.mu.Unlock()
	if !work && step.Empty() && time.Since(w.beat) < w.Beat {
		return nil
	}
	if err := w.deliveries(ctx, &out, step.Due, now); err != nil {
		return err
	}
	state := out.state(step.Changes)
	if err := out.cursor(w.next); err != nil {
		return err
	}
	// Once begun it is finished, even while we are told to end.
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWithin)
	defer cancel()
	if err := w.transact(finish, out.recs); err != nil {
		return err
	}
	w.committed(step, state, len(cmds), out.letters)
	return nil
}

// deliveries adds the records that are due. A topic that was taken off the allow-list
// since makes a dead letter, not an obstacle.
func (w *worker) deliveries(ctx context.Context, out *batch, due []timer.Due, now int64) error {
	for _, d := range due {
		one, err := d.Deliver(now)
		if err != nil {
			return err
		}
		if w.Rules.Allows(one.Topic) {
			out.deliver(one)
			continue
		}
		command, err := d.Command()
		if err != nil {
			return err
		}
		why := fmt.Errorf("topic %q is no longer on the allow-list (TIMER_TOPICS)", one.Topic)
		w.Log.ErrorContext(ctx, "dead letter", "topic", w.names.commands, "partition", w.number, "error", why)
		out.letter(out.recordOf(command), why)
		w.mu.Lock()
		w.timers.Refuse(d)
		w.mu.Unlock()
	}
	return nil
}

// transact writes records in one transaction. After an error it may have been committed or
// not; only the next claim settles that.
func (w *worker) transact(ctx context.Context, recs []*kgo.Record) error {
	began := time.Now()
	if err := w.client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	var mu sync.Mutex
	var failed error
	for _, rec := range recs {
		w.client.Produce(ctx, rec, func(rec *kgo.Record, err error) {
			if err != nil {
				mu.Lock()
				failed = errors.Join(failed, fmt.Errorf("write to %s: %w", rec.Topic, err))
				mu.Unlock()
			}
		})
	}
	if err := w.client.Flush(ctx); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if failed != nil {
		return failed
	}
	if err := w.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	w.metrics.transactions.Inc()
	w.metrics.took.Observe(time.Since(began).Seconds())
	return nil
}

// committed takes note of what is now on the topics.
func (w *worker) committed(step timer.Step, state []*kgo.Record, commands, letters int) {
	w.beat = time.Now()
	offsets := make([]int64, len(state))
	for i, rec := range state {
		offsets[i] = rec.Offset
	}
	w.mu.Lock()
	w.timers.Stored(step.Changes, offsets)
	w.view.Cursor, w.view.Commit = w.next, w.beat.UnixMilli()
	w.mu.Unlock()
	w.metrics.commands.WithLabelValues("applied").Add(float64(commands - step.Stale))
	w.metrics.commands.WithLabelValues("stale").Add(float64(step.Stale))
	w.metrics.commands.WithLabelValues("dead_letter").Add(float64(letters))
	w.metrics.fired.Add(float64(len(step.Due)))
	after := w.Now().UnixMilli()
	for _, d := range step.Due {
		w.metrics.lateness.Observe(float64(after-d.At) / 1000)
	}
}

// tally looks at the timers once a second.
func (w *worker) tally(now int64) {
	if time.Since(w.counted) < time.Second {
		return
	}
	w.counted = time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.view.Counts = w.timers.Count(now)
}

// ceType is the type that a record's headers name.
func ceType(rec *kgo.Record) string {
	for _, h := range rec.Headers {
		if h.Key == "ce_type" {
			return string(h.Value)
		}
	}
	return ""
}
