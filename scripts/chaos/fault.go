package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

// What is done to a process.
const (
	kill    = "killed"    // SIGKILL, and down for a while
	stop    = "stopped"   // SIGSTOP with all below it, and SIGCONT after a while
	restart = "restarted" // SIGTERM, and down for a while
)

// A fault is one thing that is done to one process.
type fault struct{ victim, deed string }

// service is whose process the victim is; a replica's name has its number behind it.
func (f fault) service() string {
	name, _, _ := strings.Cut(f.victim, "-")
	return name
}

// victims are all to whom something is done: with replicas, each of them.
func victims(replicas int) (all []string) {
	for _, service := range []string{"api", "audit", "notification", "realtime", "recurring", "scheduler", "web"} {
		if replicas < 2 {
			all = append(all, service)
			continue
		}
		for n := range replicas {
			all = append(all, fmt.Sprintf("%s-%d", service, n+1))
		}
	}
	return append(all, "postgres", "broker")
}

// faults are all that may be done. The embedded broker is only restarted: its commit of a
// transaction over several partitions does not outlive a crash as a whole.
func faults(broker string, replicas int) (all []fault) {
	for _, victim := range victims(replicas) {
		for _, deed := range []string{kill, stop, restart} {
			if victim != "broker" || broker != "" || deed == restart {
				all = append(all, fault{victim, deed})
			}
		}
	}
	return all
}

// A tormentor does every fault once, in an order that the seed gives, then again in
// another, until it is told to end.
type tormentor struct {
	house *house.House
	rng   *rand.Rand
	all   []fault
	done  map[fault]int

	longest time.Duration // that something is stopped
}

// work returns when ctx has ended and what was done is undone.
func (t *tormentor) work(ctx context.Context) {
	for {
		round := slices.Clone(t.all)
		t.rng.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		for _, f := range round {
			// A short while: the next one often meets a house that has not recovered yet.
			if !pause(ctx, time.Duration(100+t.rng.IntN(900))*time.Millisecond) {
				return
			}
			if t.do(ctx, f) == nil {
				t.done[f]++
			}
		}
	}
}

// do does one fault and undoes it. The error is that the process is down already.
func (t *tormentor) do(ctx context.Context, f fault) error {
	p := t.house.Process(f.victim)
	down := time.Duration(100+t.rng.IntN(2400)) * time.Millisecond
	if f.deed == stop && t.rng.IntN(5) == 0 {
		down = t.longest
	}
	switch f.deed {
	case kill:
		if err := p.Send(syscall.SIGKILL); err != nil {
			return err
		}
		pause(ctx, down)
		p.Release() // and not only when it has waited as after a crash
	case stop:
		return freeze(ctx, p, down)
	case restart:
		defer p.Release()
		if err := p.Hold(ctx); err != nil {
			return err
		}
		pause(ctx, down)
	}
	return nil
}

// freeze stops a process and all below it for a while.
func freeze(ctx context.Context, p *supervise.Process, while time.Duration) error {
	pid := p.Pid()
	if pid == 0 {
		return fmt.Errorf("%s is not running", p.Name)
	}
	below := descendants(pid)
	for _, child := range append([]int{pid}, below...) {
		_ = syscall.Kill(child, syscall.SIGSTOP) // one that just ended needs none
	}
	pause(ctx, while)
	for _, child := range append(below, pid) {
		_ = syscall.Kill(child, syscall.SIGCONT)
	}
	return nil
}

// descendants are the processes below one: PostgreSQL's and the JVM's work is done there.
func descendants(pid int) (all []int) {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // its pattern is right
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it just ended
		}
		// The name, in brackets, may have blanks; the parent is the second field behind it.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		child, err1 := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) < 2 || err1 != nil {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	for next := children[pid]; len(next) > 0; next = next[1:] {
		all = append(all, next[0])
		next = append(next, children[next[0]]...)
	}
	return all
}

// pause waits, and reports false if ctx ended first.
func pause(ctx context.Context, while time.Duration) bool {
	select {
	case <-time.After(while):
		return true
	case <-ctx.Done():
		return false
	}
}
