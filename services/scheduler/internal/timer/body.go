package timer

// keep has a timer's body at hand until it fires.
func (t *Timers) keep(b body) {
	t.release(b.slot)
	t.bodies[b.slot] = b
	t.bytes += b.size()
}

func (t *Timers) release(i uint32) {
	if b, ok := t.bodies[i]; ok {
		t.bytes -= b.size()
		delete(t.bodies, i)
	}
}

// size is what a body takes, about: two strings' bytes and its place in the map.
func (b body) size() int { return len(b.id) + len(b.value) + 96 }

func (t *Timers) want(i uint32) {
	if _, ok := t.bodies[i]; !ok {
		t.wants.push(item{t.slab.slot(i).at(), i})
	}
}

// Stored tells where the changes of the last step stand on the state topic, in their order.
func (t *Timers) Stored(changes []Change, offsets []int64) {
	for n, c := range changes {
		if c.slot != 0 {
			t.slab.slot(c.slot).offset = offsets[n]
		}
	}
}

// Wanted returns what is to be read again, at most n records: the bodies of timers that
// are due soon, most urgent first, or else the ids of old ones that are to be forgotten.
// Bodies beyond the room wait until they are urgent. Each is named once; whoever cannot
// read them drops these Timers.
func (t *Timers) Wanted(n int, now int64) (all []Want) {
	for len(t.wants) > 0 && len(all) < n {
		x := t.wants[0]
		if _, ok := t.bodies[x.slot]; !ok && t.valid(x) {
			if t.bytes > t.room && x.due > now+urgent.Milliseconds() {
				break
			}
			all = append(all, Want{t.slab.slot(x.slot).offset, x.slot})
		}
		t.wants.pop()
	}
	if len(all) == 0 && len(t.stale) == 0 {
		return t.old(n, now)
	}
	return all
}

// old are the done timers that nobody needs to know any more, once they are many enough to
// be worth a look at the topic.
func (t *Timers) old(n int, now int64) (all []Want) {
	until := now - keepDone.Milliseconds()
	excess := t.slab.counts[done] - mostDone
	head := t.done.head
	if excess < slack && (head == 0 || t.slab.slot(head).at() > until-10*minute) {
		return nil
	}
	for i := head; i != 0 && len(all) < n; i = t.slab.slot(i).next {
		if excess--; excess < 0 && t.slab.slot(i).at() > until {
			break
		}
		all = append(all, Want{t.slab.slot(i).offset, i})
	}
	return all
}

// Loaded gives a record that was wanted. The timer may have changed meanwhile.
func (t *Timers) Loaded(w Want, id string, value []byte) {
	one := t.slab.slot(w.slot)
	if one.offset != w.Offset {
		return
	}
	b := body{id, value, w.slot}
	switch one.kind() {
	case near:
		t.keep(b)
		t.near.push(item{one.at(), w.slot}) // it may have been passed over for want of this
	case done:
		t.stale = append(t.stale, b)
	}
}

// forget writes tombstones for done timers that are to be forgotten.
func (t *Timers) forget() {
	for _, b := range t.stale {
		one := t.slab.slot(b.slot)
		if _, again := t.touched[b.slot]; again || one.kind() != done || one.id != digestOf(b.id) {
			continue // it was set again
		}
		t.leave(b.slot)
		t.slab.drop(b.slot)
		t.step.Changes = append(t.step.Changes, Change{ID: b.id})
	}
	t.stale = t.stale[:0]
}

// Restore applies one record of the state topic, in the order in which they stand there. A
// nil value is a tombstone. It keeps value and id only if the timer is due soon, and then
// copies of them: they may share the memory of a whole batch.
func (t *Timers) Restore(key, value []byte, offset, now int64) error {
	id := digestOf(string(key))
	i := t.slab.find(id)
	if i != 0 {
		t.leave(i)
	}
	if value == nil {
		if i != 0 {
			t.slab.drop(i)
		}
		return nil
	}
	state, err := decodeHead(value)
	if err != nil {
		return err
	}
	if i == 0 {
		i = t.slab.add(id)
	}
	one := t.slab.slot(i)
	one.rev, one.offset = state.rev, offset
	switch {
	case state.done != 0:
		t.slab.turn(i, done, state.done)
		t.slab.link(&t.done, i)
	case state.due/minute > now/minute+lead || t.bytes >= t.room:
		t.shelve(i, state.due, now)
	default:
		t.arm(i, body{string(key), append([]byte(nil), value...), i}, state.due, now)
	}
	return nil
}

// Current reports whether a record that was wanted still is the timer's.
func (t *Timers) Current(w Want) bool {
	one := t.slab.slot(w.slot)
	return one.kind() != free && one.offset == w.Offset
}
