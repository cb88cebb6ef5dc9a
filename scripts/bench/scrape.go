package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// Of the row on scrapes.
const (
	watched = 1000 // people, each with an open tab
	scrapes = 20
)

// scrape measures what it costs to ask services for their numbers while many people use
// them: how many series each shows, and how long it takes to write them.
func scrape(ctx context.Context, b *bench) ([]Row, error) {
	var mu sync.Mutex
	var tabs []*person.Feed
	defer func() {
		for _, tab := range tabs {
			tab.Close()
		}
	}()
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for range watched {
		group.Go(func() error {
			p, err := person.SignUp(within, b.house.Public(), "Europe/Berlin")
			if err != nil {
				return err
			}
			tab, err := p.Listen(ctx, b.house.URL("realtime"), "")
			if err != nil {
				return err
			}
			mu.Lock()
			tabs = append(tabs, tab)
			mu.Unlock()
			made, err := p.Add(within, "", map[string]any{"title": "Pay rent", "due_date": "2030-12-31T09:00", "recurrence_rule": "every month", "reminders": []string{"1 hour before"}})
			if err == nil {
				_, err = p.Call(within, "POST", "tasks/"+made.ID+"/complete", nil, "", nil)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var took times
	most, of := 0, ""
	for _, name := range []string{"api", "audit", "identity", "notification", "realtime", "recurring", "scheduler", "web admin"} {
		for range scrapes {
			began := time.Now()
			series, err := count(ctx, b.house.URL(name)+"/metrics")
			if err != nil {
				return nil, err
			}
			took.add(time.Since(began))
			if series > most {
				most, of = series, name
			}
		}
	}
	return []Row{{fmt.Sprintf("scrape of a service at %d people", watched), "≤ 50 ms, ≤ 3,000 series", fmt.Sprintf("%s, at most %d series (%s)", took.String(), most, of), "", ""}}, nil
}

// count returns how many series a service shows.
func count(ctx context.Context, url string) (series int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	for line := range bytes.Lines(text) {
		if line[0] != '#' {
			series++
		}
	}
	return series, err
}
