package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// A keeper is a person with reminders that ring while the house is tormented, and with a task
// that comes again each time it is done.
type keeper struct {
	*person.Person
	rng *rand.Rand

	mu    sync.Mutex
	bells []*bell
	chain chain
	unfit []string
}

// A bell is a reminder that was asked for and acknowledged.
type bell struct {
	Title, Task string
	At          time.Time // it must not ring before
	Least, Most int       // how often it must and may ring
}

// A chain is a task that comes again.
type chain struct {
	Title string
	Steps int // how often an occurrence was completed or skipped, and that was acknowledged
}

// certain is how long before a reminder a change is surely heeded (product.md §3).
const certain = 2 * time.Second

// Between two reminders of a keeper, and from asking for one until it rings.
const (
	bellEvery = time.Second
	ringIn    = 2 * time.Second
	ringLater = 6 * time.Second // at most so much more
)

// work makes reminders and goes on in the chain until over ends. What is begun is finished
// before answered ends.
func (k *keeper) work(over, answered context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { k.walk(over, answered) })
	for number := 0; pause(over, bellEvery); number++ {
		b := &bell{Title: fmt.Sprintf("bell %d %s", number, uuid.NewString()[:8]), Least: 1, Most: 1}
		dice, wait := k.rng.IntN(6), time.Duration(k.rng.Int64N(int64(ringLater)))
		all.Go(func() { k.ring(answered, b, dice, wait) })
	}
}

// ring asks for a reminder; a third of them is silenced by completing or deleting the task,
// and a sixth is moved.
func (k *keeper) ring(ctx context.Context, b *bell, dice int, wait time.Duration) {
	b.At = time.Now().Add(ringIn + wait).UTC().Truncate(time.Millisecond)
	var made person.Task
	if !k.insist(ctx, "POST", "tasks", map[string]any{"title": b.Title, "due_date": "2030-01-01", "reminders": []any{at(b.At)}}, &made) {
		return
	}
	b.Task = made.ID
	k.mu.Lock()
	k.bells = append(k.bells, b)
	k.mu.Unlock()
	switch path := "tasks/" + b.Task; dice {
	case 0, 1:
		method := "DELETE"
		if dice == 0 {
			method, path = "POST", path+"/complete"
		}
		k.insist(ctx, method, path, nil, nil)
		b.Least = 0 // also if the answer is still owed
		if time.Until(b.At) >= certain {
			b.Most = 0
		}
	case 2:
		later := b.At.Add(ringIn)
		k.insist(ctx, "PATCH", path, map[string]any{"reminders": []any{at(later)}}, nil)
		if time.Until(b.At) >= certain {
			b.At = later
		} else {
			b.Most = 2 // as it was and as it is
		}
	}
}

func at(t time.Time) map[string]any { return map[string]any{"at": t.Format(time.RFC3339Nano)} }

// walk completes, and now and then skips, one occurrence after the other.
func (k *keeper) walk(over, answered context.Context) {
	k.chain.Title = "chain " + uuid.NewString()[:8]
	var now person.Task
	if !k.insist(answered, "POST", "tasks", map[string]any{"title": k.chain.Title, "due_date": "2030-01-01", "recurrence_rule": "every day", "tags": []string{"chain"}}, &now) {
		return
	}
	for over.Err() == nil {
		verb := "complete"
		if k.rng.IntN(8) == 0 {
			verb = "skip"
		}
		if !k.insist(answered, "POST", "tasks/"+now.ID+"/"+verb, nil, nil) {
			return
		}
		k.chain.Steps++
		next, ok := k.next(answered, now.ID)
		if !ok {
			k.complain("the next occurrence after %s never came", now.ID)
			return
		}
		now = next
	}
}

// next waits for the open occurrence that is another one than before.
func (k *keeper) next(ctx context.Context, before string) (person.Task, bool) {
	for {
		var open struct{ Tasks []person.Task }
		once, cancel := context.WithTimeout(ctx, patience)
		_, err := k.Call(once, "GET", "tasks?status=pending&tag=chain", nil, "", &open)
		cancel()
		if err == nil && len(open.Tasks) > 0 && open.Tasks[0].ID != before {
			return open.Tasks[0], true
		}
		if !pause(ctx, 50*time.Millisecond) {
			return person.Task{}, false
		}
	}
}

// insist makes a call until it is answered, and reports whether it was done.
func (k *keeper) insist(ctx context.Context, method, path string, body, answer any) bool {
	header := http.Header{}
	if method == "POST" {
		header.Set("Idempotency-Key", uuid.NewString())
	}
	for {
		once, cancel := context.WithTimeout(ctx, patience)
		_, err := k.CallWith(once, method, path, body, header, answer)
		cancel()
		status := person.StatusOf(err)
		switch {
		case err == nil:
			return true
		case status >= 400 && status < 500 && status != http.StatusTooManyRequests:
			k.complain("%s %s: %v", method, path, err)
			return false
		}
		if !pause(ctx, 100*time.Millisecond) {
			k.complain("%s %s: never answered, status %s", method, path, strconv.Itoa(status))
			return false
		}
	}
}

func (k *keeper) complain(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.unfit = append(k.unfit, fmt.Sprintf(format, args...))
}
