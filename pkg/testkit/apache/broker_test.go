package apache

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestWhatWasAcknowledgedSurvivesACrash(t *testing.T) {
	t.Parallel()
	b := &Broker{Dir: t.TempDir()}
	if err := b.Start(t.Context()); errors.Is(err, ErrAbsent) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Kill() })
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Address()), kgo.ConsumeTopics("t"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), 1, 1, nil, "t"); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(*Broker) error{(*Broker).Kill, (*Broker).Stop} {
		rec := &kgo.Record{Topic: "t", Value: []byte("x")}
		if err := client.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := end(b); err != nil {
			t.Fatal(err)
		}
		b = &Broker{Dir: b.Dir, Port: b.Port} // as another process would: the controller gets another port
		if err := b.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for found := false; !found; {
			fetches := client.PollFetches(t.Context())
			if t.Context().Err() != nil {
				t.Fatal("the record is lost")
			}
			fetches.EachRecord(func(got *kgo.Record) { found = found || got.Offset == rec.Offset })
		}
	}
}
