package log

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

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
		if n := len(b.records(b.topics()[2])); n != 1 {
			b.Errorf("%d dead letters, want 1", n)
		}
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
