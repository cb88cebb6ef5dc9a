package house

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/port"
	"github.com/tickler-app/tickler/scripts/internal/supervise"
	"golang.org/x/sync/errgroup"
)

// A fleet is a service with several replicas behind a balancer on its port, as in a cluster.
type fleet struct {
	h       *House
	service Service
	on      *stage
	start   func(ctx context.Context, extra map[string]string) *exec.Cmd

	mu       sync.Mutex
	replicas []*replica
	made     int
}

// A replica is one process of a fleet.
type replica struct {
	process     *supervise.Process
	addr, admin string // admin is where it answers probes: addr, or ADMIN_ADDR
	ready       atomic.Bool
	leaving     atomic.Bool
}

// How a cluster treats a pod, at a test's pace: probes, and the time between a pod's leaving
// the Service and its being told to end.
const (
	probeEvery = 100 * time.Millisecond
	drain      = time.Second
)

// raiseFleet brings up a service's replicas and their balancer.
func (h *House) raiseFleet(s Service, on *stage, start func(context.Context, map[string]string) *exec.Cmd) error {
	f := &fleet{h: h, service: s, on: on, start: start}
	h.fleets.Store(s.Name, f)
	fronts := map[string]func(*replica) string{h.Address(s.Name): func(r *replica) string { return r.addr }}
	if s.Admin != 0 {
		fronts[h.Address(s.Name+" admin")] = func(r *replica) string { return r.admin }
	}
	for address, of := range fronts {
		b := &balancer{address: address, targets: func() (open []string) {
			for _, r := range f.open() {
				open = append(open, of(r))
			}
			return open
		}}
		if err := b.run(on); err != nil {
			return err
		}
	}
	for range h.options.Replicas {
		if _, err := f.add(); err != nil {
			return err
		}
	}
	return nil
}

// open are the replicas that take requests; if none is ready, all that stay.
func (f *fleet) open() (ready []*replica) {
	f.mu.Lock()
	defer f.mu.Unlock()
	staying := slices.DeleteFunc(slices.Clone(f.replicas), func(r *replica) bool { return r.leaving.Load() })
	if ready = slices.DeleteFunc(slices.Clone(staying), func(r *replica) bool { return !r.ready.Load() }); len(ready) == 0 {
		return staying
	}
	return ready
}

// add starts one more replica.
func (f *fleet) add() (*replica, error) {
	r, extra := &replica{}, map[string]string{}
	free, err := port.Any()
	if err != nil {
		return nil, err
	}
	r.addr, r.admin = free, free
	extra["ADDR"] = r.addr
	if f.service.Admin != 0 {
		if r.admin, err = port.Any(); err != nil {
			return nil, err
		}
		extra["ADMIN_ADDR"] = r.admin
	}
	f.mu.Lock()
	f.made++
	r.process = &supervise.Process{Name: fmt.Sprintf("%s-%d", f.service.Name, f.made), Log: f.h.log, Grace: 40 * time.Second,
		Command: func(ctx context.Context, _ bool) (*exec.Cmd, error) { return f.start(ctx, extra), nil }}
	f.replicas = append(f.replicas, r)
	f.mu.Unlock()
	f.on.run(r.process)
	f.on.wait.Go(func() { r.probe(f.on.ctx) })
	return r, nil
}

// replica returns the process of that name among those of all fleets.
func (h *House) replica(name string) (found *supervise.Process) {
	h.fleets.Range(func(_, kept any) bool {
		f := kept.(*fleet)
		f.mu.Lock()
		defer f.mu.Unlock()
		if i := slices.IndexFunc(f.replicas, func(r *replica) bool { return r.process.Name == name }); i >= 0 {
			found = f.replicas[i].process
		}
		return found == nil
	})
	return found
}

// probe asks a replica whether it is ready, until its stage ends.
func (r *replica) probe(ctx context.Context) {
	ask := answers("http://" + r.admin + "/readyz")
	for ctx.Err() == nil {
		once, cancel := context.WithTimeout(ctx, 4*time.Second)
		r.ready.Store(ask(once) == nil)
		cancel()
		select {
		case <-ctx.Done():
		case <-time.After(probeEvery):
		}
	}
}

// Roll replaces every replica of every service, all services at once and the replicas of one
// after the other: a new one is ready before an old one goes, which is out of the balancer
// before it is told to end. That is a cluster's rollout with maxUnavailable 0.
func (h *House) Roll(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	h.fleets.Range(func(_, kept any) bool {
		group.Go(func() error { return kept.(*fleet).roll(ctx) })
		return true
	})
	return group.Wait()
}

func (f *fleet) roll(ctx context.Context) error {
	f.mu.Lock()
	old := slices.Clone(f.replicas)
	f.mu.Unlock()
	for _, goes := range old {
		comes, err := f.add()
		if err != nil {
			return err
		}
		for !comes.ready.Load() {
			if err := sleep(ctx, look); err != nil {
				return fmt.Errorf("%s is not ready: %w", comes.process.Name, err)
			}
		}
		goes.leaving.Store(true)
		if err := sleep(ctx, drain); err != nil {
			return err
		}
		if err := goes.process.Hold(ctx); err != nil {
			return fmt.Errorf("%s does not end: %w", goes.process.Name, err)
		}
		f.mu.Lock()
		f.replicas = slices.DeleteFunc(f.replicas, func(r *replica) bool { return r == goes })
		f.mu.Unlock()
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
