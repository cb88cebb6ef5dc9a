package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// How much is talked.
const (
	talkers  = 20  // people who talk one after another
	turnsOf  = 15  // each of them says
	together = 200 // people who talk at once
)

// talk measures turns of the chat without a model, at chat's own port: a turn adds a task or
// shows what is due, in a conversation that goes on.
func talk(ctx context.Context, b *bench) ([]Row, error) {
	people, err := b.crowd(ctx, together)
	if err != nil {
		return nil, err
	}
	base := b.house.URL("chat")
	var first, whole times
	in := make([]string, len(people))
	for i := range talkers {
		for turn := range turnsOf {
			said := fmt.Sprintf("add a task to call number %d tomorrow at 3pm", turn)
			if turn%3 == 2 {
				said = "what's due this week"
			}
			heard, err := people[i].Hear(ctx, base, in[i], said)
			if err != nil {
				return nil, err
			}
			if in[i] = heard.Conversation; turn > 0 { // the first warms up
				first.add(heard.First)
				whole.add(heard.Last)
			}
		}
	}
	for i := talkers; i < together; i++ { // nobody's first turn is measured
		heard, err := people[i].Hear(ctx, base, "", "add a task to wake up tomorrow")
		if err != nil {
			return nil, err
		}
		in[i] = heard.Conversation
	}
	crowd, err := atOnce(ctx, people, base, in)
	if err != nil {
		return nil, err
	}
	return []Row{
		{"chat turn without a model, to the first byte", "p95 ≤ 30 ms", milli(first.at(95)), first.String(), ""},
		{"chat turn without a model, to the last byte", "p95 ≤ 100 ms", milli(whole.at(95)), whole.String(), ""},
		{fmt.Sprintf("%d chat turns at once, to the last byte", together), "p95 ≤ 500 ms", milli(crowd.at(95)), crowd.String(), ""},
	}, nil
}

// atOnce lets everybody say something at the same moment.
func atOnce(ctx context.Context, people []*person.Person, base string, in []string) (*times, error) {
	var (
		mu   sync.Mutex
		took times
	)
	group, ctx := errgroup.WithContext(ctx)
	begin := make(chan struct{})
	for i, p := range people {
		group.Go(func() error {
			<-begin
			heard, err := p.Hear(ctx, base, in[i], "add a task to water the plants tomorrow")
			if err == nil && heard.Last == 0 {
				err = errors.New("an empty stream")
			}
			mu.Lock()
			defer mu.Unlock()
			took.add(heard.Last)
			return err
		})
	}
	close(begin)
	return &took, group.Wait()
}
