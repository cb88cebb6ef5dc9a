package log

import (
	"fmt"
	"testing"
	"time"
)

// Nobody was there for six hours. What is due now does not wait behind what was.
func TestAfterAnOutageLiveTimersComeFirstAndTheOthersInOrder(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		start := time.Now()
		var want []string
		for n := range 3000 {
			id := fmt.Sprint("old-", n)
			b.set(id, 1, start.Add(time.Hour+time.Duration(n)*5*time.Second))
			want = append(want, id+"/1")
		}
		p := b.start(patient)
		b.until("all are known", func() bool { return p.owns(partitions)() && pending(p) == 3000 })
		p.kill()
		time.Sleep(time.Until(start.Add(6 * time.Hour)))
		b.take("old-0", 2) // said while nobody was there, and in time for nobody
		began := time.Now()
		for n := range 100 {
			id := fmt.Sprint("live-", n)
			b.set(id, 1, began.Add(30*time.Second+time.Duration(n)*50*time.Millisecond))
			want = append(want, id+"/1")
		}
		p = b.start(func(p *process) { p.Pace = 50 })
		time.Sleep(20 * time.Second)
		if err := p.Ready(b.Context()); err == nil {
			b.Error("ready, while timers are overdue")
		}
		time.Sleep(2 * time.Minute)
		if err := p.Ready(b.Context()); err != nil {
			b.Errorf("not ready after all: %v", err)
		}
		b.saw(want[1:]...)
		var last time.Time
		for _, f := range b.delivered() {
			if f.id[:4] == "live" {
				if late := f.committed.Sub(f.due); late > 20*time.Millisecond {
					b.Errorf("%v was %v late", f, late)
				}
			} else if f.at.After(last) {
				last = f.at
			}
		}
		// 3,000 of two partitions at 50 a second each.
		if took := last.Sub(began); took < 25*time.Second || took > 60*time.Second {
			b.Errorf("catching up took %v", took)
		}
		p.stop()
	})
}

func pending(p *process) (n int) {
	for _, one := range p.Partitions() {
		n += one.Pending
	}
	return n
}
