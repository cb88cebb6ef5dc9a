package log

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Thirty days, in which the machine loses its power about once a day and another one takes
// over. No timer is set again, so what fires comes through many restores.
func TestAMonthOfTimersSurvivesCrashes(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		random := rand.New(rand.NewPCG(1, 2))
		start := time.Now()
		var want []string
		for n := range 20 * days {
			id, due := fmt.Sprint("timer-", n), start.Add(time.Hour+time.Duration(random.Int64N(int64((days-1)*24*time.Hour))))
			b.set(id, 1, due.Add(-time.Duration(random.Int64N(int64(time.Hour)))))
			switch n % 5 {
			case 0:
				b.set(id, 2, due)
				want = append(want, id+"/2")
			case 1:
				b.take(id, 2)
			default:
				b.set(id, 1, due) // not newer
				want = append(want, id+"/1")
			}
		}
		p := b.start(patient)
		for time.Since(start) < days*24*time.Hour {
			time.Sleep(time.Duration(random.Int64N(int64(40 * time.Hour))))
			p.kill()
			p = b.start(patient)
		}
		b.until("ready", p.owns(partitions))
		b.saw(want...)
		for _, f := range b.delivered() {
			// A session, and the time to restore. Before the first kill nothing is late.
			if late := f.at.Sub(f.due); late > 6*time.Minute {
				b.Errorf("%v was %v late", f, late)
			}
		}
		p.stop()
	})
}

// The n-th write to the broker, whichever it is, is the last thing that a process does.
func TestAProcessMayDieAtAnyWrite(t *testing.T) {
	t.Parallel()
	for n := 1; n < 200; n += 3 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inVirtualTime(t, func(b *bench) {
				p := b.start(func(p *process) { p.left = n })
				now := time.Now()
				var want []string
				for i := range 20 {
					id := fmt.Sprint("timer-", i)
					b.set(id, 1, now.Add(time.Duration(i)*100*time.Millisecond))
					want = append(want, id+"/1")
				}
				time.Sleep(3 * time.Second)
				p.kill()
				p = b.start(nil)
				time.Sleep(time.Minute)
				b.saw(want...)
				p.stop()
			})
		})
	}
}

// The group's coordinator gives the partitions to another, and the first owner does not
// hear of it: its heartbeats are answered as if all were well. Without fencing both fire.
func TestAnEvictedOwnerThatDoesNotKnowFiresNothing(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		first := b.start(func(p *process) { p.Report = time.Hour }) // or a refused commit would tell it
		b.until("the first is ready", first.owns(partitions))
		due := time.Now().Add(40 * time.Second)
		for n := range 20 {
			b.set(fmt.Sprint("timer-", n), 1, due)
		}
		time.Sleep(5 * time.Second)
		deaf, _ := first.member.GroupMetadata()
		b.cluster.ControlKey(int16(kmsg.Heartbeat), func(req kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			if beat := req.(*kmsg.HeartbeatRequest); beat.MemberID == deaf {
				return beat.ResponseKind(), nil, true
			}
			return nil, nil, false
		})
		second := b.start(nil)
		b.until("the second has all", second.owns(partitions))
		if n := len(first.Partitions()); n != partitions {
			b.Fatalf("the first knows that it has %d partitions: the test tests nothing", n)
		}
		time.Sleep(time.Until(due) + time.Minute)
		var want []string
		for n := range 20 {
			want = append(want, fmt.Sprint("timer-", n, "/1"))
		}
		b.saw(want...)
		if !second.owns(partitions)() {
			b.Errorf("the evicted owner took its partitions back: %v %+v", second.Ready(context.Background()), second.Partitions())
		}
		for _, f := range b.delivered() {
			if late := f.committed.Sub(f.due); late > time.Second {
				b.Errorf("%v was %v late: the two hinder each other", f, late)
			}
		}
		first.kill()
		second.stop()
	})
}

// Partitions move while a transaction of theirs is being ended.
func TestARebalanceWaitsForTheStepInHand(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		first := b.start(nil)
		b.until("the first is ready", first.owns(partitions))
		var slow atomic.Bool
		b.cluster.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			if slow.Load() {
				b.cluster.SleepControl(func() { time.Sleep(2 * time.Second) })
			}
			return nil, nil, false
		})
		slow.Store(true)
		due := time.Now().Add(3 * time.Second)
		var want []string
		for n := range 40 {
			id := fmt.Sprint("timer-", n)
			b.set(id, 1, due.Add(time.Duration(n)*200*time.Millisecond))
			want = append(want, id+"/1")
		}
		time.Sleep(time.Until(due))
		second := b.start(nil)
		time.Sleep(10 * time.Second)
		slow.Store(false)
		b.until("they share", func() bool { return first.owns(1)() && second.owns(1)() })
		time.Sleep(time.Minute)
		b.saw(want...)
		first.stop()
		second.stop()
	})
}

// Commands come in the very moments in which the timers fire. Whatever wins, a rev fires
// once at most, none that was cancelled before its time does, and the last word holds.
func TestCommandsRaceTheFire(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(nil)
		b.until("ready", p.owns(partitions))
		random := rand.New(rand.NewPCG(3, 4))
		last := map[string]int64{}
		for round := range 200 {
			id := fmt.Sprint("timer-", round)
			due := time.Now().Add(time.Duration(random.IntN(20)) * time.Millisecond)
			b.set(id, 1, due)
			time.Sleep(time.Until(due) + time.Duration(random.IntN(12)-6)*time.Millisecond)
			if round%2 == 0 {
				b.take(id, 2)
			} else {
				b.set(id, 2, time.Now().Add(10*time.Millisecond))
				last[id] = 2
			}
		}
		time.Sleep(time.Minute)
		first, second := 0, map[string]bool{}
		for _, f := range b.delivered() {
			if f.rev == 1 {
				first++
			} else {
				second[f.id] = true
			}
		}
		if len(second) != len(last) {
			b.Errorf("%d of the %d that were set again fired", len(second), len(last))
		}
		if first == 0 || first == 200 {
			b.Errorf("%d of 200 fired before the second command: there was no race", first)
		}
		p.stop()
	})
}

// Brokers answer with errors, some after they did what was asked.
func TestAnswersThatAreLostOrWrongLoseNothing(t *testing.T) {
	t.Parallel()
	for _, key := range []kmsg.Key{kmsg.Produce, kmsg.EndTxn, kmsg.InitProducerID, kmsg.Fetch, kmsg.ListOffsets} {
		for _, wrong := range []*kerr.Error{kerr.RequestTimedOut, kerr.NotLeaderForPartition, kerr.ConcurrentTransactions, kerr.InvalidProducerEpoch, kerr.CoordinatorNotAvailable, kerr.UnknownServerError} {
			t.Run(fmt.Sprint(key.Name(), " ", wrong.Message), func(t *testing.T) {
				inVirtualTime(t, func(b *bench) {
					p := b.start(nil)
					now := time.Now()
					var want []string
					for i := range 30 {
						id := fmt.Sprint("timer-", i)
						b.set(id, 1, now.Add(time.Duration(i)*300*time.Millisecond))
						want = append(want, id+"/1")
					}
					once := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: wrong, Count: 3})
					time.Sleep(5 * time.Second)
					again := b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: wrong, Count: 2})
					time.Sleep(3 * time.Minute)
					once.Remove()
					again.Remove()
					b.saw(want...)
					p.stop()
				})
			})
		}
	}
}

// Whoever sets timers has to say again what was lost; the scheduler can only ask for it.
func TestCommandsThatAreGoneAreAskedFor(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(nil)
		b.set("a", 1, time.Now().Add(time.Hour))
		time.Sleep(10 * time.Second)
		p.stop()
		for n := range 30 {
			b.set(fmt.Sprint("lost-", n), 1, time.Now().Add(time.Minute))
		}
		offsets := kadm.Offsets{}
		for number := range int32(partitions) {
			ends, err := kadm.NewClient(b.writer).ListEndOffsets(context.Background(), b.topics()[0])
			if err != nil {
				b.Fatal(err)
			}
			end, _ := ends.Lookup(b.topics()[0], number)
			offsets.AddOffset(b.topics()[0], number, end.Offset, -1)
		}
		if _, err := kadm.NewClient(b.writer).DeleteRecords(context.Background(), offsets); err != nil {
			b.Fatal(err)
		}
		p = b.start(nil)
		b.until("ready", p.owns(partitions))
		for _, one := range p.Partitions() {
			if one.Resync == "" {
				b.Errorf("partition %d does not ask for a resync", one.Number)
			}
		}
		b.set("b", 1, time.Now().Add(time.Minute))
		time.Sleep(2 * time.Hour)
		b.saw("a/1", "b/1")
		p.stop()
	})
}

func TestTheGroupIsToldHowFarCommandsWereApplied(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(nil)
		for n := range 20 {
			b.set(fmt.Sprint(n), 1, time.Now().Add(time.Hour))
		}
		time.Sleep(30 * time.Second)
		lags, err := kadm.NewClient(b.writer).Lag(context.Background(), namesOf(b.prefix).group)
		if err != nil {
			b.Fatal(err)
		}
		for _, one := range lags[namesOf(b.prefix).group].Lag.Sorted() {
			if one.Lag != 0 || !slices.Contains([]string{b.topics()[0]}, one.Topic) {
				b.Errorf("lag of %s/%d is %d", one.Topic, one.Partition, one.Lag)
			}
		}
		p.stop()
	})
}
