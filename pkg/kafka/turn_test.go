package kafka

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestAFewRecordsOfManyPartitionsAreOneEffect(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.send(0, "a", "b")
		b.send(1, "x")
		var calls atomic.Int32
		c := b.consumer(func(_ context.Context, recs []*kgo.Record) error {
			calls.Add(1)
			b.note(recs)
			return nil
		})
		stop := b.run(c)
		time.Sleep(2 * time.Second)
		b.send(0, numbers(few)...) // and many are one for each of them, side by side
		b.send(1, "y")
		time.Sleep(10 * time.Second)
		stop()
		b.saw(0, append([]string{"a", "b"}, numbers(few)...)...)
		b.saw(1, "x", "y")
		b.committed(0, 2+few)
		b.committed(1, 2)
		if n := calls.Load(); n > 4 {
			b.Errorf("%d effects", n)
		}
	})
}

func TestABadRecordHoldsNoOtherPartitionUp(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.send(0, "a", "junk", "c")
		b.send(1, "x")
		stop := b.run(b.consumer(func(_ context.Context, recs []*kgo.Record) error {
			if has(recs, "junk") {
				return fault.New(fault.Invalid, "not a task event")
			}
			b.note(recs)
			return nil
		}))
		time.Sleep(500 * time.Millisecond)
		stop()
		b.saw(0, "a", "c")
		b.saw(1, "x")
		b.committed(0, 3)
		b.committed(1, 1)
		if dead := b.deadLetters(); len(dead) != 1 {
			b.Errorf("%d dead letters", len(dead))
		}
	})
}

func TestAnOutageSetsAllPartitionsBackAtOnce(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.send(0, "a", "b")
		b.send(1, "x")
		var calls atomic.Int32
		end := time.Now().Add(500 * time.Millisecond) // less than one Backoff
		stop := b.run(b.consumer(func(_ context.Context, recs []*kgo.Record) error {
			if calls.Add(1); time.Now().Before(end) {
				return fault.New(fault.Unavailable, "the database is away")
			}
			b.note(recs)
			return nil
		}))
		time.Sleep(500 * time.Millisecond)
		if before := calls.Load(); before > 2 { // one each at most: nobody asks again what has just failed
			b.Errorf("%d effects during the outage", before)
		}
		time.Sleep(10 * time.Second)
		stop()
		b.saw(0, "a", "b")
		b.saw(1, "x")
		if dead := b.deadLetters(); len(dead) != 0 {
			b.Errorf("%d dead letters", len(dead))
		}
	})
}

func TestAStreamIsGathered(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var calls atomic.Int32
		c := b.consumer(func(_ context.Context, recs []*kgo.Record) error {
			calls.Add(1)
			b.note(recs)
			return nil
		})
		c.Gather = 100 * time.Millisecond
		stop := b.run(c)
		time.Sleep(5 * time.Second)
		values := numbers(200)
		for _, value := range values { // a second's
			b.send(0, value)
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Second)
		stop()
		b.saw(0, values...)
		if n := calls.Load(); n > 13 {
			b.Errorf("%d effects in a second", n)
		}
	})
}
