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
	for _, end := range []func() error{b.Kill, b.Stop} {
		rec := &kgo.Record{Topic: "t", Value: []byte("x")}
		if err := client.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
		address := b.Address()
		if err := errors.Join(end(), b.Start(t.Context())); err != nil {
			t.Fatal(err)
		} else if b.Address() != address {
			t.Fatalf("it came back at %s", b.Address())
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
