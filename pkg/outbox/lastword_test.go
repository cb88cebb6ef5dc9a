package outbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/twmb/franz-go/pkg/kgo"
)

func (b *bench) lastWord(key string) []byte {
	b.Helper()
	value, _, err := lastWord(b.Context(), b.kafka, CursorTopic, key)
	if err != nil {
		b.Fatal(err)
	}
	return value
}

func TestTheLastWordIsFoundHoweverFarBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, value := range []string{"old", "mine"} {
		b.say("a/0", []byte(value))
	}
	var others []*kgo.Record
	for i := range 3 * firstWindow * 8 { // more than two windows on each partition
		others = append(others, &kgo.Record{Topic: CursorTopic, Key: fmt.Appendf(nil, "b/%d", i), Value: []byte("theirs")})
	}
	if err := b.client().ProduceSync(t.Context(), others...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"a/0": "mine", "c/0": "", "b/7": "theirs"} {
		if got := string(b.lastWord(key)); got != want {
			t.Errorf("the last word of %s is %q, want %q", key, got, want)
		}
	}
}

func TestTheLastWordIsReadBehindAnOpenTransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		mine := "a/0"
		theirs := ""
		partition := func(key string) int {
			return kgo.StickyKeyPartitioner(nil).ForTopic(CursorTopic).Partition(&kgo.Record{Key: []byte(key)}, testkit.Partitions)
		}
		for i := 0; theirs == "" || partition(theirs) != partition(mine); i++ {
			theirs = fmt.Sprint("b/", i)
		}
		other := b.client(kgo.TransactionalID("other"), kgo.TransactionTimeout(10*time.Second))
		if err := other.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := other.ProduceSync(t.Context(), &kgo.Record{Topic: CursorTopic, Key: []byte(theirs), Value: []byte("open")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		b.say(mine, []byte("behind it"))
		ended := make(chan error, 1)
		time.AfterFunc(500*time.Millisecond, func() { ended <- other.EndTransaction(t.Context(), kgo.TryAbort) })
		if got := string(b.lastWord(mine)); got != "behind it" {
			t.Errorf("the last word is %q", got)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := b.lastWord(theirs); got != nil {
			t.Errorf("what was aborted is the last word: %q", got)
		}
	})
}
