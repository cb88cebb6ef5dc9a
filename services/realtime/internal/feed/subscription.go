package feed

import (
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Reasons why somebody does not, or no longer, get the feed.
var (
	ErrCrowded = fault.New(fault.RateLimited, "too many connections: %d a person", perPerson)
	ErrOver    = fault.New(fault.Unauthorized, "the session has ended")
	ErrSlow    = fault.New(fault.RateLimited, "too slow: come back with your cursor")
	ErrClosed  = fault.New(fault.Conflict, "the subscription is closed")
)

const (
	perPerson = 10 // connections
	batchSize = 64 // changes
	// maxBehind is how many changes a subscription may have before it: when it begins, or
	// because it is slow. With more to tell, sync is cheaper for both.
	maxBehind = 1000
	aheadFor  = time.Minute // for which a cursor may be ahead of all that came
)

// Listener is who wants to be told.
type Listener struct {
	Person  string
	Session string // "" if none stands behind the token
	// Cursor is the last change that it knows of; nil for one that wants only what comes now.
	Cursor *int64
	// Wake is called when there is something for Next, after Next had nothing; End when the
	// session is over. Both must return at once, and must not call the subscription.
	Wake, End func()
}

// Subscription is one connection's place in a person's sequence. Nothing is kept for it
// but the place: what it has not had yet is in the ring, once for all.
type Subscription struct {
	Listener
	shard *shard
	of    *person

	// All below is the shard's to lock.
	last   int64     // the last change it has had, or knows
	loose  bool      // where its changes begin is known with the first that comes
	resync bool      // it is to be told so before anything else
	idle   bool      // Next had nothing, so Wake is due
	ahead  time.Time // until when its cursor may be ahead; zero if it is not
	closed bool
}

// Subscribe adds a listener. It returns the cursor that the next changes follow: the
// listener's own, or the newest; 0 if nothing is known of the person, which is a cursor
// like others: with it one gets all from the first change on, or is told to sync.
//
// The new subscription is awake: Next is to be called, and again until it has nothing.
func (f *Feed) Subscribe(who Listener) (sub *Subscription, cursor int64, err error) {
	s := f.shard(who.Person)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOver(who.Person, who.Session) {
		return nil, 0, ErrOver
	}
	p := s.person(who.Person)
	if len(p.subs) >= perPerson {
		return nil, 0, ErrCrowded
	}
	sub = &Subscription{Listener: who, shard: s, of: p, last: p.newest}
	p.subs = append(p.subs, sub)
	if who.Cursor == nil {
		sub.loose = p.newest == 0
		return sub, p.newest, nil
	}
	cursor = *who.Cursor
	switch {
	case p.cover(cursor) && p.newest-cursor <= maxBehind:
		sub.last = cursor
		if cursor > p.newest {
			sub.ahead = f.Now().Add(aheadFor)
		}
	case p.newest == 0: // nobody knows whether it has missed something
		sub.last, sub.loose, sub.resync = cursor, true, true
	default:
		sub.resync = true
	}
	return sub, cursor, nil
}

// Batch is what is to be sent next: a word that the listener must sync, or changes.
type Batch struct {
	Resync  bool
	Cursor  int64 // with Resync: what the next changes follow
	Changes []*Change
}

// Next returns what is to be sent next, and an empty batch if there is nothing: then Wake
// tells when there is. The error is ErrSlow or ErrClosed.
func (s *Subscription) Next() (Batch, error) {
	s.shard.mu.Lock()
	defer s.shard.mu.Unlock()
	p := s.of
	switch {
	case s.closed:
		return Batch{}, ErrClosed
	case s.resync:
		s.resync = false
		return Batch{Resync: true, Cursor: s.last}, nil
	case s.loose || s.last >= p.newest:
		s.idle = true
		return Batch{}, nil
	case p.newest-s.last > maxBehind, p.change(s.last+1) == nil:
		return Batch{}, ErrSlow
	}
	due := p.changes.from(int(s.last + 1 - p.changes.at(0).Seq))
	due = due[:min(len(due), batchSize)]
	s.last = due[len(due)-1].Seq
	return Batch{Changes: append([]*Change(nil), due...)}, nil
}

// Close ends the subscription; neither Wake nor End is called any more.
func (s *Subscription) Close() {
	s.shard.mu.Lock()
	defer s.shard.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	s.of.remove(s)
	s.shard.tidy(s.of)
}

// Prolong makes the subscription that of another session of the same person.
func (s *Subscription) Prolong(session string) error {
	s.shard.mu.Lock()
	defer s.shard.mu.Unlock()
	if s.closed || s.shard.isOver(s.Person, session) {
		return ErrOver
	}
	s.Session = session
	return nil
}

// rouse wakes the listener if there is something for it.
func (s *Subscription) rouse() {
	if s.idle && (s.resync || !s.loose && s.last < s.of.newest) {
		s.idle = false
		s.Wake()
	}
}

// reached looks whether the sequence, now at seq, has reached a cursor that was ahead of
// it. One that it does not reach is from another life of the database, and what the
// listener knows is worth nothing.
func (s *Subscription) reached(seq int64, now time.Time) {
	switch {
	case s.ahead.IsZero():
	case seq >= s.last:
		s.ahead = time.Time{}
	case now.After(s.ahead):
		s.ahead = time.Time{}
		s.resync, s.last = true, seq
	}
}
