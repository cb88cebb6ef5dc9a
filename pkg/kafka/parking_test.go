package kafka

import (
	"context"
	"slices"
	"strings"
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
