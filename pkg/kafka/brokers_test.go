package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What follows must hold on every broker.

func TestAnOffsetFollowsItsEffect(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		var well atomic.Bool
		c := b.consumer(func(_ context.Context, recs []*kgo.Record) error {
			if has(recs, "b") && !well.Load() {
				return errAway
			}
			b.note(recs)
			return nil
		})
		c.Attempts, c.Backoff = 1000, 50*time.Millisecond
		b.send(0, "a", "b", "c")
		b.send(1, "x")
		stop := b.run(c)
		b.isCommitted(0, 1)
		b.isCommitted(1, 1)
		well.Store(true)
		b.isCommitted(0, 3)
		stop()
		b.saw(0, "a", "b", "c")
		b.saw(1, "x")
	})
}

// Records come in waves, and none while members join: see TestARebalanceLosesNothing.
func TestMembersComeAndGoAndNothingIsLost(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		wave := func(from, to int) {
			b.send(0, numbers(to)[from:]...)
			b.send(1, numbers(to)[from:]...)
			b.isCommitted(0, int64(to))
			b.isCommitted(1, int64(to))
		}
		stop1 := b.run(b.consumer(b.noted))
		b.isShared(1)
		wave(0, 20)
		stop2 := b.run(b.consumer(b.noted))
		b.isShared(2)
		wave(20, 40)
		stop1()
		b.isShared(1)
		wave(40, 60)
		stop2()
		b.saw(0, numbers(60)...)
		b.saw(1, numbers(60)...)
	})
}

func TestADeadLetterIsReplayedToItsGroup(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		var mended atomic.Bool
		stop := b.run(b.consumer(b.refusing(func(v string) bool { return v == "bad" && !mended.Load() })))
		b.send(0, "a", "bad", "c")
		b.isOpen("bad")
		b.isCommitted(0, 3)
		mended.Store(true)
		_, letters := b.open()
		b.must(Replay(b.Context(), b.opts(), letters...))
		b.until("bad has its effect", func() bool { return slices.Equal(b.effects(0), []string{"a", "c", "bad"}) })
		b.isOpen()
		stop()
		b.committed(0, 3) // nothing new is on the topic itself
	})
}

func TestAKeyStaysParkedThroughARestartAndComesBackInOrder(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		stop := b.run(b.parking(b.refusing(is("a1"))))
		b.sendAs("ada", 0, "a1", "a2")
		b.isCommitted(0, 2)
		stop()
		b.sendAs("ada", 0, "a3")
		stop = b.run(b.parking(b.noted))
		b.isCommitted(0, 3)
		b.isOpen("a1", "(a2)", "(a3)")
		_, letters := b.open()
		b.must(Replay(b.Context(), b.opts(), letters[0]))
		b.isOpen()
		b.sendAs("ada", 0, "a4")
		b.isCommitted(0, 4)
		stop()
		b.saw(0, "a1", "a2", "a3", "a4")
	})
}

func TestOnlyCommittedTransactionsAreSeen(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		stop := b.run(b.consumer(b.noted))
		writer := b.client(append(TransactionOpts(b.group+"-writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
		b.transact(writer, kgo.TryAbort, "aborted")
		b.transact(writer, kgo.TryCommit, "a", "b")
		b.until("a and b are seen", func() bool { return len(b.effects(0)) == 2 })
		stop()
		b.saw(0, "a", "b")
		b.committed(0, 4) // what was aborted and its marker count too
	})
}

func TestAnOlderProducerOfTheSameIDIsFenced(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		id := append(TransactionOpts(b.group+"-writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		older, newer := b.client(id...), b.client(id...)
		b.transact(older, kgo.TryCommit, "a")
		b.must(older.BeginTransaction())
		_, _, err := newer.ProducerID(b.Context())
		b.must(err)
		err = older.ProduceSync(b.Context(), &kgo.Record{Topic: b.topic, Value: []byte("zombie")}).FirstErr()
		if err == nil {
			err = older.EndTransaction(b.Context(), kgo.TryCommit)
		}
		if !errors.Is(err, kerr.InvalidProducerEpoch) && !errors.Is(err, kerr.ProducerFenced) && !errors.Is(err, kerr.InvalidTxnState) {
			b.Errorf("the older one got %v", err)
		}
		b.transact(newer, kgo.TryCommit, "b")
		stop := b.run(b.consumer(b.noted))
		b.until("b is seen", func() bool { return slices.Contains(b.effects(0), "b") })
		stop()
		b.saw(0, "a", "b")
	})
}

func (b *bench) transact(client *kgo.Client, end kgo.TransactionEndTry, values ...string) {
	b.Helper()
	b.must(client.BeginTransaction())
	for _, v := range values {
		b.must(client.ProduceSync(b.Context(), &kgo.Record{Topic: b.topic, Key: []byte("ada"), Value: []byte(v)}).FirstErr())
	}
	b.must(client.EndTransaction(b.Context(), end))
}

func TestTopicsAreMadeOnceAndMended(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		name := b.topic + "-more"
		b.Cleanup(func() { _ = b.deleteTopics(name) })
		week := map[string]string{"cleanup.policy": "delete", "retention.ms": "604800000"}
		want := []Topic{{Name: name, Partitions: 3, Settings: week}, {Name: b.topic, Partitions: 2}}
		err := CheckTopics(b.Context(), b.prod, want)
		if !errors.Is(err, ErrTopics) || !strings.Contains(err.Error(), "topic "+name+" is missing") || strings.Contains(err.Error(), b.topic+" ") {
			b.Errorf("before: %v", err)
		}
		b.applied(want, "created "+name+" with 3 partitions")
		b.applied(want)
		b.must(CheckTopics(b.Context(), b.prod, want))

		want[0].Settings = map[string]string{"cleanup.policy": "compact", "retention.ms": "-1"}
		err = CheckTopics(b.Context(), b.prod, want)
		if !errors.Is(err, ErrTopics) || !strings.Contains(err.Error(), name+" has retention.ms=604800000, not -1: run `topics apply`") {
			b.Errorf("with other settings: %v", err)
		}
		b.applied(want, "set cleanup.policy, retention.ms of "+name)
		b.must(CheckTopics(b.Context(), b.prod, want))

		want[0].Partitions = 4
		if _, err := ApplyTopics(b.Context(), b.prod, want); !errors.Is(err, ErrTopics) || !strings.Contains(err.Error(), "has 3 partitions, not 4") {
			b.Errorf("with more partitions: %v", err)
		}
	})
}

func (b *bench) applied(want []Topic, did ...string) {
	b.Helper()
	got, err := ApplyTopics(b.Context(), b.prod, want)
	if err != nil || !slices.Equal(got, did) {
		b.Errorf("applied %q (%v), want %q", got, err, did)
	}
}

func TestABroadcastIsReadyOnceItHasReadWhatWasThere(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		b.must(b.prod.ProduceSync(b.Context(), &kgo.Record{Topic: b.topic, Value: []byte("old"), Timestamp: time.Now().Add(-time.Hour)}).FirstErr())
		b.send(0, numbers(100)...)
		b.send(1, "x", "y")
		b.transact(b.client(append(TransactionOpts(b.group+"-writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...), kgo.TryAbort, "aborted")

		entered, hold := make(chan struct{}), make(chan struct{})
		first := sync.OnceFunc(func() { close(entered); <-hold })
		reader := &Broadcast{Opts: b.opts(), Topics: []string{b.topic}, Log: quiet, Handle: func(_ context.Context, recs []*kgo.Record) {
			first()
			b.note(recs)
		}}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- reader.Run(ctx) }()
		<-entered
		if err := reader.Ready(ctx); err == nil {
			b.Error("ready before it has read")
		}
		close(hold)
		b.until("it is ready", func() bool { return reader.Ready(ctx) == nil })
		b.saw(0, numbers(100)...)
		b.saw(1, "x", "y")
		b.send(1, "z")
		b.until("what comes later is read", func() bool { return len(b.effects(1)) == 3 })
		cancel()
		b.must(<-ended)
	})
}

func TestTheLatestValueIsTheLastCommittedOne(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		if got, err := Latest(b.Context(), b.opts(), b.topic, "ada"); got != nil || err != nil {
			b.Errorf("of an empty topic: %q, %v", got, err)
		}
		writer := b.client(append(TransactionOpts(b.group+"-writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
		for i := range 3 {
			b.transact(writer, kgo.TryCommit, fmt.Sprint(i))
		}
		b.transact(writer, kgo.TryAbort, "aborted")
		if got, err := Latest(b.Context(), b.opts(), b.topic, "ada"); string(got) != "2" || err != nil {
			b.Errorf("got %q, %v", got, err)
		}
	})
}
