package kafka

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func byKey(rec *kgo.Record) string { return string(rec.Key) }

// refusing notes everything but the values that are bad for now.
func (b *bench) refusing(bad func(value string) bool) Handler {
	return func(_ context.Context, recs []*kgo.Record) error {
		if slices.ContainsFunc(recs, func(r *kgo.Record) bool { return bad(string(r.Value)) }) {
			return fault.New(fault.Invalid, "not a task event")
		}
		b.note(recs)
		return nil
	}
}

func is(bad ...string) func(string) bool {
	return func(value string) bool { return slices.Contains(bad, value) }
}

func (b *bench) parking(h Handler) *Consumer {
	b.Helper()
	c := b.consumer(h)
	c.ParkBy = byKey
	return c
}

// open returns the open letters, as "value" or, if it only waits, "(value)".
func (b *bench) open() (values []string, letters []Letter) {
	b.Helper()
	letters, err := Letters(context.Background(), b.opts(), DeadLetterTopic(b.topic, b.group))
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range letters {
		value := string(l.Record.Value)
		if l.Behind != nil {
			value = "(" + value + ")"
		}
		values = append(values, value)
	}
	return values, letters
}

func (b *bench) isOpen(want ...string) {
	b.Helper()
	b.until("open letters are "+strings.Join(want, " "), func() bool {
		got, _ := b.open()
		return slices.Equal(got, want)
	})
}

func TestLaterRecordsOfAKeyWaitBehindItsDeadLetter(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.parking(b.refusing(is("a2"))))
		b.sendAs("ada", 0, "a1", "a2", "a3")
		b.sendAs("bob", 0, "b1")
		b.sendAs("ada", 0, "a4")
		b.sendAs("bob", 0, "b2")
		b.sendAs("ada", 1, "x1") // another partition, so another owner: a key is parked in its own
		b.isOpen("a2", "(a3)", "(a4)")
		time.Sleep(time.Second)
		stop()
		b.saw(0, "a1", "b1", "b2")
		b.saw(1, "x1")
		b.committed(0, 6)
		_, letters := b.open()
		if l := letters[1]; l.Parked != "ada" || *l.Behind != 1 || l.Error != "parked behind offset 1" || l.Record.Offset != 2 {
			b.Errorf("parked letter %+v", l)
		}
	})
}

func TestWithoutParkByNothingWaits(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.consumer(b.refusing(is("a2"))))
		b.send(0, "a1", "a2", "a3")
		b.isOpen("a2")
		stop()
		b.saw(0, "a1", "a3")
	})
}

func TestAParkedKeySurvivesARestart(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.parking(b.refusing(is("a1"))))
		b.sendAs("ada", 0, "a1")
		b.isOpen("a1")
		time.Sleep(time.Second)
		stop()
		b.sendAs("ada", 0, "a2")
		b.sendAs("bob", 0, "b1")
		stop = b.run(b.parking(b.noted))
		b.isOpen("a1", "(a2)")
		time.Sleep(time.Second)
		stop()
		b.saw(0, "b1")
	})
}

func TestAParkedKeySurvivesARebalance(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		first := b.run(b.parking(b.refusing(is("a1"))))
		b.sendAs("ada", 0, "a1")
		b.sendAs("ada", 1, "a1")
		b.isOpen("a1", "a1")
		second := b.run(b.parking(b.noted))
		time.Sleep(30 * time.Second)
		b.shared(2)
		b.sendAs("ada", 0, "a2")
		b.sendAs("ada", 1, "a2")
		b.isOpen("a1", "(a2)", "a1", "(a2)")
		first()
		second()
		b.saw(0)
		b.saw(1)
	})
}

// A consumer that dies between a dead letter and its commit is given the record again.
func TestALetterThatWasNotCommittedIsNotWrittenTwice(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		c := b.parking(b.refusing(is("a1")))
		stop := b.run(c)
		b.sendAs("ada", 0, "a1", "a2", "a3")
		b.isOpen("a1", "(a2)", "(a3)")
		time.Sleep(time.Second)
		stop()
		b.rewind(0, 0)
		stop = b.run(b.parking(b.noted))
		b.sendAs("ada", 0, "a4")
		b.isOpen("a1", "(a2)", "(a3)", "(a4)")
		time.Sleep(time.Second)
		stop()
		b.saw(0)
		b.committed(0, 4)
		if n := len(b.deadLetters()); n != 4 {
			b.Errorf("%d letters were written, want 4", n)
		}
	})
}

// Whoever takes a partition over reads what its owner before has parked, however slowly.
func TestAParkedKeyIsKnownBeforeTheFirstRecordIsHandled(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		stop := b.run(b.parking(b.refusing(is("a1"))))
		b.sendAs("ada", 0, "a1")
		b.isCommitted(0, 1)
		stop()
		b.sendAs("ada", 0, "a2")
		letters := b.cluster.TopicInfo(DeadLetterTopic(b.topic, b.group)).TopicID
		quick := time.Now().Add(3 * time.Second)
		b.cluster.ControlKey(kmsg.Fetch.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			ofLetters := slices.ContainsFunc(req.(*kmsg.FetchRequest).Topics, func(t kmsg.FetchRequestTopic) bool { return t.TopicID == letters })
			if ofLetters && time.Now().Before(quick) {
				b.cluster.SleepControl(func() { time.Sleep(time.Until(quick)) })
			}
			return nil, nil, false
		})
		stop = b.run(b.parking(b.noted))
		b.isCommitted(0, 2)
		if time.Now().Before(quick) {
			b.Error("the letters were not slow")
		}
		stop()
		b.saw(0)
	})
}

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

func TestADeadLetterTopicThatIsAwayLosesNothing(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		b.must(b.cluster.DeleteTopic(DeadLetterTopic(b.topic, b.group)))
		stop := b.run(b.parking(b.refusing(is("a1"))))
		b.sendAs("ada", 0, "a1", "a2")
		time.Sleep(time.Minute)
		b.saw(0)
		b.must(b.cluster.CreateTopic(DeadLetterTopic(b.topic, b.group), 2, nil))
		b.isOpen("a1", "(a2)")
		stop()
		b.saw(0)
	})
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
