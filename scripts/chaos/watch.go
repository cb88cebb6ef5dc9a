package main

import "fmt"

// feeds follows each client of the feed over all its connections. It must see its person's
// changes one after the other, each once; those that a resync left out must be in the sync
// that follows, and the end of the sequence must be reached.
func (h *history) feeds(v *verdict) {
	byPerson := map[string]map[int]record{}
	for _, r := range h.Updates {
		if byPerson[r.Person] == nil {
			byPerson[r.Person] = map[int]record{}
		}
		byPerson[r.Person][r.Seq] = r
	}
	for _, w := range h.People {
		for i, seen := range w.Feeds {
			f := follower{verdict: v, witness: w, number: i, changes: byPerson[w.ID]}
			for _, s := range seen {
				v.Looked++
				f.see(s)
			}
			if f.known != w.Seq || !f.begun {
				f.bad("ends at %d of %d", f.known, w.Seq)
			}
		}
	}
}

// A follower is the place of a client of the feed in its person's changes.
type follower struct {
	*verdict
	*witness
	number  int
	changes map[int]record // the person's, by their place in the sequence
	begun   bool
	known   int  // what the client knows all changes up to, and comes back with
	at      int  // the last change that its connection told; behind known after a sync
	owed    bool // it was told to sync and did not yet
	loose   bool // it has synced, and the connection may go on anywhere up to there
	lately  []string
}

func (f *follower) bad(format string, args ...any) {
	f.violated("feed %d of %s, after %q: "+format, append([]any{f.number, f.ID, f.lately}, args...)...)
}

func (f *follower) see(s sight) {
	if f.lately = append(f.lately, fmt.Sprintf("%s %d", s.Kind, s.Cursor)); len(f.lately) > 4 {
		f.lately = f.lately[1:]
	}
	switch s.Kind {
	case hello:
		if f.begun && s.Cursor != f.known {
			f.bad("came back with %d and was greeted with %d", f.known, s.Cursor)
		}
		f.begun, f.at, f.known, f.owed, f.loose = true, s.Cursor, s.Cursor, false, false
	case told:
		f.tell(s)
	case resync:
		f.owed = true
	case synced:
		f.sync(s)
	}
}

func (f *follower) tell(s sight) {
	if f.owed {
		f.bad("change %d before the sync", s.Cursor)
	}
	if s.Cursor != f.at+1 && !(f.loose && s.Cursor <= f.known+1) {
		f.bad("change %d, with %d told before and all known up to %d", s.Cursor, f.at, f.known)
	}
	f.at, f.loose = s.Cursor, false
	f.known = max(f.known, s.Cursor)
	if c, ok := f.changes[s.Cursor]; !ok {
		f.bad("change %d, which is not on the log", s.Cursor)
	} else if c.Event != s.Event || c.Task != s.Task || c.Version != s.Version {
		f.bad("change %d is event %s, not %s", s.Cursor, s.Event, c.Event)
	}
}

func (f *follower) sync(s sight) {
	if s.Full {
		f.bad("the sync from %d began anew", f.known)
	}
	for seq := f.known + 1; seq <= s.Cursor; seq++ {
		if c := f.changes[seq]; s.Tasks[c.Task] < c.Version {
			f.bad("the sync from %d to %d has version %d of task %s, not %d", f.known, s.Cursor, s.Tasks[c.Task], c.Task, c.Version)
		}
	}
	f.known, f.owed, f.loose = max(f.known, s.Cursor), false, true
}
