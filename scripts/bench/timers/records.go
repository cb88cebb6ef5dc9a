package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// timerAt is a reminder's timer as api sets it.
func timerAt(due time.Time) *timerv1.Schedule {
	id, user, task := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	s, err := events.Timer{ID: id, Rev: 1, Due: due}.Schedule(&reminderv1.ReminderDue{
		ReminderId: id, UserId: user, TaskId: task, Title: "Pay the rent for " + user[:4], Zone: "Europe/Berlin",
		DueAt: timestamppb.New(due.Add(time.Hour)), Version: 3, Priority: "normal", RemindAt: timestamppb.New(due),
		Reminder: &taskv1.Reminder{Id: id, MinutesBefore: proto.Int32(60), RemindAt: timestamppb.New(due), Status: "scheduled"},
	})
	if err != nil {
		panic(err) // what is above is complete
	}
	return s
}

// commandOf is the record that sets a timer.
func commandOf(s *timerv1.Schedule) *kgo.Record {
	r, err := events.EncodeCommand(s, "/tickler/api", "")
	if err != nil {
		panic(err)
	}
	rec := &kgo.Record{Topic: r.Topics[0], Key: []byte(r.Key), Value: r.Value}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	return rec
}

// dueOf is the record that the scheduler delivers for a timer.
func dueOf(s *timerv1.Schedule) *kgo.Record {
	value, err := proto.Marshal(&timerv1.Due{TimerId: s.TimerId, Rev: s.Rev, DueMs: s.DueMs, FiredMs: s.DueMs, Payload: s.Payload})
	if err != nil {
		panic(err)
	}
	rec := &kgo.Record{Topic: s.Topic, Key: s.Key, Value: value}
	for _, h := range s.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	return rec
}

// A seen collects when records of reminders could be read, and looks that none is early
// or there twice.
type seen struct {
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	late  []time.Duration
	last  time.Time
	ids   map[string]bool
	wrong error
}

func (s *stage) watch(ctx context.Context) (*seen, error) {
	client, err := kgo.NewClient(append(slices.Clone(s.opts), kgo.ConsumeTopics(events.Reminders),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &seen{cancel: cancel, ids: map[string]bool{}}
	w.done.Go(func() {
		defer client.Close()
		for ctx.Err() == nil {
			fetches := client.PollFetches(ctx)
			now := time.Now()
			w.mu.Lock()
			fetches.EachRecord(func(rec *kgo.Record) { w.note(rec, now) })
			w.mu.Unlock()
		}
	})
	return w, nil
}

func (w *seen) note(rec *kgo.Record, now time.Time) {
	var due timerv1.Due
	if err := proto.Unmarshal(rec.Value, &due); err != nil {
		w.wrong = err
		return
	}
	late := now.Sub(time.UnixMilli(due.DueMs))
	if late < 0 || due.FiredMs < due.DueMs {
		w.wrong = fmt.Errorf("%s was %v early", due.TimerId, -late)
	} else if w.ids[due.TimerId] {
		w.wrong = fmt.Errorf("%s came twice", due.TimerId)
	}
	w.ids[due.TimerId] = true
	w.late, w.last = append(w.late, late), now
}

// wait returns once n records were seen and a moment more, in which one too many would come.
func (w *seen) wait(ctx context.Context, n int, within time.Duration) error {
	for end := time.Now().Add(within); w.count() < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("%d of %d timers fired", w.count(), n)
		}
	}
	time.Sleep(500 * time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.late) != n {
		return fmt.Errorf("%d timers fired, not %d", len(w.late), n)
	}
	return w.wrong
}

func (w *seen) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.late)
}

func (w *seen) close() {
	w.cancel()
	w.done.Wait()
}

// quantiles are p50, p99 and the worst, in milliseconds.
func (w *seen) quantiles() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.late)
	at := func(q float64) float64 {
		return float64(w.late[min(int(q*float64(len(w.late))), len(w.late)-1)].Microseconds()) / 1000
	}
	return fmt.Sprintf("p50 %.1f p99 %.1f max %.0f ms", at(.5), at(.99), at(1))
}
