package password

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// ErrBusy is the answer to those who waited too long for their turn.
var ErrBusy = error(&fault.Error{Kind: fault.Unavailable, Message: "too many people sign in at once", RetryAfter: 5 * time.Second})

// Pool hashes few passwords at once, whoever asks: each takes 46 MiB, and a burst of sign-ins
// must queue, not exhaust the memory.
type Pool struct {
	slots chan struct{}
	used  chan struct{}
	wait  time.Duration
	seen  func(time.Duration)
}

// quietFor is how long nobody hashes before the memory of hashing is given back.
const quietFor = time.Second

// NewPool returns a pool that hashes at most n at once, lets a caller wait at most wait for
// its turn, and tells seen how long each hash took.
func NewPool(n int, wait time.Duration, seen func(time.Duration)) *Pool {
	return &Pool{slots: make(chan struct{}, n), used: make(chan struct{}, 1), wait: wait, seen: seen}
}

// Run gives memory back to the system whenever hashing has paused, until ctx ends. The
// collector would keep it for minutes (after 50 sign-ins at once: 246 MB, against 40).
func (p *Pool) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.used:
		}
		for quiet := false; !quiet; {
			select {
			case <-ctx.Done():
				return nil
			case <-p.used:
			case <-time.After(quietFor):
				quiet = true
			}
		}
		debug.FreeOSMemory()
	}
}

// Hash returns what to keep of the password.
func (p *Pool) Hash(ctx context.Context, password string) (stored string, err error) {
	err = p.turn(ctx, func() error {
		p.timed(func() { stored = hash(password) })
		return nil
	})
	return stored, err
}

// Verify reports whether the password is the one that stored was made of. Without a stored one
// it takes as long and reports false, so that nobody can tell from the time whether somebody
// exists. allowed is asked when it is this caller's turn, before any work is done.
func (p *Pool) Verify(ctx context.Context, stored, password string, allowed func() error) (ok bool, err error) {
	err = p.turn(ctx, func() error {
		if err := allowed(); err != nil {
			return err
		}
		p.timed(func() {
			if stored == "" {
				hash(password)
				return
			}
			ok, err = verify(stored, password)
		})
		return err
	})
	return ok, err
}

// turn waits for a slot and does f in it.
func (p *Pool) turn(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, p.wait, ErrBusy)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.slots }()
	return f()
}

// timed hashes, and collects the 46 MiB at once, for the next hash to take: that costs a
// fortieth of the hash, and without it a burst would pile up twice as much.
func (p *Pool) timed(hash func()) {
	began := time.Now()
	hash()
	p.seen(time.Since(began))
	runtime.GC()
	select {
	case p.used <- struct{}{}:
	default:
	}
}
