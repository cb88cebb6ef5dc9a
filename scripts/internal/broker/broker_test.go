package broker

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// while runs f against a broker with its data in folder, and ends the broker.
func while(t *testing.T, folder string, f func(brokers kgo.Opt)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	ready := make(chan string, 1)
	go func() { ended <- Serve(ctx, folder, 0, func(address string) { ready <- address }) }()
	select {
	case address := <-ready:
		f(kgo.SeedBrokers(address))
	case err := <-ended:
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(opts, kgo.DefaultProduceTopic("state"), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// write writes records in one transaction, which it ends only if told so.
func write(t *testing.T, brokers kgo.Opt, id string, commit bool, pairs ...string) {
	t.Helper()
	c := client(t, brokers, kgo.TransactionalID(id))
	t.Cleanup(c.Close)
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		rec := &kgo.Record{Key: []byte(pairs[i]), Value: []byte(pairs[i+1])}
		if pairs[i+1] == "" {
			rec.Value = nil
		}
		if err := c.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if commit {
		if err := c.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the last committed value of each key, and how many records there are.
func read(t *testing.T, brokers kgo.Opt) (last map[string]string, records int) {
	t.Helper()
	last = map[string]string{}
	if err := kafka.Scan(t.Context(), []kgo.Opt{brokers, kgo.FetchIsolationLevel(kgo.ReadCommitted())}, "state", func(rec *kgo.Record) bool {
		last[string(rec.Key)] = string(rec.Value)
		records++
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return last, records
}

func makeTopic(t *testing.T, brokers kgo.Opt) {
	t.Helper()
	c := client(t, brokers)
	defer c.Close()
	if _, err := kafka.ApplyTopics(t.Context(), c, []kafka.Topic{{
		Name: "state", Partitions: 1, Settings: map[string]string{"cleanup.policy": "compact", "retention.ms": "-1"},
	}}); err != nil {
		t.Fatal(err)
	}
}

func TestCompactionKeepsWhatAnOpenTransactionWouldReplace(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "broker")
	while(t, folder, func(brokers kgo.Opt) {
		makeTopic(t, brokers)
		for _, value := range []string{"1", "2", "3"} {
			write(t, brokers, "owner", true, "kept", value, "other", value)
		}
		write(t, brokers, "dead", false, "kept", "", "other", "never")
		write(t, brokers, "owner", true, "last", "1")
	})
	if did, err := compact(t.Context(), folder, 1<<30, []string{"state"}); did || err != nil {
		t.Fatalf("light topics: %v, %v", did, err)
	}
	if did, err := compact(t.Context(), folder, 1, []string{"state"}); !did || err != nil {
		t.Fatalf("heavy topics: %v, %v", did, err)
	}
	while(t, folder, func(brokers kgo.Opt) {
		last, records := read(t, brokers)
		if want := map[string]string{"kept": "3", "other": "3", "last": "1"}; !maps.Equal(last, want) || records != 3 {
			t.Errorf("%d records: %v", records, last)
		}
	})
}

func TestAnInterruptedCompactionLosesNothing(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "broker")
	while(t, folder, func(brokers kgo.Opt) {
		makeTopic(t, brokers)
		write(t, brokers, "owner", true, "kept", "1", "other", "1")
	})
	if err := os.Rename(folder, folder+".last"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder+".next", 0o755); err != nil {
		t.Fatal(err)
	}
	if did, err := compact(t.Context(), folder, 1, []string{"state"}); !did || err != nil {
		t.Fatalf("%v, %v", did, err)
	}
	while(t, folder, func(brokers kgo.Opt) {
		if last, _ := read(t, brokers); len(last) != 2 {
			t.Errorf("what is left: %v", last)
		}
	})
	if left, err := filepath.Glob(folder + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
