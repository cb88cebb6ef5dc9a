// Package limit bounds how often something may be tried. It slows guessing down; it never
// locks anybody out for longer than a window.
package limit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Rule allows Max tries in a Window, which begins with the first try.
type Rule struct {
	Name   string
	Max    int
	Window time.Duration
}

// The rules per address, as better-auth has them, and per account, which are ours.
var (
	Requests = Rule{"requests", 100, 10 * time.Second} // of one address on one path
	SignIns  = Rule{"sign-ins", 3, 10 * time.Second}   // of one address: sign-in, sign-up, new password or e-mail
	Mails    = Rule{"mails", 3, time.Minute}           // of one address, and to one account
	Wrong    = Rule{"wrong passwords", 10, time.Minute}
	SignUps  = Rule{"sign-ups", 10, time.Minute} // with one e-mail address
)

// Count is how often a key was hit in the window that began at Since.
type Count struct {
	Hits  int       `db:"hits"`
	Since time.Time `db:"since"`
}

// Counter counts hits.
type Counter interface {
	// Hit adds one to the key's count, which starts again once window has passed.
	Hit(ctx context.Context, key string, now time.Time, window time.Duration) (Count, error)
	// Count is the key's count so far, zero if it has none.
	Count(ctx context.Context, key string) (Count, error)
}

// Limits are the rules that are on. Strict rules guard accounts and mailboxes: they are
// counted in the database, so that more instances do not mean more guesses. Requests guards a
// process from a flood, and is counted in its own memory: a write for each request would be
// the flood.
type Limits struct {
	Shared  Counter
	Local   Counter
	Now     func() time.Time
	Address bool // limit what comes from one address
	Account bool // limit what concerns one account
}

// FromAddress counts a try of an address and refuses it if it is one too many.
func (l *Limits) FromAddress(ctx context.Context, rule Rule, address, path string) error {
	if !l.Address {
		return nil
	}
	counter := l.Shared
	if rule == Requests {
		counter = l.Local
	}
	return l.hit(ctx, counter, rule, "address", address, path)
}

// OnAccount counts a try that concerns an account and refuses it if it is one too many.
func (l *Limits) OnAccount(ctx context.Context, rule Rule, account string) error {
	if !l.Account {
		return nil
	}
	return l.hit(ctx, l.Shared, rule, "account", account)
}

// Allowed refuses a try if the account has had too many, without counting it.
func (l *Limits) Allowed(ctx context.Context, rule Rule, account string) error {
	if !l.Account {
		return nil
	}
	count, err := l.Shared.Count(ctx, key(rule, "account", account))
	if err != nil {
		return err
	}
	return rule.check(count, rule.Max-1, l.Now())
}

func (l *Limits) hit(ctx context.Context, counter Counter, rule Rule, subject ...string) error {
	now := l.Now()
	count, err := counter.Hit(ctx, key(rule, subject...), now, rule.Window)
	if err != nil {
		return err
	}
	return rule.check(count, rule.Max, now)
}

// check refuses a count above most, until its window ends.
func (r Rule) check(count Count, most int, now time.Time) error {
	left := count.Since.Add(r.Window).Sub(now)
	if count.Hits <= most || left <= 0 {
		return nil
	}
	return &fault.Error{Kind: fault.RateLimited, Message: "Too many requests. Please try again later.", RetryAfter: left}
}

// key hides who is counted: addresses and e-mails are not kept for it.
func key(rule Rule, subject ...string) string {
	h := sha256.New()
	h.Write([]byte(rule.Name))
	for _, s := range subject {
		h.Write([]byte{0})
		h.Write([]byte(s))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

// Memory counts in this process.
type Memory struct {
	mu     sync.Mutex
	counts map[string]Count
	swept  time.Time
}

// NewMemory returns a counter that has counted nothing.
func NewMemory() *Memory { return &Memory{counts: map[string]Count{}} }

// Hit implements Counter. All that is older than window goes now and then: one rule, and so
// one window, is counted here.
func (m *Memory) Hit(_ context.Context, key string, now time.Time, window time.Duration) (Count, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.swept) >= window {
		for k, c := range m.counts {
			if now.Sub(c.Since) >= window {
				delete(m.counts, k)
			}
		}
		m.swept = now
	}
	count := m.counts[key]
	if now.Sub(count.Since) >= window {
		count = Count{Since: now}
	}
	count.Hits++
	m.counts[key] = count
	return count, nil
}

// Count implements Counter.
func (m *Memory) Count(_ context.Context, key string) (Count, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts[key], nil
}
