package kafka

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A group that is no Consumer writes its letters itself.
func TestLettersOfATransformAreReplayedBesideIt(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		session, err := kgo.NewGroupTransactSession(slices.Concat(b.opts(), GroupOpts(b.group, b.topic), TransactionOpts("transform"))...)
		b.must(err)
		defer session.Client().CloseAllowingRebalance()
		b.send(1, "bad")
		bad := session.PollFetches(b.Context()).Records()[0]
		b.must(session.Begin())
		letter := DeadLetter(bad, b.group, Failure{Err: errAway, Attempts: 1, First: time.Now()})
		b.must(session.ProduceSync(b.Context(), letter).FirstErr())
		_, err = session.End(b.Context(), kgo.TryCommit)
		b.must(err)

		beside := &Consumer{Client: session.Client(), Handle: b.noted, Log: quiet, Healthy: func(context.Context) error { return nil }}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- beside.RunReplays(ctx) }()
		_, letters := b.open()
		b.must(Replay(ctx, b.opts(), letters...))
		b.isOpen()
		cancel()
		b.must(<-ended)
		b.saw(1, "bad")
	})
}

func TestAReplayBringsAKeyBackInOrder(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		var mended atomic.Bool
		stop := b.run(b.parking(b.refusing(func(v string) bool { return v == "a1" && !mended.Load() })))
		b.sendAs("ada", 0, "a1", "a2", "a3")
		b.sendAs("bob", 0, "b1")
		b.isOpen("a1", "(a2)", "(a3)")
		mended.Store(true)
		_, letters := b.open()
		b.must(Replay(b.Context(), b.opts(), letters[0]))
		b.sendAs("ada", 0, "a4")
		b.isOpen()
		b.sendAs("ada", 0, "a5")
		time.Sleep(time.Second)
		stop()
		if got := slices.DeleteFunc(b.effects(0), is("b1")); !slices.Equal(got, []string{"a1", "a2", "a3", "a4", "a5"}) {
			b.Errorf("saw %v", got)
		}
		b.committed(0, 6)
	})
}

func TestAReplayThatFailsSaysWhyAndKeepsTheKeyParked(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.parking(b.refusing(is("a1"))))
		b.sendAs("ada", 0, "a1", "a2")
		b.isOpen("a1", "(a2)")
		_, letters := b.open()
		b.must(Replay(b.Context(), b.opts(), letters[0]))
		b.until("the failure is told", func() bool {
			_, letters := b.open()
			return len(letters) == 2 && letters[0].Failed == "not a task event" && letters[0].Asked == ""
		})
		stop()
		b.saw(0)
	})
}

func TestADroppedLetterLetsItsKeyGo(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.parking(b.refusing(is("a1", "a3"))))
		b.sendAs("ada", 0, "a1", "a2", "a3", "a4")
		b.isOpen("a1", "(a2)", "(a3)", "(a4)")
		_, letters := b.open()
		b.must(Drop(b.Context(), b.opts(), letters[0]))
		// a3 fails for the first time only now, and a4 goes on waiting for it.
		b.until("a3 stands in the way", func() bool {
			got, letters := b.open()
			return slices.Equal(got, []string{"(a3)", "(a4)"}) && letters[0].Failed != ""
		})
		_, letters = b.open()
		b.must(Drop(b.Context(), b.opts(), letters[0]))
		b.isOpen()
		b.sendAs("ada", 0, "a5")
		time.Sleep(time.Second)
		stop()
		b.saw(0, "a2", "a4", "a5")
	})
}

func TestAReplayWaitsForTheServiceAndThroughAnOutage(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.consumer(b.refusing(is("a1"))))
		b.send(0, "a1")
		b.isOpen("a1")
		stop()
		_, letters := b.open()
		b.must(Replay(b.Context(), b.opts(), letters...)) // nobody runs
		away := errors.New("away")
		back := time.Now().Add(20 * time.Second)
		c := b.consumer(b.noted)
		c.Healthy = func(context.Context) error {
			if time.Now().Before(back) {
				return away
			}
			return nil
		}
		stop = b.run(c)
		time.Sleep(15 * time.Second)
		b.saw(0)
		b.isOpen()
		stop()
		b.saw(0, "a1")
	})
}
