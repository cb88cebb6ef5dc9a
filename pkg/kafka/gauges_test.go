package kafka

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestMetricsTellWhatBecameOfRecords(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		reg := prometheus.NewRegistry()
		metric := func(name string, labels ...string) float64 {
			return value(b.T, reg, "tickler_consumer_"+name, append(labels, "group", "audit")...)
		}
		c := b.parking(b.refusing(is("a1")))
		c.Metrics = reg
		b.sendAs("ada", 0, "a1", "a2")
		b.sendAs("bob", 0, "b1")
		stop := b.run(c)
		b.isCommitted(0, 3)
		for result, want := range map[string]float64{"applied": 1, "dead_letter": 1, "parked": 1} {
			if got := metric("records_total", "result", result); got != want {
				b.Errorf("%v %s, want %v", got, result, want)
			}
		}
		if open, keys := metric("dead_letters"), metric("parked_keys"); open != 2 || keys != 1 {
			b.Errorf("%v letters open and %v keys parked, want 2 and 1", open, keys)
		}
		if n := metric("rebalances_total"); n != 1 {
			b.Errorf("%v generations, want 1", n)
		}
		if n := metric("batch_duration_seconds"); n < 1 {
			b.Error("no duration was measured")
		}
		stop()
	})
}

func TestLagIsToldInRecordsAndInSecondsWhileAPartitionWaits(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		reg := prometheus.NewRegistry()
		lag := func(unit, partition string) float64 {
			return value(b.T, reg, "tickler_consumer_lag_"+unit, "topic", "task-events", "partition", partition)
		}
		var away atomic.Bool
		away.Store(true)
		c := b.consumer(func(_ context.Context, recs []*kgo.Record) error {
			if away.Load() && recs[0].Partition == 0 {
				return errAway
			}
			b.note(recs)
			return nil
		})
		c.Metrics = reg
		c.Healthy = func(context.Context) error {
			if away.Load() {
				return errAway
			}
			return nil
		}
		b.send(0, numbers(10)...)
		b.send(1, "x", "y") // two: a single one is not tried while all is not well
		stop := b.run(c)
		time.Sleep(time.Minute)
		if records, seconds := lag("records", "0"), lag("seconds", "0"); records != 10 || seconds < 50 {
			b.Errorf("behind by %v records and %v s, want 10 and about 60", records, seconds)
		}
		if records, seconds := lag("records", "1"), lag("seconds", "1"); records != 0 || seconds > 1 {
			b.Errorf("the other one is behind by %v records and %v s", records, seconds)
		}
		away.Store(false)
		b.isCommitted(0, 10)
		b.send(0, "fresh")
		b.isCommitted(0, 11)
		if records, seconds := lag("records", "0"), lag("seconds", "0"); records != 0 || seconds > 1 {
			b.Errorf("afterwards behind by %v records and %v s", records, seconds)
		}
		stop()
	})
}

func TestWhatAnotherMemberHasNowIsNotOurLag(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		regs := []*prometheus.Registry{prometheus.NewRegistry(), prometheus.NewRegistry()}
		series := func(reg *prometheus.Registry) (n int) {
			families, err := reg.Gather()
			b.must(err)
			for _, family := range families {
				if family.GetName() == "tickler_consumer_lag_records" {
					n = len(family.GetMetric())
				}
			}
			return n
		}
		b.send(0, "a")
		b.send(1, "a")
		first := b.consumer(b.noted)
		first.Metrics = regs[0]
		stop1 := b.run(first)
		b.isCommitted(0, 1)
		b.isCommitted(1, 1)
		if n := series(regs[0]); n != 2 {
			b.Errorf("one member tells the lag of %d partitions, want 2", n)
		}
		second := b.consumer(b.noted)
		second.Metrics = regs[1]
		stop2 := b.run(second)
		b.isShared(2)
		b.until("each tells its own", func() bool { return series(regs[0]) == 1 })
		stop1()
		stop2()
	})
}
