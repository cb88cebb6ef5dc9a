package timer

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// BenchmarkPending fills eight partitions with ten million timers of the next thirty days,
// as a restore does, and reports what they take and what a full collection takes.
func BenchmarkPending(b *testing.B) {
	const partitions, each = 8, 1_250_000
	for range b.N {
		all := make([]*Timers, partitions)
		state := &timerv1.State{Rev: 1, Topic: "reminders", Key: []byte("0198c5a0-0000-7000-8000-000000000001"), Payload: make([]byte, 240)}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		for p := range all {
			all[p] = New(32<<20, 2500)
			for n := range each {
				state.DueMs = now + 3_600_000 + rand.Int64N(30*24*3_600_000)
				value, _ := proto.Marshal(state)
				if err := all[p].Restore(fmt.Appendf(nil, "0198c5a0-0000-7000-8%03d-%012d", p, n), value, int64(n), now); err != nil {
					b.Fatal(err)
				}
			}
		}
		filled := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		began = time.Now()
		runtime.GC()
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/GC")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/partitions/each, "B/timer")
		b.ReportMetric(float64(filled.Nanoseconds())/partitions/each, "ns/timer")
		runtime.KeepAlive(all)
	}
}

// BenchmarkStep sets timers and fires them, 500 in a step.
func BenchmarkStep(b *testing.B) {
	timers, at, body := New(256<<20, 2500), int64(now), make([]byte, 300)
	cmds := make([]Command, 500)
	offsets := make([]int64, 2000)
	n := 0
	for b.Loop() {
		for i := range cmds {
			n++
			cmds[i] = Command{ID: fmt.Sprint(n), Rev: 1, Due: at + 1000, Body: body}
		}
		at += 5
		step := timers.Step(cmds, at, true)
		timers.Stored(step.Changes, offsets[:len(step.Changes)])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/timer")
}
