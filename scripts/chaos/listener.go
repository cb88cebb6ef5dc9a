package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// A listener is a client of the live feed: it keeps its place, comes back with it, and
// syncs when it is told to.
type listener struct {
	*person.Person
	origin string
	rng    *rand.Rand

	mu    sync.Mutex
	begun bool
	known int // the change that it knows all up to
	seen  []sight
}

// work listens until ctx ends, over as many connections as it takes.
func (l *listener) work(ctx context.Context) {
	for ctx.Err() == nil {
		// It goes away by itself too, mostly for a moment, now and then for so long that what
		// it missed is no longer kept.
		life := time.Duration(500+l.rng.IntN(15_000)) * time.Millisecond
		away := time.Duration(l.rng.IntN(300)) * time.Millisecond
		if l.rng.IntN(8) == 0 {
			away = window + time.Second
		}
		connection, cancel := context.WithTimeout(ctx, life)
		l.listen(connection)
		cancel()
		select {
		case <-time.After(away):
		case <-ctx.Done():
		}
	}
}

// listen notes what one connection tells until it ends.
func (l *listener) listen(ctx context.Context) {
	cursor := ""
	if l.begun {
		cursor = strconv.Itoa(l.known)
	}
	dialling, cancel := context.WithTimeout(ctx, patience)
	feed, err := l.Listen(dialling, l.origin, cursor)
	cancel()
	if err != nil {
		return
	}
	defer feed.Close()
	for {
		frame, err := feed.Next(ctx)
		if err != nil {
			return
		}
		at, err := strconv.Atoi(frame.Cursor)
		if err != nil {
			at = -1 // the checks complain of it
		}
		switch frame.Type {
		case hello:
			l.note(sight{Kind: hello, Cursor: at, Person: frame.UserID})
		case resync:
			l.note(sight{Kind: resync, Cursor: at})
			if l.sync(ctx) != nil {
				return
			}
		default:
			l.note(sight{Kind: told, Cursor: at, Event: frame.EventID, Task: frame.TaskID, Version: frame.Version})
		}
	}
}

// sync asks for what changed since what is known.
func (l *listener) sync(ctx context.Context) error {
	all := sight{Kind: synced, Tasks: map[string]int{}}
	for token := strconv.Itoa(l.known); ; {
		var page struct {
			Full  bool          `json:"full"`
			Tasks []person.Task `json:"tasks"`
			Token string        `json:"sync_token"`
			More  bool          `json:"has_more"`
		}
		once, cancel := context.WithTimeout(ctx, patience)
		_, err := l.Call(once, "GET", "sync?limit=200&sync_token="+token, nil, "", &page)
		cancel()
		if err != nil {
			return fmt.Errorf("sync: %w", err)
		}
		for _, t := range page.Tasks {
			all.Tasks[t.ID] = max(all.Tasks[t.ID], t.Version)
		}
		all.Full = all.Full || page.Full
		token = page.Token
		if page.More {
			continue
		}
		if all.Cursor, err = strconv.Atoi(token); err != nil {
			return fmt.Errorf("sync: %w", err)
		}
		l.note(all)
		return nil
	}
}

func (l *listener) note(s sight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, s)
	if s.Kind == hello && !l.begun {
		l.begun, l.known = true, s.Cursor
	} else if s.Kind == told || s.Kind == synced {
		l.known = max(l.known, s.Cursor)
	}
}

// place is the change that it knows all up to.
func (l *listener) place() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known
}
