package main

import "github.com/tickler-app/tickler/scripts/internal/person"

// A fate is what a client knows of a change that it asked for.
type fate int

const (
	acknowledged fate = iota // answered as done
	refused                  // answered as not done
	doubtful                 // a lost answer may have said that it was done
)

// A change is one call that was to change a task. All its tries carry the same request id,
// which its event tells, so that whose doing an event was is known.
type change struct {
	Request string
	Type    string // of its event
	Task    string // empty if it was to create one and nobody said that it did
	Version int    // of the task behind it, if it was acknowledged
	Fate    fate
}

// A record is an event on a topic.
type record struct {
	Key, Event, Person, Task, Type, Request string
	Version, Seq                            int
}

// The kinds of sights.
const (
	hello  = "hello"  // the feed follows Cursor
	told   = "told"   // a change, which is the person's Cursor-th
	resync = "resync" // what is between is for a sync
	synced = "synced" // a sync: Tasks are those that changed since what was known, up to Cursor
)

// A sight is something that a feed's client saw.
type sight struct {
	Kind    string
	Cursor  int
	Person  string // of hello
	Event   string
	Task    string
	Version int
	Tasks   map[string]int // versions by task
	Full    bool           // the sync began anew
}

// A witness is what one person knows, and what the database has of them.
type witness struct {
	ID       string
	Seq      int            // how many changes there were
	Versions map[string]int // by task
	Changes  []change
	Trail    []person.Entry
	Feeds    [][]sight // what each client of the feed saw, over all its connections
}

// A history is everything that the checks need.
type history struct {
	People          []*witness
	Events, Updates []record          // task-events and task-updates, each person's in order
	DeadLetters     map[string]int    // records by dead-letter topic
	Trail, Rebuilt  map[string]string // rows of the trail by event id: the one that stands, and one from the log
	Keepings        []*keeping
	Crashes         int      // that may have left a letter sent and not recorded
	Unfit           []string // answers that no fault excuses, and what never came
}
