// Package timer decides what a partition of timers does next: which commands count, which
// timers are due, and what of it has to be remembered. It has no clock and no log of its
// own: both are given to it, so that what it decides depends on nothing else.
package timer

import (
	"crypto/sha256"
	"time"
)

// Limits of what is accepted. A command beyond them becomes a dead letter.
const (
	MaxAhead   = 10 * 366 * 24 * time.Hour // how far ahead a timer may be due
	MaxPayload = 64 << 10                  // bytes
	maxAround  = 16 << 10                  // bytes of key and headers together
	maxID      = 256                       // bytes
)

// What the index holds at hand. All else is on the state topic and read again in time.
const (
	lead    = 2               // minutes before it is due that a timer's body is fetched
	lateBy  = 5 * time.Second // from then on a timer is overdue and waits behind live ones
	atHand  = 10_000          // overdue timers put in order at a time
	urgent  = 10 * time.Second
	perStep = 2_000 // timers that fire in one step

	// A fired or cancelled timer's rev is kept against commands that come again, for as
	// long as the command topic could repeat one, but only so many: the reader of the due
	// record is the second guard, so memory need not grow with the rate.
	keepDone = 7 * 24 * time.Hour
	mostDone = 100_000
	slack    = 1_000 // how many are forgotten at a time
)

// Command sets a timer, or takes it back.
type Command struct {
	ID     string
	Rev    int64
	Cancel bool
	Due    int64  // Unix ms
	Body   []byte // the timer's record on the state topic: what is to be delivered
}

// Change is one record for the state topic, keyed by the timer's id.
type Change struct {
	ID    string
	Value []byte // nil is a tombstone

	slot uint32 // 0 after a tombstone
}

// Due is a timer that fires.
type Due struct {
	ID   string
	Rev  int64
	At   int64  // Unix ms, when it was to fire
	Body []byte // its record on the state topic; see Deliver
}

// Step is what one step does. It all happens, in one transaction, or none of it.
type Step struct {
	Changes []Change
	Due     []Due
	Stale   int // commands that were not newer than what they were about
}

// Empty reports whether there is nothing to be written.
func (s Step) Empty() bool { return len(s.Changes) == 0 && len(s.Due) == 0 }

// Want names a record of the state topic that is needed again.
type Want struct {
	Offset int64
	slot   uint32
}

// digest stands for a timer's id: ids are of any length, and an index of ten million has
// no room for them. SHA-256, so that nobody can choose two ids that meet.
type digest [16]byte

func digestOf(id string) (d digest) {
	sum := sha256.Sum256([]byte(id))
	copy(d[:], sum[:])
	return d
}
