package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"
)

// house is a broker and what the command says to it.
type house struct {
	*testing.T
	broker string
}

func (h house) topics(args ...string) (string, error) {
	h.Helper()
	var out strings.Builder
	err := run(h.Context(), args, func(name string) (string, bool) { return h.broker, name == "KAFKA_BROKERS" }, &out)
	return out.String(), err
}

func newHouse(t *testing.T) house {
	t.Parallel()
	return house{t, testkit.Broker(t).ListenAddrs()[0]}
}

func TestApplyMakesEveryTopicOfTheCatalogOnce(t *testing.T) {
	h := newHouse(t)
	if _, err := h.topics("check"); !errors.Is(err, kafka.ErrTopics) {
		t.Errorf("check of an empty broker: %v", err)
	}
	out, err := h.topics("apply")
	if err != nil || strings.Count(out, "created") != len(events.Topics()) {
		t.Fatalf("%s, %v", out, err)
	}
	if _, err := h.topics("check"); err != nil {
		t.Error(err)
	}
	if out, err := h.topics("apply"); err != nil || strings.Count(out, "\n") != 1 {
		t.Errorf("a second apply did something: %s, %v", out, err)
	}
}

func TestPartitionsAreNeverChanged(t *testing.T) {
	h := newHouse(t)
	if _, err := h.topics("apply", "-partitions", "4"); err != nil {
		t.Fatal(err)
	}
	_, err := h.topics("apply", "-partitions", "32")
	if !errors.Is(err, kafka.ErrTopics) || !strings.Contains(err.Error(), "timer-state has 4 partitions, not 32") {
		t.Errorf("apply with another number: %v", err)
	}
}

func TestAServicesCursorsAreForgottenAndNoOthers(t *testing.T) {
	h := newHouse(t)
	if _, err := h.topics("apply"); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(h.broker))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, key := range []string{"api/0", "api/7", "identity/0"} {
		rec := &kgo.Record{Topic: events.OutboxCursors, Key: []byte(key), Value: []byte("{}")}
		if err := client.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := h.topics("reset-cursor", "api"); err != nil || out != "2 cursors of api are forgotten\n" {
		t.Fatalf("%s, %v", out, err)
	}
	opts := []kgo.Opt{kgo.SeedBrokers(h.broker)}
	for key, want := range map[string]string{"api/0": "", "api/7": "", "identity/0": "{}"} {
		if got, err := kafka.Latest(t.Context(), opts, events.OutboxCursors, key); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", key, got, err)
		}
	}
	if _, err := h.topics("reset-cursor", "audit"); err == nil {
		t.Error("audit has no outbox")
	}
}

func TestTheSchedulerBeginsWithNoTimerWhereItsTimersAreForgotten(t *testing.T) {
	h := newHouse(t)
	if _, err := h.topics("apply"); err != nil {
		t.Fatal(err)
	}
	opts := []kgo.Opt{kgo.SeedBrokers(h.broker)}
	if err := send(t.Context(), opts, []*kgo.Record{
		{Topic: events.TimerState, Partition: 3, Key: []byte("rings"), Value: []byte("x")},
		{Topic: events.TimerState, Partition: 2, Key: []byte("rang"), Value: []byte("x")},
		{Topic: events.TimerState, Partition: 2, Key: []byte("rang")},
		{Topic: events.TimerState, Partition: 3, Key: []byte("\x00owner"), Value: []byte("x")},
		{Topic: events.TimerCommands, Partition: 3, Key: []byte("late"), Value: []byte("x")},
	}); err != nil {
		t.Fatal(err)
	}
	out, err := h.topics("forget-timers")
	if err != nil || !strings.HasPrefix(out, "1 timers are forgotten") {
		t.Fatalf("%s, %v", out, err)
	}
	cursors := map[int32]int64{}
	if err := kafka.Scan(t.Context(), opts, events.TimerState, func(rec *kgo.Record) bool {
		var at timerv1.Cursor
		if string(rec.Key) == events.TimerCursor && proto.Unmarshal(rec.Value, &at) == nil {
			cursors[rec.Partition] = at.GetNextOffset()
		}
		if string(rec.Key) == "rings" && (rec.Offset == 0) != (rec.Value != nil) {
			t.Errorf("the timer is %q at %d", rec.Value, rec.Offset)
		}
		return true
	}); err != nil || len(cursors) != events.DevelopmentPartitions || cursors[3] != 1 || cursors[2] != 0 {
		t.Errorf("commands are read from %v, %v", cursors, err)
	}
	member, err := kgo.NewClient(append(opts, kgo.ConsumerGroup("scheduler"), kgo.ConsumeTopics(events.TimerCommands))...)
	if err != nil {
		t.Fatal(err)
	}
	defer member.Close()
	member.PollFetches(t.Context())
	if out, err := h.topics("forget-timers"); err == nil || !strings.Contains(err.Error(), "stop the services first") {
		t.Errorf("beside a scheduler that runs: %s, %v", out, err)
	}
}

func TestABackupNotesWhereTheLogStands(t *testing.T) {
	h := newHouse(t)
	if _, err := h.topics("apply"); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(h.broker))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	rec := &kgo.Record{Topic: events.OutboxCursors, Key: []byte("api/3"), Value: []byte(`{"xid":"7"}`)}
	if err := client.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
		t.Fatal(err)
	}
	out, err := h.topics("point")
	var got logPoint
	if err := errors.Join(err, json.Unmarshal([]byte(out), &got)); err != nil {
		t.Fatal(err)
	}
	if len(got.Ends) != len(events.Topics()) || got.Ends[rec.Topic][rec.Partition] != 1 || !strings.Contains(string(got.Cursors["api/3"]), `"7"`) {
		t.Errorf("got %s", out)
	}
}

func TestHelpNeedsNoSettings(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	none := func(string) (string, bool) { return "", false }
	if err := run(t.Context(), []string{"-help"}, none, &out); err != nil || !strings.Contains(out.String(), "KAFKA_BROKERS") {
		t.Errorf("%v: %s", err, out.String())
	}
	if err := run(t.Context(), []string{"apply"}, none, &out); err == nil || !strings.Contains(err.Error(), "KAFKA_BROKERS") {
		t.Errorf("without settings: %v", err)
	}
}
