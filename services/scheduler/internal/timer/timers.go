package timer

import "time"

// Timers are those of one partition. They are for one goroutine.
type Timers struct {
	slab slab
	far  calendar
	near heap // due soon
	late heap // overdue
	done list // oldest first

	bodies map[uint32]body
	bytes  int  // in bodies
	room   int  // bytes that bodies should not exceed
	wants  heap // near timers without a body, most urgent first

	stale   []body // of done timers that are to be forgotten
	touched map[uint32]int
	step    Step
	burst   burst
}

// A body is what memory holds of a timer that fires soon.
type body struct {
	id    string
	value []byte
	slot  uint32
}

// New returns no timers yet. Room is how many bytes of bodies to keep, about; pace is how
// many overdue timers may fire a second.
func New(room, pace int) *Timers {
	return &Timers{
		slab: newSlab(), far: newCalendar(),
		bodies: map[uint32]body{}, touched: map[uint32]int{}, room: room, burst: burst{pace: pace},
	}
}

// Step applies commands in their order and then, if fire is set, fires what is due at now
// (Unix ms): live timers first, then overdue ones as the pace allows, each kind in due
// order. What it returns has happened once it is committed; if that fails, these Timers
// are of no more use. The result is good until the next step.
func (t *Timers) Step(cmds []Command, now int64, fire bool) Step {
	clear(t.touched)
	t.step = Step{Changes: t.step.Changes[:0], Due: t.step.Due[:0]}
	for _, c := range cmds {
		t.apply(c, now)
	}
	t.advance(now)
	if fire {
		t.fireLive(now)
		t.fireLate(now)
	}
	t.forget()
	return t.step
}

func (t *Timers) apply(c Command, now int64) {
	id := digestOf(c.ID)
	i := t.slab.find(id)
	if i == 0 {
		i = t.slab.add(id)
	} else if t.slab.slot(i).rev >= c.Rev {
		t.step.Stale++
		return
	} else {
		t.leave(i)
	}
	t.slab.slot(i).rev = c.Rev
	if c.Cancel {
		t.finish(i, c.ID, now)
		return
	}
	t.arm(i, body{c.ID, c.Body, i}, c.Due, now)
	t.change(i, c.ID, c.Body)
}

// arm puts a timer where its due time belongs, with its body at hand if that is soon.
func (t *Timers) arm(i uint32, b body, due, now int64) {
	if due/minute > now/minute+lead {
		t.shelve(i, due, now)
		return
	}
	t.slab.turn(i, near, due)
	t.near.push(item{due, i}) // an overdue one finds its way to the others
	if t.bytes < t.room {
		t.keep(b)
	} else {
		t.want(i)
	}
}

// leave takes a timer out of where it is; what becomes of it is the caller's to say.
func (t *Timers) leave(i uint32) {
	switch t.slab.slot(i).kind() {
	case remote:
		t.unshelve(i, &t.far.spans)
	case far:
		t.unshelve(i, &t.far.minutes)
	case near:
		t.release(i)
	case done:
		t.slab.unlink(&t.done, i)
	}
}

// finish marks a timer as fired or cancelled, after leave.
func (t *Timers) finish(i uint32, id string, now int64) {
	t.slab.turn(i, done, now)
	t.slab.link(&t.done, i)
	t.change(i, id, encodeDone(t.slab.slot(i).rev, now))
}

// change notes what a timer's record becomes; within a step only the last word counts.
func (t *Timers) change(i uint32, id string, value []byte) {
	if at, again := t.touched[i]; again {
		t.step.Changes[at].Value = value
		return
	}
	t.touched[i] = len(t.step.Changes)
	t.step.Changes = append(t.step.Changes, Change{ID: id, Value: value, slot: i})
}

func (t *Timers) fireLive(now int64) {
	for len(t.near) > 0 && t.near[0].due <= now && len(t.step.Due) < perStep {
		x := t.near.pop()
		if !t.valid(x) {
			continue
		}
		if x.due < now-lateBy.Milliseconds() {
			t.late.push(x)
			continue
		}
		t.fire(x, now) // without its body it comes back when that was loaded
	}
}

func (t *Timers) fireLate(now int64) {
	allowed := t.burst.take(now)
	for allowed > 0 && len(t.late) > 0 && t.late[0].due <= now {
		if x := t.late[0]; t.valid(x) {
			if !t.fire(x, now) {
				break // those behind it are to come after it
			}
			allowed--
		}
		t.late.pop()
	}
	t.burst.back(allowed)
}

func (t *Timers) fire(x item, now int64) bool {
	b, ok := t.bodies[x.slot]
	if !ok {
		return false
	}
	t.step.Due = append(t.step.Due, Due{ID: b.id, Rev: t.slab.slot(x.slot).rev, At: x.due, Body: b.value})
	t.leave(x.slot)
	t.finish(x.slot, b.id, now)
	return true
}

// Refuse is for a timer that fired in the last step but cannot be delivered: it is forgotten
// with its rev, so that its command can be applied again one day.
func (t *Timers) Refuse(d Due) {
	i := t.slab.find(digestOf(d.ID))
	t.step.Changes[t.touched[i]] = Change{ID: d.ID}
	t.leave(i)
	t.slab.drop(i)
}

func (t *Timers) valid(x item) bool {
	one := t.slab.slot(x.slot)
	return one.kind() == near && one.at() == x.due
}

// A burst limits the pace of something: as many at once as a fifth of a second allows.
type burst struct {
	pace int
	left float64
	at   int64
}

func (b *burst) take(now int64) int {
	passed := min(max(now-b.at, 0), time.Second.Milliseconds()) // the clock may have been set
	b.at = now
	b.left = min(b.left+float64(passed)*float64(b.pace)/1000, max(float64(b.pace)/5, 1))
	n := int(b.left)
	b.left -= float64(n)
	return n
}

func (b *burst) back(n int) { b.left += float64(n) }
