package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// times gathers how long things took. It may be added to side by side.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// at is a percentile, 0 where nothing was gathered.
func (t *times) at(percent int) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	return t.all[min(len(t.all)*percent/100, len(t.all)-1)]
}

func (t *times) String() string {
	return fmt.Sprintf("p50 %s, p99 %s of %d", milli(t.at(50)), milli(t.at(99)), len(t.all))
}

func milli(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// pace calls f so many times a second, whether or not earlier calls have ended, and returns
// when all have. A caller who is late for its time makes up for it at once, so that a slow
// answer delays none of the following ones.
func pace(ctx context.Context, perSecond, seconds int, f func(i int)) {
	var wait sync.WaitGroup
	began := time.Now()
	for i := range perSecond * seconds {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		select {
		case <-ctx.Done():
			wait.Wait()
			return
		case <-time.After(time.Until(due)):
		}
		wait.Go(func() { f(i) })
	}
	wait.Wait()
}

// crowd calls f from n workers, again and again for a while, and returns how often.
func crowd(ctx context.Context, n int, d time.Duration, f func(worker int) error) (calls int, err error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var wait sync.WaitGroup
	var mu sync.Mutex
	for worker := range n {
		wait.Go(func() {
			for ctx.Err() == nil {
				failed := f(worker)
				mu.Lock()
				if calls++; failed != nil && err == nil {
					err = failed
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return calls, err
}
