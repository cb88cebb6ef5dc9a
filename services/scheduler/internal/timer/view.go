package timer

import "time"

// Partition is what can be seen of a partition whose timers are owned here.
type Partition struct {
	Counts
	Number   int32
	Restored bool
	Took     time.Duration // to restore
	Cursor   int64         // the first command that was not applied
	Commit   int64         // Unix ms by the time of the machine, of the last transaction
	Resync   string        // why commands may have been lost, so that they have to come again; or ""
	Error    string        // why it was let go of last
}

// Counts say how a partition stands.
type Counts struct {
	Pending int   // armed, overdue ones included
	Done    int   // fired or cancelled, whose rev is still known
	Overdue int   // for 5 s or more
	Oldest  int64 // Unix ms, when the first of the pending is due; 0 if there is none
	AtHand  int   // pending ones whose body is in memory
	Bytes   int   // in those
}

// Count looks at the timers as they are at now. It walks over all that are due soon, so it
// is for once a second, not for each step.
func (t *Timers) Count(now int64) Counts {
	c := Counts{
		Pending: t.slab.counts[remote] + t.slab.counts[far] + t.slab.counts[near], Done: t.slab.counts[done],
		AtHand: len(t.bodies), Bytes: t.bytes,
	}
	since := now - lateBy.Milliseconds()
	note := func(due int64) {
		if due < since {
			c.Overdue++
		}
		if c.Oldest == 0 || due < c.Oldest {
			c.Oldest = due
		}
	}
	for _, h := range []heap{t.near, t.late} {
		for _, x := range h {
			if t.valid(x) {
				note(x.due)
			}
		}
	}
	for m, b := range t.far.minutes.buckets {
		if m < since/minute {
			c.Overdue += b.n
		}
	}
	c.Oldest = t.first(&t.far.minutes, c.Oldest)
	c.Oldest = t.first(&t.far.spans, c.Oldest)
	return c
}

// first is when the first timer of a shelf is due, if that is before a time that is known
// (0: none is), or else that time.
func (t *Timers) first(s *shelf, known int64) int64 {
	least := int64(-1)
	for number, b := range s.buckets {
		if b.n > 0 && (least < 0 || number < least) {
			least = number
		}
	}
	if least < 0 || known != 0 && known <= least*s.width {
		return known
	}
	for i := s.buckets[least].head; i != 0; i = t.slab.slot(i).next {
		if due := t.slab.slot(i).at(); known == 0 || due < known {
			known = due
		}
	}
	return known
}

// Next is when the next step is worth taking (Unix ms), at the latest at most.
func (t *Timers) Next(now, most int64) int64 {
	if len(t.near) > 0 {
		most = min(most, t.near[0].due)
	}
	if len(t.late) > 0 {
		most = min(most, now+100) // as the pace allows
	}
	if m, any := t.far.minutes.earliest(); any {
		most = min(most, max((m-lead)*minute, now+100)) // to have it at hand in time
	}
	if number, any := t.far.spans.earliest(); any {
		most = min(most, (number-1)*span)
	}
	return most
}

// Waiting is what is known of one timer without reading the topic again.
type Waiting struct {
	Rev    int64
	Due    int64 // Unix ms; of a done one, when it was done
	Done   bool
	Offset int64 // of its record on the state topic
}

// Find looks a timer up.
func (t *Timers) Find(id string) (Waiting, bool) {
	i := t.slab.find(digestOf(id))
	if i == 0 {
		return Waiting{}, false
	}
	one := t.slab.slot(i)
	return Waiting{one.rev, one.at(), one.kind() == done, one.offset}, true
}
