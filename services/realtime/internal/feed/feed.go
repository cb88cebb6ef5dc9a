// Package feed is what a person's open pages are told: the changes of the last minutes in
// the order of the person's sequence, each subscription from its own cursor on, without a
// gap and nothing twice.
package feed

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
)

// Feed keeps the newest changes of everybody and knows who listens. The zero value with
// its fields set is ready for use.
type Feed struct {
	Window time.Duration    // how long a change is kept, at the least if there is room
	Bytes  int              // how much is kept of all, roughly
	Now    func() time.Time // when something arrives

	seed   maphash.Seed
	once   sync.Once
	shards [shards]shard
}

// shards share out the locking. One person is in one shard.
const shards = 64

// A shard keeps its changes in the order of their arrival, which is the order in which
// they go: the oldest of all is also the oldest of its person.
type shard struct {
	mu     sync.Mutex
	people map[string]*person
	ring   queue[entry]
	bytes  int
	over   map[string]time.Time // sessions and people that have ended, until when it matters
}

// An entry is a change in its shard's ring.
type entry struct {
	of      *person
	change  *Change
	arrived time.Time
}

func (f *Feed) shard(name string) *shard {
	f.once.Do(func() {
		f.seed = maphash.MakeSeed()
		for i := range f.shards {
			f.shards[i].people, f.shards[i].over = map[string]*person{}, map[string]time.Time{}
		}
	})
	return &f.shards[maphash.String(f.seed, name)%shards]
}

// Publish takes the next change of a person and wakes those who listen to it. raw is the
// event's message, which is kept until somebody wants the frame.
//
// A change that is there already is passed over. One that does not follow the person's
// last is a gap: what went missing will never come, so those who listen are told to sync.
// trace is the traceparent of the record, or "".
func (f *Feed) Publish(ev events.Event, raw []byte, trace string) {
	if ev.GetSeq() <= 0 {
		return // not of a sequence
	}
	s := f.shard(ev.GetUserId())
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(ev.GetUserId())
	change := &Change{Seq: ev.GetSeq(), ID: ev.GetEventId(), At: ev.GetTime().AsTime(), Trace: trace, kind: events.Type(ev), raw: raw}
	if len(p.subs) > 0 {
		change.event = ev
	}
	now := f.Now()
	switch p.place(change) {
	case known:
		return
	case gap, rewound:
		p.restart(change)
	case next:
	}
	p.changes.push(change)
	p.newest, p.newestAt = change.Seq, change.At
	s.ring.push(entry{p, change, now})
	s.bytes += change.size()
	p.wake(now)
	s.evict(now.Add(-f.Window), f.Bytes/shards)
}

// Lose says that a change of a person came and cannot be read. It is told at once, for the
// next one may be long in coming.
func (f *Feed) Lose(name string) {
	s := f.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people[name]
	if p == nil {
		return
	}
	p.changes, p.newest = queue[*Change]{}, 0
	for _, sub := range p.subs {
		sub.resync, sub.loose = true, true
		sub.rouse()
	}
	s.tidy(p)
}

// Run lets go of what is older than the window, also of people who do nothing, until ctx
// ends.
func (f *Feed) Run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := f.Now()
		f.shard("") // makes the shards
		for i := range f.shards {
			f.shards[i].sweep(now, f.Window, f.Bytes/shards)
		}
	}
}

func (s *shard) sweep(now time.Time, window time.Duration, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.evict(now.Add(-window), bytes)
	for name, until := range s.over {
		if now.After(until) {
			delete(s.over, name)
		}
	}
}

func (s *shard) person(name string) *person {
	p := s.people[name]
	if p == nil {
		p = &person{name: name}
		s.people[name] = p
	}
	return p
}

// evict lets go of changes that came before a time, and of the oldest ones beyond a
// number of bytes.
func (s *shard) evict(before time.Time, most int) {
	for s.ring.len() > 0 {
		oldest := s.ring.at(0)
		if !oldest.arrived.Before(before) && s.bytes <= most {
			return
		}
		s.bytes -= oldest.change.size()
		// After a restart a person's older changes are in the ring alone.
		if p := oldest.of; p.changes.len() > 0 && p.changes.at(0) == oldest.change {
			p.changes.pop()
			s.tidy(p)
		}
		s.ring.pop()
	}
}

// tidy forgets a person of whom nothing is left. Whoever listens keeps the person, and
// with it the knowledge of what the newest change was.
func (s *shard) tidy(p *person) {
	if p.changes.len() == 0 && len(p.subs) == 0 {
		delete(s.people, p.name)
	}
}
