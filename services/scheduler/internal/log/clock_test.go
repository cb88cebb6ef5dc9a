package log

import (
	"sync"
	"testing"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

func schedule(b *bench, id string, due time.Time) *timerv1.Schedule {
	b.Helper()
	s, err := events.Timer{ID: id, Rev: 1, Due: due}.Schedule(&reminderv1.ReminderDue{ReminderId: id, UserId: "ada", TaskId: "t1", Title: "Pay rent"})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// A clock that can be set, and stopped together with whoever looks at it.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
	paused chan struct{} // closed when it goes on
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	paused := c.paused
	c.mu.Unlock()
	if paused != nil {
		<-paused // not a lock: those hold virtual time up
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) pause() (resume func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	paused := make(chan struct{})
	c.paused = paused
	return func() { close(paused) }
}

func (c *clock) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += by
}

func TestAClockThatIsSetForwardIsNoticedAtOnce(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var c clock
		p := b.start(func(p *process) { p.Now = c.now })
		b.until("ready", p.owns(partitions))
		b.set("a", 1, time.Now().Add(50*time.Minute))
		b.set("b", 1, time.Now().Add(59*time.Minute+59*time.Second))
		b.set("c", 1, time.Now().Add(70*time.Minute))
		time.Sleep(time.Second)
		b.saw()
		c.set(time.Hour)
		time.Sleep(2 * time.Second)
		b.saw("a/1", "b/1")
		time.Sleep(11 * time.Minute)
		b.saw("a/1", "b/1", "c/1")
		p.stop()
	})
}

func TestAClockThatIsSetBackFiresNothingEarlyOrTwice(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var c clock
		p := b.start(func(p *process) { p.Now = c.now })
		b.until("ready", p.owns(partitions))
		b.set("a", 1, time.Now().Add(time.Second))
		b.set("b", 1, time.Now().Add(30*time.Second))
		b.set("far", 1, time.Now().Add(3*time.Hour))
		time.Sleep(2 * time.Second)
		c.set(-time.Hour)
		time.Sleep(50 * time.Minute)
		b.saw("a/1")
		time.Sleep(11 * time.Minute)
		b.saw("a/1", "b/1")
		c.set(time.Hour)
		time.Sleep(119 * time.Minute)
		b.saw("a/1", "b/1", "far/1")
		p.stop()
	})
}

// A process that was stopped for a while first reads what was said meanwhile.
func TestAPausedOwnerDoesNotFireWhatWasCancelledMeanwhile(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var c clock
		p := b.start(func(p *process) { p.Now = c.now })
		b.until("ready", p.owns(partitions))
		due := time.Now().Add(time.Minute)
		for _, id := range []string{"a", "b", "c", "d"} {
			b.set(id, 1, due)
		}
		time.Sleep(10 * time.Second)
		resume := c.pause()
		time.Sleep(20 * time.Second)
		b.take("a", 2)
		b.take("b", 2)
		time.Sleep(20 * time.Minute)
		resume()
		time.Sleep(10 * time.Second)
		b.saw("c/1", "d/1")
		p.stop()
	})
}
