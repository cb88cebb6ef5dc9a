package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/journal"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// A release: every replica of every service is replaced while people work, 200 requests a
// second that nobody repeats. None fails, and each change is told once to who listens, and is
// on the trail.
func TestARollingRestartFailsNoRequestAndLosesNoEvent(t *testing.T) {
	offset, free, err := house.FreeOffset()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(free)
	var out journal.Journal
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	t.Cleanup(cancel)
	h, stop, err := house.Start(ctx, house.Options{State: t.TempDir(), Offset: offset, Replicas: 2, Out: &out})
	if err != nil {
		t.Fatalf("%v\n%s", err, out.Tail(shown))
	}
	t.Cleanup(func() {
		if err := errors.Join(stop(), h.Reset()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the house said:\n%s", out.Tail(shown))
		}
	})
	var workers []*worker
	for range 4 {
		w, err := newWorker(ctx, h.Public())
		if err != nil {
			t.Fatal(err)
		}
		workers = append(workers, w)
	}
	working, rolled := context.WithCancel(ctx)
	var wait sync.WaitGroup
	for _, w := range workers {
		wait.Go(func() { w.listen(ctx) })
		<-w.listens // without a cursor a feed tells only what happens from now on
		wait.Go(func() { w.work(working, ctx) })
	}
	began := time.Now()
	if err := h.Roll(ctx); err != nil {
		t.Errorf("the rollout: %v", err)
	}
	took := time.Since(began)
	rolled()
	var asked int
	for _, w := range workers {
		w.working.Wait()
		w.settle(ctx, t)
		asked += w.asked
	}
	cancel()
	wait.Wait()
	load, _ := os.ReadFile("/proc/loadavg")
	t.Logf("%d requests, %.0f a second, while all was replaced in %.1f s; load average %s", asked, float64(asked)/took.Seconds(), took.Seconds(), load)
}

// A worker is a person who makes changes and another tab that listens.
type worker struct {
	*person.Person
	working sync.WaitGroup
	listens chan struct{} // closed when the feed has given its first cursor, or ctx ended

	mu     sync.Mutex
	asked  int
	failed []error
	added  map[string]bool
	heard  map[string]int // how often a task's making was told
}

func newWorker(ctx context.Context, origin string) (*worker, error) {
	p, err := person.SignUp(ctx, origin, "Europe/Berlin")
	return &worker{Person: p, listens: make(chan struct{}), added: map[string]bool{}, heard: map[string]int{}}, err
}

// work asks 50 times a second until working ends, each time without waiting for the answer
// before: of five requests one adds a task, the others read.
func (w *worker) work(working, ctx context.Context) {
	w.working.Add(1)
	defer w.working.Done()
	beat := time.NewTicker(time.Second / 50)
	defer beat.Stop()
	for n := 0; working.Err() == nil; n++ {
		w.working.Go(func() { w.ask(ctx, n) })
		select {
		case <-beat.C:
		case <-working.Done():
		}
	}
}

func (w *worker) ask(ctx context.Context, n int) {
	var task person.Task
	var err error
	switch n % 5 {
	case 0:
		// A connection may be closed just as a request leaves on it. Whoever may repeat it does
		// (RFC 9110, section 9.2.2), so a POST has its key, as the page's have.
		task, err = w.Add(ctx, uuid.NewString(), map[string]any{"title": fmt.Sprintf("Task %d", n)})
	case 1:
		_, err = w.Call(ctx, http.MethodGet, "audit-logs?limit=1", nil, "", nil)
	default:
		_, err = w.Call(ctx, http.MethodGet, "tasks?limit=5", nil, "", nil)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if err != nil {
		w.failed = append(w.failed, fmt.Errorf("request %d: %w", n, err))
	} else if task.ID != "" {
		w.added[task.ID] = true
	}
}

// listen keeps a socket open, and comes back with its cursor when it is closed.
func (w *worker) listen(ctx context.Context) {
	cursor := ""
	began := sync.OnceFunc(func() { close(w.listens) })
	defer began()
	for ctx.Err() == nil {
		feed, err := w.Listen(ctx, w.API, cursor)
		if err != nil {
			continue
		}
		for {
			frame, err := feed.Next(ctx)
			if err != nil {
				break
			}
			if frame.Cursor != "" {
				cursor = frame.Cursor
				began()
			}
			if frame.Type == "task.created" {
				w.mu.Lock()
				w.heard[frame.Task.ID]++
				w.mu.Unlock()
			}
		}
		feed.Close()
	}
}

// settle waits until all that was added was heard and is on the trail, and says what failed.
func (w *worker) settle(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, err := range w.failed {
		t.Error(err)
	}
	complete := func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.heard) >= len(w.added)
	}
	for end := time.Now().Add(time.Minute); !complete() && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	on := map[string]int{}
	for end := time.Now().Add(time.Minute); len(on) < len(w.added) && time.Now().Before(end); {
		entries, err := w.Entries(ctx)
		if err != nil {
			t.Fatal(err)
		}
		clear(on)
		for _, e := range entries {
			if e.Type == "task.created" {
				on[e.TaskID]++
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.added {
		if w.heard[id] != 1 || on[id] != 1 {
			t.Errorf("the task %s was told %d times and is on the trail %d times", id, w.heard[id], on[id])
		}
	}
	if len(w.added) == 0 {
		t.Error("nothing was added")
	}
}
