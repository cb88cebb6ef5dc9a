package log

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
)

func TestATimerFiresOnceAndOnTime(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(patient)
		b.until("ready", p.owns(partitions))
		now := time.Now()
		b.set("soon", 1, now.Add(1500*time.Millisecond))
		b.set("later", 1, now.Add(26*time.Hour))
		b.set("moved", 1, now.Add(time.Minute))
		b.set("moved", 2, now.Add(time.Hour))
		b.set("taken", 1, now.Add(time.Hour))
		b.take("taken", 2)
		b.set("taken", 1, now.Add(time.Hour)) // comes late, and is older than the cancel
		time.Sleep(2 * time.Second)
		b.saw("soon/1")
		time.Sleep(2 * time.Hour)
		b.saw("soon/1", "moved/2")
		time.Sleep(26 * time.Hour)
		b.saw("soon/1", "moved/2", "later/1")
		for _, f := range b.delivered() {
			if late := f.committed.Sub(f.due); late > 10*time.Millisecond {
				b.Errorf("%v was %v late", f, late)
			}
		}
		b.set("soon", 1, time.Now()) // said again, as after a resync
		time.Sleep(time.Minute)
		b.saw("soon/1", "moved/2", "later/1")
		p.stop()
	})
}

func TestWhatCannotBeATimerIsADeadLetterAndTheOthersGoOn(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(nil)
		due := time.Now().Add(time.Minute)
		b.write(&kgo.Record{Topic: events.TimerCommands, Key: []byte("x"), Value: []byte("garbage")})
		b.write(&kgo.Record{Topic: events.TimerCommands, Key: []byte("x"), Value: []byte{0xff}, Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(events.ScheduleTimer)}}})
		for _, topic := range []string{"task-events", events.TimerState} {
			s := schedule(b, "elsewhere", due)
			s.Topic = topic
			b.send(s)
		}
		b.send(schedule(b, "too far", time.Now().AddDate(10, 1, 0)))
		big := schedule(b, "too big", due)
		big.Payload = make([]byte, 64<<10+1)
		b.send(big)
		b.send(schedule(b, "\x00cursor", due))
		b.set("good", 1, due)
		time.Sleep(2 * time.Minute)
		b.saw("good/1")
		letters := b.records(b.topics()[2])
		for _, l := range letters {
			for _, h := range l.Headers {
				if h.Key == "dlq-error" {
					b.Logf("%q: %s", l.Key, h.Value)
				}
			}
		}
		if len(letters) != 7 {
			b.Errorf("%d dead letters, want 7", len(letters))
		}
		p.stop()
	})
}

// The rules may change while timers wait.
func TestATimerForATopicThatIsNoLongerAllowedIsADeadLetter(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(nil)
		b.set("a", 1, time.Now().Add(time.Minute))
		time.Sleep(10 * time.Second)
		p.stop()
		p = b.start(func(p *process) { p.Rules.Topics = nil })
		time.Sleep(2 * time.Minute)
		b.saw()
		letters := b.records(b.topics()[2])
		if len(letters) != 1 {
			b.Fatalf("%d dead letters, want 1", len(letters))
		}
		p.stop()
		p = b.start(nil)
		b.write(&kgo.Record{Topic: b.topics()[0], Key: letters[0].Key, Value: letters[0].Value, Headers: letters[0].Headers})
		time.Sleep(time.Minute)
		b.saw("a/1")
		p.stop()
	})
}

func TestTimersGoToWhoeverIsThere(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var want []string
		now := time.Now()
		for n := range 200 {
			id := fmt.Sprint("timer-", n)
			b.set(id, 1, now.Add(time.Duration(n)*time.Second))
			want = append(want, id+"/1")
		}
		first := b.start(nil)
		b.until("the first has all", first.owns(2))
		second := b.start(nil)
		b.until("they share", func() bool { return first.owns(1)() && second.owns(1)() })
		time.Sleep(20 * time.Second)
		first.stop()
		b.until("the second has all", second.owns(2))
		third := b.start(nil)
		b.until("they share again", func() bool { return second.owns(1)() && third.owns(1)() })
		second.kill()
		b.until("the third has all", third.owns(2))
		time.Sleep(4 * time.Minute)
		b.saw(want...)
		third.stop()
	})
}

func TestADeadLetterIsReplayedOnceTheRulesAllowIt(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		p := b.start(func(p *process) { p.Rules.Topics = nil })
		b.set("a", 1, time.Now().Add(time.Minute))
		b.set("b", 1, time.Now().Add(time.Minute))
		time.Sleep(10 * time.Second)
		p.stop()
		p = b.start(nil)
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Replays(ctx) }()
		opts := append(slices.Clone(b.opts), kgo.Dialer(b.dial))
		open := func() []kafka.Letter {
			letters, err := kafka.Letters(b.Context(), opts, b.topics()[2])
			if err != nil {
				b.Fatal(err)
			}
			return letters
		}
		letters := open()
		if len(letters) != 2 {
			b.Fatalf("%d letters, want 2", len(letters))
		}
		if string(letters[0].Record.Key) != "a" {
			slices.Reverse(letters)
		}
		if err := errors.Join(kafka.Replay(b.Context(), opts, letters[0]), kafka.Drop(b.Context(), opts, letters[1])); err != nil {
			b.Fatal(err)
		}
		b.until("both are settled", func() bool { return len(open()) == 0 })
		time.Sleep(2 * time.Minute)
		b.saw("a/1")
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		p.stop()
	})
}
