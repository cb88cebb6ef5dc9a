package feed

import (
	"slices"
	"sync"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
)

// Change is one event of a person's sequence. Its frame is made when somebody first wants
// it, and once for all who do.
type Change struct {
	Seq int64
	ID  string    // of the event
	At  time.Time // when it happened
	// Trace is the W3C traceparent of what made the change, "" if it belongs to no trace.
	Trace string

	kind string
	raw  []byte
	once sync.Once
	// event saves the decoding if somebody listened when it came.
	event events.Event
	frame []byte
	err   error
}

// Frame is the change as it is sent.
func (c *Change) Frame() ([]byte, error) {
	c.once.Do(func() {
		ev := c.event
		if ev == nil {
			ev, c.err = events.Decode(c.kind, c.raw)
		}
		if c.err == nil {
			c.frame, c.err = events.Frame(ev)
		}
		c.event = nil
	})
	return c.frame, c.err
}

// size is about what a change costs: its message, its frame once that was made, and what
// is around them.
func (c *Change) size() int { return 3*len(c.raw) + len(c.Trace) + 320 }

// A person is somebody of whom there are changes, or who listens. Their changes follow each other
// without a gap.
type person struct {
	name     string
	changes  queue[*Change]
	newest   int64 // of the sequence; 0 if unknown
	newestAt time.Time
	subs     []*Subscription
}

// How a change stands to those before it.
type standing int

const (
	next    standing = iota // it follows, or nothing is known before it
	known                   // it came before
	gap                     // one between is missing
	rewound                 // the sequence has begun anew below, as after a restored database
)

// skew is how far clocks of those who stamp changes may differ.
const skew = time.Minute

func (p *person) place(c *Change) standing {
	switch {
	case p.newest == 0 || c.Seq == p.newest+1:
		return next
	case c.Seq > p.newest+1:
		return gap
	}
	if have := p.change(c.Seq); have != nil {
		if have.ID == c.ID {
			return known
		}
		return rewound
	}
	// Too old to compare. What is read again, after an outage say, happened before the newest.
	if c.At.After(p.newestAt.Add(skew)) {
		return rewound
	}
	return known
}

// change finds the change of a place in the sequence, if it is kept.
func (p *person) change(seq int64) *Change {
	if p.changes.len() == 0 {
		return nil
	}
	i := seq - p.changes.at(0).Seq
	if i < 0 || i >= int64(p.changes.len()) {
		return nil
	}
	return p.changes.at(int(i))
}

// restart forgets what was before a change that does not follow, and has those who
// listen sync, which brings them this change too.
func (p *person) restart(c *Change) {
	back := p.newest >= c.Seq
	p.changes = queue[*Change]{}
	for _, s := range p.subs {
		if back || s.last < c.Seq {
			s.resync, s.last = true, c.Seq
		}
	}
}

// wake tells those who listen and have had all before that there is more.
func (p *person) wake(now time.Time) {
	for _, s := range p.subs {
		if s.loose { // it knows what is before by now, from sync
			s.last, s.loose = p.newest-1, false
		}
		s.reached(p.newest, now)
		s.rouse()
	}
}

// cover says whether all after a cursor is kept. What is newer than the newest is covered:
// who has just synced may be ahead of us.
func (p *person) cover(cursor int64) bool {
	if p.newest == 0 {
		return false
	}
	oldest := p.newest + 1
	if p.changes.len() > 0 {
		oldest = p.changes.at(0).Seq
	}
	return cursor >= oldest-1
}

func (p *person) remove(s *Subscription) {
	p.subs = slices.DeleteFunc(p.subs, func(other *Subscription) bool { return other == s })
}
