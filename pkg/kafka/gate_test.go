package kafka

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestAServiceWaitsForItsTopicsAndSaysWhatIsWrong(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		gate := &Gate{Client: b.prod, Want: []Topic{{Name: "reminders"}}, Log: quiet}
		began := make(chan struct{})
		work := gate.Then(func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			return nil
		})
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- work(ctx) }()
		b.until("it says that the topic is missing", func() bool {
			err := gate.Ready(ctx)
			return errors.Is(err, ErrTopics) && strings.Contains(err.Error(), "topic reminders is missing: run `topics apply`")
		})
		b.must(b.cluster.CreateTopic("reminders", 3, nil))
		<-began
		b.must(gate.Ready(ctx))
		b.must(b.cluster.DeleteTopic("reminders"))
		time.Sleep(time.Minute)
		b.must(gate.Ready(ctx)) // an alert's business now, not readiness'
		cancel()
		b.must(<-ended)
	})
}

func TestAServiceThatIsStoppedWaitsNoLonger(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		gate := &Gate{Client: b.prod, Want: []Topic{{Name: "reminders"}}, Log: quiet}
		ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
		defer cancel()
		b.must(gate.Then(func(context.Context) error { return errors.New("it began") })(ctx))
	})
}

// A compacted log has gaps, and on kfake its end may be one.
func TestACompactedTopicIsReadToItsEnd(t *testing.T) {
	inVirtualTime(t, func(b *bench) {
		_, err := ApplyTopics(b.Context(), b.prod, []Topic{{Name: "cursors", Partitions: 1, Settings: map[string]string{"cleanup.policy": "compact", "retention.ms": "-1"}}})
		b.must(err)
		writer := b.client(TransactionOpts("w")...)
		for _, value := range []string{"1", "2", "3"} {
			b.topic = "cursors"
			b.transact(writer, kgo.TryCommit, value)
		}
		time.Sleep(time.Hour)
		b.cluster.Compact()
		got, err := Latest(b.Context(), b.opts(), "cursors", "ada")
		b.must(err)
		if string(got) != "3" {
			b.Errorf("got %q", got)
		}
	})
}
