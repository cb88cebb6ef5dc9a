package timer

import "encoding/binary"

// A kind says where a timer is.
type kind uint8

const (
	free   kind = iota // of no timer
	remote             // in the bucket of its span
	far                // in the bucket of its minute
	near               // in a heap, or waiting for its body
	done               // fired or cancelled; only its rev still matters
	kinds
)

// A slot is one timer: 48 bytes and no pointer, so that the garbage collector has nothing
// to follow in it, however many there are.
type slot struct {
	id     digest
	rev    int64
	offset int64 // of its record on the state topic; -1 until that is committed
	due    int64 // Unix ms, shifted by three bits that hold the kind; of a done one, since when
	prev   uint32
	next   uint32
}

func (s *slot) kind() kind { return kind(s.due & 7) }
func (s *slot) at() int64  { return s.due >> 3 }
func (s *slot) set(k kind, at int64) {
	s.due = at<<3 | int64(k)
}

const chunk = 1 << 12 // slots; they are never moved, so growing copies nothing

// A slab holds slots by number. Number 0 is no slot.
type slab struct {
	chunks [][]slot
	used   uint32 // numbers handed out so far
	spare  uint32 // list of free ones, by next
	counts [kinds]int

	// A table by digest, with open addressing. A tag is 0 for an empty place or else a byte
	// of the digest: a search looks at the slots themselves, which are seldom in the
	// processor's cache, only where that byte is the one it looks for.
	table []uint32
	tags  []uint8
}

func newSlab() slab {
	return slab{table: make([]uint32, 1<<10), tags: make([]uint8, 1<<10), used: 1}
}

func (s *slab) slot(i uint32) *slot { return &s.chunks[i/chunk][i%chunk] }

// turn moves a slot to another kind.
func (s *slab) turn(i uint32, k kind, at int64) {
	one := s.slot(i)
	s.counts[one.kind()]--
	one.set(k, at)
	s.counts[k]++
}

// find returns the slot of a timer, or 0.
func (s *slab) find(id digest) uint32 {
	mask, tag := uint32(len(s.table)-1), tagOf(id)
	for at := home(id) & mask; s.tags[at] != 0; at = (at + 1) & mask {
		if s.tags[at] == tag && s.slot(s.table[at]).id == id {
			return s.table[at]
		}
	}
	return 0
}

// add returns a new slot for a timer that has none. It is counted as free until it turns.
func (s *slab) add(id digest) uint32 {
	if s.used-1-uint32(s.counts[free]) >= uint32(len(s.table)/4*3) {
		s.grow()
	}
	i := s.spare
	if i != 0 {
		s.spare = s.slot(i).next
	} else {
		i = s.used
		if int(i/chunk) == len(s.chunks) {
			s.chunks = append(s.chunks, make([]slot, chunk))
		}
		s.used++
		s.counts[free]++
	}
	*s.slot(i) = slot{id: id, offset: -1}
	s.enter(i)
	return i
}

func (s *slab) enter(i uint32) {
	mask, id := uint32(len(s.table)-1), s.slot(i).id
	at := home(id) & mask
	for s.tags[at] != 0 {
		at = (at + 1) & mask
	}
	s.table[at], s.tags[at] = i, tagOf(id)
}

func (s *slab) grow() {
	table, tags := s.table, s.tags
	s.table, s.tags = make([]uint32, 2*len(table)), make([]uint8, 2*len(table))
	for at, i := range table {
		if tags[at] != 0 {
			s.enter(i)
		}
	}
}

// drop forgets a timer. What follows it in the table moves up, so that no search ends early
// at the gap (Knuth, The Art of Computer Programming 6.4, algorithm R).
func (s *slab) drop(i uint32) {
	mask := uint32(len(s.table) - 1)
	gap := home(s.slot(i).id) & mask
	for s.table[gap] != i {
		gap = (gap + 1) & mask
	}
	for at := (gap + 1) & mask; s.tags[at] != 0; at = (at + 1) & mask {
		from := home(s.slot(s.table[at]).id) & mask
		if (at-from)&mask >= (at-gap)&mask {
			s.table[gap], s.tags[gap] = s.table[at], s.tags[at]
			gap = at
		}
	}
	s.table[gap], s.tags[gap] = 0, 0
	s.turn(i, free, 0)
	s.slot(i).next, s.spare = s.spare, i
}

func home(id digest) uint32 { return binary.LittleEndian.Uint32(id[:]) }

func tagOf(id digest) uint8 { return max(id[15], 1) }

// A list links slots of the slab by their numbers.
type list struct{ head, tail uint32 }

func (s *slab) link(l *list, i uint32) {
	one := s.slot(i)
	one.prev, one.next = l.tail, 0
	if l.tail != 0 {
		s.slot(l.tail).next = i
	} else {
		l.head = i
	}
	l.tail = i
}

func (s *slab) unlink(l *list, i uint32) {
	one := s.slot(i)
	if one.prev != 0 {
		s.slot(one.prev).next = one.next
	} else {
		l.head = one.next
	}
	if one.next != 0 {
		s.slot(one.next).prev = one.prev
	} else {
		l.tail = one.prev
	}
	one.prev, one.next = 0, 0
}
