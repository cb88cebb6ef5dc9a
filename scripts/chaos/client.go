package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// A user is a person whose clients change the same tasks side by side.
type user struct {
	*person.Person

	mu      sync.Mutex
	tasks   map[string]*state // as far as the clients know
	order   []string          // the tasks, oldest first
	changes []change
	unfit   []string
}

// A state is what the next change of a task depends on.
type state struct {
	version            int
	completed, deleted bool
}

// A client makes one change after the other, each until it is answered.
type client struct {
	*user
	rng *rand.Rand
}

// A move is a change that a client is going to make.
type move struct {
	method, path, kind string
	body               any
	task               string // empty: it makes one
	from               state
}

// patience is how long a client waits for one answer: less than a process is stopped for,
// so that answers are lost.
const patience = 1500 * time.Millisecond

// work makes a change each time it is given a turn, until there are no more. When ctx ends,
// what was not answered yet never is.
func (c *client) work(ctx context.Context, turns <-chan struct{}) {
	for range turns {
		made := c.insist(ctx, c.choose())
		c.mu.Lock()
		c.changes = append(c.changes, made)
		c.mu.Unlock()
	}
}

// choose picks a change that has an effect if the task is still as the client knows it.
func (c *client) choose() move {
	c.mu.Lock()
	defer c.mu.Unlock()
	title := map[string]any{"title": "chaos " + strconv.FormatUint(c.rng.Uint64(), 36)}
	if n := len(c.order); n < 5 || c.rng.IntN(100) < 30 {
		return move{method: "POST", path: "tasks", kind: "task.created", body: title}
	}
	// The newest are the ones that several clients want at once.
	recent := c.order[max(0, len(c.order)-30):]
	m := move{task: recent[c.rng.IntN(len(recent))]}
	m.from = *c.tasks[m.task]
	m.path = "tasks/" + m.task
	dice := c.rng.IntN(100)
	switch {
	case m.from.deleted:
		m.method, m.path, m.kind = "POST", m.path+"/restore", "task.restored"
	case dice < 45:
		m.method, m.kind, m.body = "PATCH", "task.updated", title
	case dice < 65:
		m.method, m.kind = "DELETE", "task.deleted"
	case m.from.completed:
		m.method, m.path, m.kind = "POST", m.path+"/reopen", "task.reopened"
	default:
		m.method, m.path, m.kind = "POST", m.path+"/complete", "task.completed"
	}
	return m
}

// insist makes the move until there is an answer. All its tries carry the same request id,
// key and precondition, so it is made once at most.
func (c *client) insist(ctx context.Context, m move) change {
	made := change{Request: uuid.NewString(), Type: m.kind, Task: m.task, Fate: doubtful}
	header := http.Header{"X-Request-Id": {made.Request}}
	if m.method == "POST" {
		header.Set("Idempotency-Key", made.Request)
	}
	if m.task != "" {
		header.Set("If-Match", `"`+strconv.Itoa(m.from.version)+`"`)
	}
	for lost := false; ; lost = true {
		var answer person.Task
		once, cancel := context.WithTimeout(ctx, patience)
		_, err := c.CallWith(once, m.method, m.path, m.body, header, &answer)
		cancel()
		switch status := person.StatusOf(err); {
		case err == nil:
			made.Fate = acknowledged
			made.Task, made.Version = c.learn(m, answer)
			return made
		case status == http.StatusPreconditionFailed:
			// Of a POST that was done a key would have told; of another it may have been us.
			if !lost || m.method == "POST" {
				made.Fate = refused
			}
			c.look(ctx, m.task)
			return made
		case status >= 400 && status < 500 && status != http.StatusTooManyRequests:
			c.complain("%s %s, request %s: %v", m.method, m.path, made.Request, err)
			return made
		}
		select {
		case <-time.After(time.Duration(50+c.rng.IntN(150)) * time.Millisecond):
		case <-ctx.Done():
			c.complain("%s %s, request %s: never answered", m.method, m.path, made.Request)
			return made
		}
	}
}

// learn takes note of an acknowledged move, and returns the task and its version.
func (c *client) learn(m move, answer person.Task) (string, int) {
	now := state{answer.Version, answer.Completed, answer.DeletedAt != nil}
	if m.method == "DELETE" { // which answers nothing
		now = state{m.from.version + 1, m.from.completed, true}
		answer.ID = m.task
	}
	if m.task == "" {
		m.task = answer.ID
	}
	if answer.ID != m.task {
		c.complain("%s %s answered with task %s", m.method, m.path, answer.ID)
	}
	c.know(m.task, now)
	return m.task, now.version
}

// look asks for a task as it is now. Without an answer the next change of it meets the same.
func (c *client) look(ctx context.Context, task string) {
	once, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var now person.Task
	if _, err := c.Call(once, "GET", "tasks/"+task, nil, "", &now); err == nil {
		c.know(task, state{now.Version, now.Completed, now.DeletedAt != nil})
	}
}

// know keeps what is newest of a task.
func (u *user) know(task string, now state) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if was := u.tasks[task]; was == nil {
		u.order = append(u.order, task)
	} else if was.version >= now.version {
		return
	}
	u.tasks[task] = &now
}

func (u *user) complain(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unfit = append(u.unfit, fmt.Sprintf(format, args...))
}

// told returns what the clients were told so far.
func (u *user) told() (changes []change, unfit []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.changes), slices.Clone(u.unfit)
}

// turns hands out turns at a rate per second, until done ends. Nobody's turn is kept for
// long: what could not be done during an outage is not made up for.
func turns(done context.Context, rate int) <-chan struct{} {
	out := make(chan struct{}, max(1, rate/4))
	go func() {
		defer close(out)
		ticker := time.NewTicker(time.Second / time.Duration(rate))
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-done.Done():
				return
			}
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out
}
