package log

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit"
)

// onEachBroker runs f on kfake in virtual time, and on a broker that nobody here wrote, in
// real time. That one may be somebody's: names are ours alone there.
func onEachBroker(t *testing.T, f func(b *bench)) {
	t.Run("kfake", func(t *testing.T) { inVirtualTime(t, f) })
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		b := &bench{T: t, prefix: "test-" + strings.ToLower(rand.Text()) + "-"}
		b.opts = kafka.Settings{Brokers: testkit.RealKafka(t)}.Opts(quiet, nil)
		b.fill()
		t.Cleanup(func() {
			if _, err := kadm.NewClient(b.writer).DeleteTopics(context.Background(), b.topics()...); err != nil {
				t.Log(err)
			}
		})
		f(b)
	})
}

func TestTimersMoveBetweenOwnersOnEachBroker(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		var want []string
		now := time.Now()
		for n := range 400 {
			id := fmt.Sprint("timer-", n)
			b.set(id, 1, now.Add(time.Duration(n)*50*time.Millisecond))
			want = append(want, id+"/1")
		}
		first := b.start(nil)
		b.until("the first has all", first.owns(2))
		second := b.start(nil)
		b.until("they share", func() bool { return first.owns(1)() && second.owns(1)() })
		first.kill() // a session later
		b.until("the second has all", second.owns(2))
		third := b.start(nil)
		b.until("they share again", func() bool { return second.owns(1)() && third.owns(1)() })
		second.stop()
		b.until("all fired", func() bool { return len(b.delivered()) == len(want) })
		b.saw(want...)
		third.stop()
	})
}

// What the old owner has open when the new one claims is settled by that claim.
func TestAClaimFencesOnEachBroker(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		first := b.start(func(p *process) { p.Session = 8 * time.Second })
		b.until("the first has all", first.owns(2))
		b.set("a", 1, time.Now())
		b.until("it fires", func() bool { return len(b.delivered()) == 1 })

		other := b.client(append(kafka.TransactionOpts(namesOf(b.prefix).group+"/0"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
		if _, _, err := other.ProducerID(b.Context()); err != nil {
			b.Fatal(err)
		}
		due := time.Now().Add(time.Second)
		for n := range 20 {
			b.set(fmt.Sprint("b", n), 1, due)
		}
		// It notices, asks the group, is told that it still owns, and claims again.
		b.until("they fire", func() bool { return len(b.delivered()) == 21 })
		b.until("it is ready", first.owns(2))
		first.stop()
	})
}

func TestTimersFireOnTimeFromTheTopicOnEachBroker(t *testing.T) {
	onEachBroker(t, func(b *bench) {
		// Without room every body is read from the topic again.
		p := b.start(func(p *process) { p.Room = 1 })
		b.until("ready", p.owns(2))
		due := time.Now().Add(3 * time.Second)
		var want []string
		for n := range 500 {
			id := fmt.Sprint("timer-", n)
			b.set(id, 1, due.Add(time.Duration(n)*4*time.Millisecond))
			want = append(want, id+"/1")
		}
		b.until("all fired", func() bool { return len(b.delivered()) == len(want) })
		b.saw(want...)
		p.stop()
	})
}
