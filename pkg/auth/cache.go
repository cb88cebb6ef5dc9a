package auth

import (
	"cmp"
	"crypto/sha256"
	"sync"
)

// A cache remembers something of each of the tokens that came last, a bounded number of them.
// Tokens themselves are not kept, only their sums. The zero value is empty.
type cache[V any] struct {
	capacity int // how many are kept at least, and twice as many at most; 0 means 5,000

	mu    sync.Mutex
	young map[[sha256.Size]byte]V
	old   map[[sha256.Size]byte]V // what was young before; dropped when young is full
}

// find returns what is remembered of a token, and keeps it young.
func (c *cache[V]) find(token string) (what V, ok bool) {
	sum := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	if what, ok = c.young[sum]; ok {
		return what, true
	}
	if what, ok = c.old[sum]; ok {
		c.keep(sum, what)
	}
	return what, ok
}

func (c *cache[V]) add(token string, what V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(sha256.Sum256([]byte(token)), what)
}

func (c *cache[V]) forget(token string) {
	sum := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, sum)
	delete(c.old, sum)
}

func (c *cache[V]) keep(sum [sha256.Size]byte, what V) {
	if c.young == nil || len(c.young) >= cmp.Or(c.capacity, 5_000) {
		c.old, c.young = c.young, make(map[[sha256.Size]byte]V)
	}
	c.young[sum] = what
}
