package auth

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// seen remembers who verified tokens speak for: a page sends the same one for 15 minutes, and
// a signature costs more than the rest of a request's way to the database. What it remembers
// counts only for the very keys that checked it, so keys that are withdrawn take effect when
// they are fetched again, as for a token that is new. Tokens themselves are not kept.
type seen struct {
	mu       sync.Mutex
	young    map[[sha256.Size]byte]sight
	old      map[[sha256.Size]byte]sight // what was young before; dropped when young is full
	capacity int                         // of each of the two
}

type sight struct {
	keys      *jwk.Set
	principal Principal
}

// find returns whom the token was found to speak for, if it still does.
func (s *seen) find(raw string, keys *jwk.Set, now time.Time) (Principal, bool) {
	sum := sha256.Sum256([]byte(raw))
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.young[sum]
	if !ok {
		if found, ok = s.old[sum]; ok {
			s.keep(sum, found)
		}
	}
	if !ok || found.keys != keys || !now.Before(found.principal.Expires.Add(leeway)) {
		return Principal{}, false
	}
	return found.principal, true
}

func (s *seen) add(raw string, keys *jwk.Set, p Principal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(sha256.Sum256([]byte(raw)), sight{keys: keys, principal: p})
}

func (s *seen) keep(sum [sha256.Size]byte, what sight) {
	if s.young == nil || len(s.young) >= s.capacity {
		s.old, s.young = s.young, make(map[[sha256.Size]byte]sight)
	}
	s.young[sum] = what
}
