package inbox

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/recurring/internal/series"
)

// bench is a broker and its clients in virtual time.
type bench struct {
	*testing.T
	cluster *kfake.Cluster
	opts    []kgo.Opt
	client  *kgo.Client
}

func inVirtualTime(t *testing.T, f func(*bench)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cluster, dialer := testkit.VirtualBroker(t, events.TaskEvents, events.TaskCommands, kafka.DeadLetterTopic(events.TaskEvents, group))
		b := &bench{T: t, cluster: cluster, opts: []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), dialer}}
		client, err := kgo.NewClient(append(b.opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.ConsumeTopics(events.TaskCommands, kafka.DeadLetterTopic(events.TaskEvents, group)))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		b.client = client
		f(b)
	})
}

// run starts a member; stop ends it.
func (b *bench) run() (stop func()) { return b.runWith(series.Next) }

func (b *bench) runWith(next func(events.TaskEvent) (*taskv1.CreateOccurrence, error)) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		transform := &Transform{Kafka: b.opts, Next: next, Log: slog.New(slog.DiscardHandler)}
		if err := transform.Run(ctx); err != nil {
			b.Errorf("it ended: %v", err)
		}
	})
	stop = func() { cancel(); wait.Wait() }
	b.Cleanup(stop)
	return stop
}

func (b *bench) complete(user string) {
	b.Helper()
	now := timestamppb.Now()
	rec, err := events.Encode(&taskv1.TaskCompleted{
		EventId: uuid.NewString(), UserId: user, TaskId: "t", Time: now, Version: 2, Seq: 2, Source: "api",
		Task: &taskv1.Task{
			Id: "t", UserId: user, CompletedAt: now, RecurrenceRule: &taskv1.RecurrenceRule{Rrule: "FREQ=DAILY", Anchor: "due_date"},
			Occurrence: &taskv1.Occurrence{SeriesId: "s", SeriesVersion: 1, Start: "2000-01-01", Date: "2000-01-01", Number: 1, Zone: "UTC"},
		},
	}, "/tickler/api", "")
	if err != nil {
		b.Fatal(err)
	}
	out := &kgo.Record{Topic: events.TaskEvents, Key: []byte(user), Value: rec.Value}
	for _, h := range rec.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	b.send(out)
}

func (b *bench) send(rec *kgo.Record) {
	b.Helper()
	if err := b.client.ProduceSync(b.Context(), rec).FirstErr(); err != nil {
		b.Fatal(err)
	}
}

// written counts what was committed within five minutes: commands by person, and dead letters.
func (b *bench) written() (commands map[string]int, letters int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	commands = map[string]int{}
	for ctx.Err() == nil {
		b.client.PollFetches(ctx).EachRecord(func(rec *kgo.Record) {
			if rec.Topic == events.TaskCommands {
				commands[string(rec.Key)]++
			} else {
				letters++
			}
		})
	}
	return commands, letters
}

func TestACompletedOccurrenceAsksForItsNextOnce(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run()
		b.complete("ada")
		b.complete("bob")
		commands, letters := b.written()
		stop()
		b.run() // the next process goes on where this one stopped
		b.complete("cleo")
		later, _ := b.written()
		if len(commands) != 2 || commands["ada"] != 1 || commands["bob"] != 1 || len(later) != 1 || later["cleo"] != 1 || letters != 0 {
			t.Errorf("%v, then %v, %d dead letters", commands, later, letters)
		}
	})
}

func TestGarbageBecomesADeadLetterAndTheRestGoesOn(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.send(&kgo.Record{Topic: events.TaskEvents, Key: []byte("ada"), Value: []byte("garbage"),
			Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(events.TaskCompleted)}}})
		b.send(&kgo.Record{Topic: events.TaskEvents, Key: []byte("ada"), Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte("task.exploded")}}})
		b.complete("ada")
		b.run()
		if commands, letters := b.written(); commands["ada"] != 1 || letters != 1 {
			t.Errorf("%v, %d dead letters", commands, letters)
		}
	})
}

// A session whose transaction cannot be ended is thrown away; what it had read comes again,
// once its transaction was ended for it.
func TestATransactionThatFailsIsDoneAgain(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.cluster.ControlKey(kmsg.EndTxn.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			resp := req.ResponseKind().(*kmsg.EndTxnResponse)
			resp.ErrorCode = kerr.InvalidProducerEpoch.Code
			return resp, nil, true
		})
		b.run()
		for _, user := range []string{"ada", "bob", "cleo"} {
			b.complete(user)
		}
		commands, _ := b.written()
		for _, user := range []string{"ada", "bob", "cleo"} {
			if commands[user] != 1 {
				t.Errorf("%v", commands)
			}
		}
	})
}

func TestALetterIsReplayedOnceWhatItNeededIsThere(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var mended atomic.Bool
		next := func(ev events.TaskEvent) (*taskv1.CreateOccurrence, error) {
			if !mended.Load() {
				return nil, fault.New(fault.Invalid, "not yet")
			}
			return series.Next(ev)
		}
		stop := b.runWith(next)
		defer stop()
		b.complete("ada")
		if commands, letters := b.written(); len(commands) != 0 || letters != 1 {
			b.Fatalf("%v, %d dead letters", commands, letters)
		}
		mended.Store(true)
		found, err := kafka.Letters(b.Context(), b.opts, kafka.DeadLetterTopic(events.TaskEvents, group))
		if err != nil || len(found) != 1 {
			b.Fatalf("%v, %v", found, err)
		}
		if err := kafka.Replay(b.Context(), b.opts, found...); err != nil {
			b.Fatal(err)
		}
		if commands, _ := b.written(); commands["ada"] != 1 {
			b.Errorf("%v", commands)
		}
	})
}
