package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// window is for how long realtime keeps changes for those who come back: short, so that
// both happen, going on from there and a resync.
const window = 6 * time.Second

// tokenLife is for how long everybody's token is surely good: nobody refreshes it.
const tokenLife = 10 * time.Minute

// Bounds of what follows the faults.
const (
	recovery = 90 * time.Second // until all is ready and every call is answered
	draining = 60 * time.Second // until the trail and the feeds have everything
)

// A town is a house, and people who use it while it is tormented.
type town struct {
	settings
	state     string // the house's folder
	house     *house.House
	residents []*resident
	keepers   []*keeper
	tormentor *tormentor
}

// A resident is a person with their clients.
type resident struct {
	*user
	clients   []*client
	listeners []*listener
}

// chance is a source of its own for each who acts, so that what one does depends on the
// seed and not on the others.
func (t *town) chance(who int) *rand.Rand { return rand.New(rand.NewPCG(uint64(t.Seed), uint64(who))) }

// open starts the house and returns what stops it and removes what it kept.
func (t *town) open(ctx context.Context, log io.Writer) (closeDown func() error, err error) {
	offset, free, err := house.FreeOffset()
	if err != nil {
		return nil, err
	}
	options := house.Options{
		State: t.state, Offset: offset, Broker: t.Broker, Out: log,
		Only:        []string{"identity", "api", "audit", "notification", "recurring", "scheduler", "realtime", "web"},
		Environment: []string{"LOG_LEVEL=warn"},
		Settings:    map[string]map[string]string{"realtime": {"FEED_WINDOW": window.String()}},
	}
	if t.Replicas > 1 {
		options.Replicas = t.Replicas // of one each, a process is on the port itself
	}
	h, stop, err := house.Start(ctx, options)
	if err != nil {
		defer free()
		if h, wrong := house.New(options); wrong == nil {
			err = errors.Join(err, h.Reset()) // it may have got as far as a database
		}
		return nil, err
	}
	t.house = h
	t.tormentor = &tormentor{house: h, rng: t.chance(0), all: faults(t.Broker, t.Replicas), done: map[fault]int{},
		// In a run of two minutes longer than a transaction of a producer may live.
		longest: min(12*time.Second, time.Duration(t.Seconds)*time.Second/10)}
	return func() error {
		defer free()
		return errors.Join(stop(), h.Reset(), os.RemoveAll(t.state))
	}, nil
}

// settle signs everybody up.
func (t *town) settle(ctx context.Context) error {
	for range t.People {
		p, err := person.SignUp(ctx, t.house.Public(), "Europe/Berlin")
		if err != nil {
			return fmt.Errorf("sign up: %w", err)
		}
		r := &resident{user: &user{Person: p, tasks: map[string]*state{}}}
		for range t.Clients {
			r.clients = append(r.clients, &client{user: r.user, rng: t.chance(len(t.residents)*1000 + len(r.clients) + 1)})
		}
		for range t.Feeds {
			r.listeners = append(r.listeners, &listener{
				Person: p, origin: t.house.Public(), rng: t.chance(len(t.residents)*1000 + len(r.listeners) + 501)})
		}
		t.residents = append(t.residents, r)
	}
	for i := range t.Keepers {
		p, err := person.SignUp(ctx, t.house.Public(), "Europe/Berlin")
		if err != nil {
			return fmt.Errorf("sign up: %w", err)
		}
		t.keepers = append(t.keepers, &keeper{Person: p, rng: t.chance(1_000_000 + i)})
	}
	return nil
}

// live lets everybody work while the house is tormented for a while, heals it, waits for the
// last answers and for what follows from them, and returns what everybody saw.
func (t *town) live(ctx context.Context, while time.Duration) (*history, error) {
	listening, hush := context.WithCancel(ctx)
	defer hush()
	var feeds, work sync.WaitGroup
	for _, r := range t.residents {
		for _, l := range r.listeners {
			feeds.Go(func() { l.work(listening) })
		}
	}
	defer feeds.Wait()
	defer hush()
	over, end := context.WithTimeout(ctx, while)
	defer end()
	answered, giveUp := context.WithTimeout(ctx, while+recovery)
	defer giveUp()
	handed := turns(over, t.Rate)
	for _, r := range t.residents {
		for _, c := range r.clients {
			work.Go(func() { c.work(answered, handed) })
		}
	}
	for _, k := range t.keepers {
		work.Go(func() { k.work(over, answered) })
	}
	t.tormentor.work(over)
	if err := t.house.Await(answered); err != nil {
		return nil, fmt.Errorf("heal: %w", err)
	}
	work.Wait()
	unfit, err := t.drain(ctx)
	if err != nil {
		return nil, err
	}
	hush()
	feeds.Wait()
	return t.gather(ctx, unfit)
}

func (t *town) drain(ctx context.Context) (missing []string, err error) {
	db, err := postgres.Open(t.house.AdminURL())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, draining)
	defer cancel()
	return t.drained(ctx, db), nil
}

// logPath is where the house's log goes.
func logPath(folder string) string { return filepath.Join(folder, "house.log") }
