// Package inbox is the event door, and the way out as well: it reads what was done and
// writes what is to follow, in one Kafka transaction with the offsets.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

const (
	group  = "recurring"
	source = "/tickler/recurring"
	// pollMax bounds the records of one transaction.
	pollMax = 500
	// gather is how long what is done is gathered: each turn is a transaction, though most of it
	// only passes by what does not recur.
	gather = 20 * time.Millisecond
	// endWithin bounds the end of a transaction that ctx must not cut short.
	endWithin = 10 * time.Second
)

// Transform turns task-events into task-commands. What it reads and what it writes are one
// transaction: after a crash the group goes on where the last one ended, and readers of
// committed records see each command once. Correct it would be without, since api takes a
// command once; the transaction saves it the work.
type Transform struct {
	Kafka   []kgo.Opt
	Next    func(events.TaskEvent) (*taskv1.CreateOccurrence, error)
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Tracer  trace.TracerProvider // nil: no spans

	commands prometheus.Counter
	meter    *kafka.Meter
	moved    atomic.Int64 // Unix seconds of the last turn
}

// Run transforms until ctx ends. After any error it begins anew with another session: nobody
// knows what became of the transaction in hand, the group's offsets do.
func (t *Transform) Run(ctx context.Context) error {
	t.commands = prometheus.NewCounter(prometheus.CounterOpts{Name: "tickler_recurring_commands_total", Help: "Next occurrences asked for."})
	if t.Metrics != nil {
		t.Metrics.MustRegister(t.commands)
	}
	t.meter = kafka.NewMeter(t.Metrics, group)
	for {
		err := t.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		t.Log.WarnContext(ctx, "session ended, a new one begins", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// Ready is for the readiness probe: a turn was ended lately.
func (t *Transform) Ready(context.Context) error {
	if since := time.Since(time.Unix(t.moved.Load(), 0)); since > time.Minute {
		return errors.New("no turn of the group yet, or not for a minute")
	}
	return nil
}

func (t *Transform) session(ctx context.Context) error {
	// The id is of this session alone: two members with the same would fence each other, and
	// what a dead one left open ends by itself (KIP-447).
	session, err := kgo.NewGroupTransactSession(slices.Concat(t.Kafka, kafka.GroupOpts(group, events.TaskEvents),
		kafka.TransactionOpts(group+"-"+uuid.NewString()))...)
	if err != nil {
		return err
	}
	defer kafka.Leave(session.Client())
	stop, err := t.replays(ctx, session)
	if err != nil {
		return err
	}
	defer stop()
	for ctx.Err() == nil {
		began := time.Now()
		if err := t.turn(ctx, session); err != nil {
			return err
		}
		t.moved.Store(time.Now().Unix())
		select {
		case <-ctx.Done():
		case <-time.After(gather - time.Since(began)):
		}
	}
	return nil
}

// replays handles, beside the session, the dead letters that operators ask for again. They
// are sent outside of its transactions: api takes a command once.
func (t *Transform) replays(ctx context.Context, session *kgo.GroupTransactSession) (stop func(), err error) {
	plain, err := kgo.NewClient(t.Kafka...)
	if err != nil {
		return nil, err
	}
	beside := &kafka.Consumer{
		Client: session.Client(), Log: t.Log, Healthy: plain.Ping, Metrics: t.Metrics, Tracer: t.Tracer,
		Handle: func(ctx context.Context, recs []*kgo.Record) error {
			var out []*kgo.Record
			for _, rec := range recs {
				next, err := t.next(rec)
				if err != nil {
					return fault.Wrap(fault.Invalid, err, "it cannot be read")
				} else if next != nil {
					out = append(out, next)
				}
			}
			return plain.ProduceSync(ctx, out...).FirstErr()
		},
	}
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := beside.RunReplays(ctx); err != nil {
			t.Log.WarnContext(ctx, "no replays", "error", err)
		}
	})
	return func() { cancel(); wait.Wait(); plain.Close() }, nil
}

// turn is one transaction: what was polled, and what follows from it.
func (t *Transform) turn(ctx context.Context, session *kgo.GroupTransactSession) error {
	polling, cancel := context.WithTimeout(ctx, time.Second)
	fetches := session.PollRecords(polling, pollMax)
	cancel()
	if ctx.Err() != nil {
		return nil
	}
	for _, failed := range fetches.Errors() {
		if !errors.Is(failed.Err, context.DeadlineExceeded) {
			return fmt.Errorf("poll %s: %w", failed.Topic, failed.Err)
		}
	}
	if fetches.NumRecords() == 0 {
		session.AllowRebalance()
		return nil
	}
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	if err := session.Begin(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	recs := fetches.Records()
	ctx, done := kafka.Process(ctx, t.Tracer, group, recs)
	out, letters := t.follow(recs)
	end := kgo.TryCommit
	sendErr := session.ProduceSync(ctx, out...).FirstErr()
	if sendErr != nil {
		end = kgo.TryAbort
	}
	committed, err := session.End(ctx, end)
	err = errors.Join(sendErr, err)
	done(err)
	if err != nil {
		return fmt.Errorf("end: %w", err)
	}
	if committed { // else a rebalance came between, and the records come again
		t.commands.Add(float64(len(out) - letters))
		t.meter.DeadLetters(events.TaskEvents, letters)
		fetches.EachPartition(t.meter.Applied)
	}
	t.meter.Keep(session.Client())
	return nil
}

// follow makes the records that follow from those that were read. One that cannot be read
// becomes a dead letter; the others go on.
func (t *Transform) follow(recs []*kgo.Record) (out []*kgo.Record, letters int) {
	for _, rec := range recs {
		next, err := t.next(rec)
		switch {
		case err != nil:
			t.Log.Error("dead letter", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "error", err)
			out = append(out, kafka.DeadLetter(rec, group, kafka.Failure{Err: err, Attempts: 1, First: time.Now()}))
			letters++
		case next != nil:
			out = append(out, next)
		}
	}
	return out, letters
}

func (t *Transform) next(rec *kgo.Record) (*kgo.Record, error) {
	ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
	if errors.Is(err, events.ErrUnknownType) {
		return nil, nil // of a newer release, and none that completes or skips
	} else if err != nil {
		return nil, err
	}
	about, ok := ev.(events.TaskEvent)
	if !ok {
		return nil, nil
	}
	command, err := t.Next(about)
	if err != nil || command == nil {
		return nil, err
	}
	encoded, err := events.EncodeCommand(command, source, kafka.Header(rec, "traceparent"))
	if err != nil {
		return nil, err
	}
	next := &kgo.Record{Topic: encoded.Topics[0], Key: []byte(encoded.Key), Value: encoded.Value}
	for _, h := range encoded.Headers {
		next.Headers = append(next.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	return next, nil
}
