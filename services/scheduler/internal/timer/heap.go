package timer

// An item is a timer in a heap. It is valid while the slot is near and due just then: what
// was rescheduled or cancelled leaves its item behind, to be passed over later. An item of
// a slot that has become another timer's, due at the same moment, may stand for that one.
type item struct {
	due  int64
	slot uint32
}

// A heap has the earliest item first.
type heap []item

func (h *heap) push(x item) {
	*h = append(*h, x)
	a := *h
	i := len(a) - 1
	for i > 0 {
		up := (i - 1) / 4
		if a[up].due <= x.due {
			break
		}
		a[i], i = a[up], up
	}
	a[i] = x
}

func (h *heap) pop() item {
	a := *h
	top, last := a[0], a[len(a)-1]
	a = a[:len(a)-1]
	*h = a
	if len(a) == 0 {
		if cap(a) > 4*atHand {
			*h = nil // a flood has passed
		}
		return top
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= len(a) {
			break
		}
		least := first
		for down := first + 1; down < min(first+4, len(a)); down++ {
			if a[down].due < a[least].due {
				least = down
			}
		}
		if a[least].due >= last.due {
			break
		}
		a[i], i = a[least], least
	}
	a[i] = last
	return top
}
