package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatMayBeAPassword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"1234567": ErrShort, "12345678": ErrCommon, "PassWord1": ErrCommon, "correct horse": nil, "ÄÖÜäöüßẞ": nil,
		strings.Repeat("x", 128): nil, strings.Repeat("x", 129): ErrLong,
		strings.Repeat("😀", 64): nil, strings.Repeat("😀", 65): ErrLong, "😀😀😀": ErrShort, // two UTF-16 units each, as in JavaScript
	} {
		if err := NewRules(true).Check(text, ""); !errors.Is(err, want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if err := NewRules(false).Check("12345678", ""); err != nil {
		t.Errorf("the list is off, and still: %v", err)
	}
}

func TestTheListHasAThousandPasswordsThatCouldBeChosen(t *testing.T) {
	t.Parallel()
	rules := NewRules(true)
	if len(rules.common) != 1000 {
		t.Errorf("%d passwords", len(rules.common))
	}
	for text := range rules.common {
		if length(text) < shortest || strings.ToLower(text) != text {
			t.Errorf("%q is no use in the list", text)
		}
	}
}

func TestAHashIsOfItsPasswordAlone(t *testing.T) {
	t.Parallel()
	one, two := hash("correct horse"), hash("correct horse")
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=47104,t=1,p=1$") || Outdated(one) {
		t.Errorf("%s and %s", one, two)
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "": false} {
		if ok, err := verify(one, password); err != nil || ok != want {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	for _, stored := range []string{"", "x", "$argon2id$", "$argon2id$v=19$m=0,t=0,p=0$$", "a:zz", "$argon2i$v=19$m=47104,t=1,p=1$AA$AA"} {
		if ok, err := verify(stored, "x"); ok || err == nil {
			t.Errorf("%q: %v, %v", stored, ok, err)
		}
	}
}

func TestFewAreHashedAtOnceAndNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := NewPool(2, 10*time.Second, func(time.Duration) {})
		var now, most, late atomic.Int64
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				err := pool.turn(t.Context(), func() error {
					most.Store(max(most.Load(), now.Add(1)))
					time.Sleep(time.Second) // of the bubble's time: a slow hash
					now.Add(-1)
					return nil
				})
				if errors.Is(err, ErrBusy) {
					late.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		// Two a second for ten seconds have their turn; those whose turn comes in the moment
		// in which they give up may go either way.
		if most.Load() > 2 || late.Load() < 28 || late.Load() > 30 {
			t.Errorf("%d at once, %d too late", most.Load(), late.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		blocked := NewPool(0, time.Hour, func(time.Duration) {})
		if _, err := blocked.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("who went away: %v", err)
		}
	})
}

func TestWhoIsNotAllowedCostsNoHash(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	hashed := 0
	pool := NewPool(1, time.Second, func(time.Duration) { hashed++ })
	if _, err := pool.Verify(t.Context(), "", "x", func() error { return no }); !errors.Is(err, no) || hashed != 0 {
		t.Errorf("%v after %d hashes", err, hashed)
	}
	if ok, err := pool.Verify(t.Context(), "", "x", func() error { return nil }); ok || err != nil || hashed != 1 {
		t.Errorf("nobody's password: %v, %v after %d hashes", ok, err, hashed)
	}
}

func TestAPasswordIsNotTheAddressOrTheNameOfThePlace(t *testing.T) {
	t.Parallel()
	for text, own := range map[string]bool{
		"Tickler2026!": true, "ticklertickler": true, "ada.lovelace1": true, "AdaLovelace99": true, "ada.lovelace@example.com": true, "example.com-1": true,
		"a tickler of mine": false, "lovelace and babbage": false, "9482-1730-55": false,
	} {
		if err := NewRules(true).Check(text, "ada.lovelace@example.com"); errors.Is(err, ErrOwn) != own || !own && err != nil {
			t.Errorf("%q: %v, want refused: %v", text, err, own)
		}
	}
	if err := NewRules(true).Check("ada.lovelace1", ""); err != nil {
		t.Errorf("where the address is not known: %v", err)
	}
}
