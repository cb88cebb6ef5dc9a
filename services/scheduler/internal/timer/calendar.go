package timer

// A calendar keeps timers that are not due soon in buckets, unordered: putting one in or
// taking it out costs the same however many there are. There is a bucket for each minute
// of this day and the next, and one for each span of 17 hours beyond, so that buckets stay
// few when timers are spread over years.
type calendar struct {
	minutes shelf // of timers that are far
	spans   shelf // of timers that are remote
}

const (
	minute = 60_000        // ms
	span   = 1024 * minute // ms
)

// A shelf has the buckets of one width.
type shelf struct {
	width   int64
	buckets map[int64]*bucket // by due time divided by the width
	order   heap              // those that there are, earliest first; item.due is the number
}

type bucket struct {
	list
	n int
}

func newCalendar() calendar {
	return calendar{shelf{minute, map[int64]*bucket{}, nil}, shelf{span, map[int64]*bucket{}, nil}}
}

func (s *shelf) at(due int64) *bucket {
	number := due / s.width
	b := s.buckets[number]
	if b == nil {
		b = &bucket{}
		s.buckets[number] = b
		s.order.push(item{due: number})
	}
	return b
}

// take removes a bucket and returns the first of its timers.
func (s *shelf) take(number int64) (first uint32) {
	if b := s.buckets[number]; b != nil {
		first = b.head
		delete(s.buckets, number)
	}
	return first
}

// earliest is the number of the first bucket.
func (s *shelf) earliest() (number int64, any bool) {
	for len(s.order) > 0 {
		number := s.order[0].due
		if s.buckets[number] != nil {
			return number, true
		}
		s.order.pop()
	}
	return 0, false
}

func (t *Timers) shelve(i uint32, due, now int64) {
	s, k := &t.far.minutes, far
	if due/span > now/span+1 {
		s, k = &t.far.spans, remote
	}
	b := s.at(due)
	t.slab.turn(i, k, due)
	t.slab.link(&b.list, i)
	b.n++
}

// unshelve takes one timer out. An empty bucket stays until its time comes, lest it be
// noted twice.
func (t *Timers) unshelve(i uint32, s *shelf) {
	b := s.at(t.slab.slot(i).at())
	t.slab.unlink(&b.list, i)
	b.n--
}

// open puts the timers of a minute in order, in the heap that is given.
func (t *Timers) open(m int64, into *heap) {
	for i := t.far.minutes.take(m); i != 0; {
		one := t.slab.slot(i)
		next := one.next
		one.prev, one.next = 0, 0
		t.slab.turn(i, near, one.at())
		into.push(item{one.at(), i})
		t.want(i)
		i = next
	}
}

// advance opens the minutes that are near now. It looks only at those few, wherever now
// is, so a clock may be set forward or back by any amount. What a jump has passed over is
// overdue, and opened oldest first as far as there is room at hand.
func (t *Timers) advance(now int64) {
	for number, any := t.far.spans.earliest(); any && number <= now/span+1; number, any = t.far.spans.earliest() {
		for i := t.far.spans.take(number); i != 0; {
			next := t.slab.slot(i).next
			t.shelve(i, t.slab.slot(i).at(), now)
			i = next
		}
	}
	live := (now - lateBy.Milliseconds()) / minute
	for m := live; m <= now/minute+lead; m++ {
		t.open(m, &t.near)
	}
	for {
		m, any := t.far.minutes.earliest()
		if !any || m >= live || len(t.late) >= atHand && m > t.late[0].due/minute {
			return
		}
		t.open(m, &t.late)
	}
}
