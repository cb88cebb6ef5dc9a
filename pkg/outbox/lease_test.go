package outbox

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// holders counts how often a shard has found a new holder.
func (b *bench) holders() (n int) {
	b.Helper()
	if err := b.work.GetContext(b.Context(), &n, `SELECT sum(epoch) FROM outbox_shards`); err != nil {
		b.Fatal(err)
	}
	return n
}

// held says how many shards are held just now.
func (b *bench) held() (n int) {
	b.Helper()
	if err := b.work.GetContext(b.Context(), &n, `SELECT count(*) FROM outbox_shards WHERE held_until > clock_timestamp()`); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestTwoRelaysSideBySideDoNotFight(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		b.relay()
		b.until("all shards are held", func() bool { return b.held() == Shards })
		b.relay()
		const people, each = 16, 40
		var wait sync.WaitGroup
		for p := range people {
			wait.Go(func() {
				for i := range each { // goes on for several leases
					if err := b.write(fmt.Sprint("person-", p), fmt.Sprintf("%d/%d", p, i)); err != nil {
						t.Error(err)
					}
					time.Sleep(40 * time.Millisecond)
				}
			})
		}
		wait.Wait()
		b.inOrder(slices.Repeat([]int{each}, people)...)
		if n := b.holders(); n != Shards {
			t.Errorf("%d times a shard was taken, want once each of the %d", n, Shards)
		}
	})
}

// inOrder fails unless the events "person/number" of each person come whole, once, and in
// order; wrote is how many each person has.
func (b *bench) inOrder(wrote ...int) {
	b.Helper()
	all := 0
	for _, n := range wrote {
		all += n
	}
	next := make([]int, len(wrote))
	for _, value := range b.arrived(all, soon) {
		var p, i int
		if _, err := fmt.Sscanf(value, "%d/%d", &p, &i); err != nil {
			b.Fatal(err)
		}
		if i != next[p] {
			b.Fatalf("event %d of person %d came when %d was due", i, p, next[p])
		}
		next[p]++
	}
	if !slices.Equal(next, wrote) {
		b.Fatalf("there came %v events, of %v", next, wrote)
	}
}

// A holder that was killed has left an open transaction, a lease, and nobody to end either.
func TestTheShardsOfADeadRelayAreTakenOver(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		const term = 1500 * time.Millisecond
		dead := leases{db: b.work, holder: "dead", term: term}
		all := []int{0, 1, 2, 3, 4, 5, 6, 7}
		if taken, err := dead.take(t.Context(), all); err != nil || len(taken) != Shards {
			t.Fatal(taken, err)
		}
		died := time.Now()
		shard := shardOf("ada")
		client := b.client(kgo.TransactionalID(transactionID(b.service, shard)))
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: b.topic, Key: []byte("ada"), Value: []byte("half")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		r := &Relay{Service: b.service, DB: b.work, Kafka: b.kafka, Log: b.log, Lease: term}
		b.run(r)
		b.commit("a")
		b.expect("a")
		// Not before the lease ends, and well before the dead one's transaction would end by itself.
		if took := time.Since(died); took < term || took > 8*time.Second {
			t.Errorf("it was taken over after %v, of a lease of %v", took, term)
		}
		if err := client.EndTransaction(t.Context(), kgo.TryCommit); !fenced(err) {
			t.Errorf("the dead one's transaction: %v", err)
		}
		b.commit("b")
		b.expect("b")
	})
}

func TestARelayThatEndsLeavesItsShardsToTheNextAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const term = 6 * time.Second
	first := b.run(&Relay{Service: b.service, DB: b.work, Kafka: b.kafka, Log: b.log, Lease: term})
	b.commit("a")
	b.expect("a")
	b.run(&Relay{Service: b.service, DB: b.work, Kafka: b.kafka, Log: b.log, Lease: term})
	first()
	ended := time.Now()
	b.commit("b")
	b.expect("b")
	if took := time.Since(ended); took > term/2 {
		t.Errorf("the next relay took %v", took)
	}
}

func TestARelayThatLostItsLeaseSendsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.relay()
	b.commit("a")
	b.expect("a")
	if _, err := b.work.ExecContext(t.Context(), `
		UPDATE outbox_shards SET holder = 'other', epoch = epoch + 1, held_until = clock_timestamp() + interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	// Within a sixth of a lease it knows; the other one would have fenced it by now.
	if got := b.arrived(1, 300*time.Millisecond); len(got) != 0 {
		t.Fatalf("got %v, which was sent before", got)
	}
	b.commit("b")
	if got := b.arrived(1, time.Second); len(got) != 0 {
		t.Errorf("%v was sent without a lease", got)
	}
	if _, err := b.work.ExecContext(t.Context(), `UPDATE outbox_shards SET held_until = '-infinity'`); err != nil {
		t.Fatal(err)
	}
	b.expect("b")
}

// Somebody with a newer producer, who has no lease, is not fenced in turn at once: two who
// did that would keep each other from ever sending.
func TestAFencedRelayWaitsBeforeItTriesAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		r := &Relay{Service: b.service, DB: b.work, Kafka: b.kafka, Log: b.log, Lease: 2 * time.Second}
		b.run(r)
		b.commit("a")
		b.expect("a")
		other := b.client(kgo.TransactionalID(transactionID(b.service, shardOf("ada"))))
		if _, _, err := other.ProducerID(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.commit("b") // finds the relay fenced
		began := time.Now()
		var sent []string
		for time.Since(began) < r.Lease-500*time.Millisecond {
			value := fmt.Sprint("other", len(sent))
			err := errors.Join(other.BeginTransaction(),
				other.ProduceSync(t.Context(), &kgo.Record{Topic: b.topic, Key: []byte("ada"), Value: []byte(value)}).FirstErr(),
				other.EndTransaction(t.Context(), kgo.TryCommit))
			if err != nil {
				t.Fatalf("after %v the other one was fenced: %v", time.Since(began), err)
			}
			sent = append(sent, value)
			time.Sleep(100 * time.Millisecond)
		}
		b.expect(append(sent, "b")...)
	})
}

func TestFencesAreKnown(t *testing.T) {
	t.Parallel()
	for _, err := range []error{kerr.ProducerFenced, fmt.Errorf("send: %w", kerr.InvalidProducerEpoch)} {
		if !fenced(err) {
			t.Errorf("%v is a fence", err)
		}
	}
	if slices.ContainsFunc([]error{nil, errLost, kerr.NotLeaderForPartition}, fenced) {
		t.Error("not every error is a fence")
	}
}
