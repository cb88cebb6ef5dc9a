package kafka

import (
	"slices"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A shelf is what lies open in one dead-letter topic: its records, folded in order. The
// topic is the only place where that is kept, so whoever has read it to its end knows it,
// after a restart and after a rebalance too.
type shelf struct {
	letters bool // keep those that nobody asked for, which is needed to know the parked keys
	bodies  bool // keep the records, for a person to look at

	next    map[int32]int64     // how far each partition was read
	open    map[slot]*Letter    // by their place in the dead-letter topic
	origins map[slot]*Letter    // by the record's own place
	queues  map[int32][]*Letter // by the record's partition, in order
	parked  map[parkedKey]int   // how many letters hold a key
	news    map[int32]bool      // the record's partitions in which something may be due
	count   int                 // letters less settled ones, kept or not
}

type parkedKey struct {
	partition int32
	key       string
}

func newShelf(letters, bodies bool) *shelf {
	return &shelf{letters: letters, bodies: bodies, next: map[int32]int64{}, open: map[slot]*Letter{}, origins: map[slot]*Letter{},
		queues: map[int32][]*Letter{}, parked: map[parkedKey]int{}, news: map[int32]bool{}}
}

// apply folds the next record of a partition of the dead-letter topic.
func (s *shelf) apply(rec *kgo.Record) error {
	s.next[rec.Partition] = rec.Offset + 1
	if rec.Attrs.IsControl() {
		return nil
	}
	headers, _ := headersOf(rec)
	if what, ok := headers[headerMark]; ok {
		return s.mark(rec, what, headers)
	}
	l, err := letterOf(rec)
	if err != nil {
		return err
	}
	if s.origins[l.origin()] != nil {
		return nil // written twice: the group lost its place in between
	}
	s.count++
	if !s.letters {
		return nil
	}
	s.add(&l)
	if l.Behind != nil {
		s.news[l.Record.Partition] = true // what it waited for may be settled meanwhile
	}
	return nil
}

func (s *shelf) add(l *Letter) {
	if !s.bodies {
		// There may be very many, and a member keeps those of all partitions.
		l.Error, l.Group = "", ""
		l.Record = &kgo.Record{Topic: l.Record.Topic, Partition: l.Record.Partition, Offset: l.Record.Offset, Key: l.Record.Key}
	}
	s.open[l.slot()], s.origins[l.origin()] = l, l
	s.queues[l.Record.Partition] = append(s.queues[l.Record.Partition], l)
	if l.Parked != "" {
		s.parked[parkedKey{l.Record.Partition, l.Parked}]++
	}
}

func (s *shelf) mark(rec *kgo.Record, what string, headers map[string]string) error {
	offset, err1 := strconv.ParseInt(headers[headerOf], 10, 64)
	number, err2 := strconv.ParseInt(headers[headerPartition], 10, 32)
	if err1 != nil || err2 != nil {
		return nil // nothing that we wrote
	}
	at := slot{rec.Partition, offset}
	l := s.open[at]
	asked := what == markReplay || what == markDrop
	if l == nil && asked && !s.letters {
		// Whether it is open is not known, and need not be: handling it again is harmless.
		l = &Letter{Topic: rec.Topic, Partition: rec.Partition, Offset: offset,
			Record: &kgo.Record{Partition: int32(number), Offset: -1 - offset, Key: rec.Key}}
		s.add(l)
	}
	settled := what == markReplayed || what == markDropped
	if settled && s.count > 0 {
		s.count--
	}
	if l == nil {
		return nil
	}
	s.news[l.Record.Partition] = true
	switch {
	case asked:
		l.Asked = what
	case settled, !s.letters:
		s.remove(l)
	case what == markFailed:
		l.Asked, l.Failed = "", headers[headerError]
	}
	return nil
}

func (s *shelf) remove(l *Letter) {
	delete(s.open, l.slot())
	delete(s.origins, l.origin())
	queue := s.queues[l.Record.Partition]
	if i := slices.Index(queue, l); i == 0 {
		s.queues[l.Record.Partition] = queue[1:] // the usual case, and quick in a long one
	} else if i > 0 {
		s.queues[l.Record.Partition] = slices.Delete(queue, i, i+1)
	}
	if at := (parkedKey{l.Record.Partition, l.Parked}); s.parked[at] > 1 {
		s.parked[at]--
	} else {
		delete(s.parked, at)
	}
}

// due returns at most n letters of one of the record's partitions that are to be handled
// now, in order. Those are the ones that were asked for, and those that only waited for
// another which is settled; never one that stands behind an open letter of its key.
func (s *shelf) due(number int32, n int) (due []Letter) {
	held := map[string]bool{}
	for _, l := range s.queues[number] {
		if len(due) == n {
			return due
		}
		waited := l.Behind != nil && l.Failed == ""
		if held[l.Parked] {
			continue
		} else if l.Asked != "" || waited {
			due = append(due, *l)
		} else if l.Parked != "" {
			held[l.Parked] = true
		}
	}
	delete(s.news, number)
	return due
}

// behind returns the offset of the record that a key waits for.
func (s *shelf) behind(number int32, key string) (int64, bool) {
	if s.parked[parkedKey{number, key}] == 0 {
		return 0, false
	}
	for _, l := range s.queues[number] {
		if l.Parked == key {
			return l.Record.Offset, true
		}
	}
	return 0, false
}
