package feed

// A queue is first in, first out, with any place of it at hand. It lets go of memory as it
// shrinks.
type queue[T any] struct {
	items []T
	first int
}

func (q *queue[T]) len() int       { return len(q.items) - q.first }
func (q *queue[T]) at(i int) T     { return q.items[q.first+i] }
func (q *queue[T]) push(item T)    { q.items = append(q.items, item) }
func (q *queue[T]) from(i int) []T { return q.items[q.first+i:] }

// pop removes the first one.
func (q *queue[T]) pop() {
	var none T
	q.items[q.first] = none
	q.first++
	if q.first == len(q.items) {
		*q = queue[T]{}
	} else if q.first > len(q.items)/2 && q.first >= 32 {
		*q = queue[T]{items: append([]T(nil), q.items[q.first:]...)}
	}
}
