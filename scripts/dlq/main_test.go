package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/twmb/franz-go/pkg/kgo"
)

const topic = "task-events.notification.dlq"

// house is a broker and a group that refuses some values.
type house struct {
	*testing.T
	settings kafka.Settings

	mu      sync.Mutex
	refused []string
	seen    []string
}

func newHouse(t *testing.T, refused ...string) *house {
	t.Parallel()
	names := []string{"task-events"}
	for _, letters := range events.DeadLetters() {
		names = append(names, letters.Name)
	}
	return &house{T: t, settings: kafka.Settings{Brokers: testkit.Broker(t, names...).ListenAddrs()}, refused: refused}
}

func (h *house) handle(_ context.Context, recs []*kgo.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, rec := range recs {
		if slices.Contains(h.refused, string(rec.Value)) {
			return fault.New(fault.Invalid, "not a task event")
		}
	}
	for _, rec := range recs {
		h.seen = append(h.seen, string(rec.Value))
	}
	return nil
}

func (h *house) mend() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused = nil
}

// work runs the group until the test ends, or stop is called.
func (h *house) work() (stop func()) {
	h.Helper()
	quiet := slog.New(slog.DiscardHandler)
	client, err := kgo.NewClient(append(h.settings.Opts(quiet, nil), kafka.GroupOpts("notification", "task-events")...)...)
	if err != nil {
		h.Fatal(err)
	}
	c := &kafka.Consumer{Client: client, Handle: h.handle, Log: quiet,
		ParkBy:  func(rec *kgo.Record) string { return string(rec.Key) },
		Healthy: func(context.Context) error { return nil }}
	ctx, cancel := context.WithCancel(h.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.Error(err)
		}
	})
	h.Cleanup(stop)
	return stop
}

func (h *house) send(key string, values ...string) {
	h.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(h.settings.Brokers...))
	if err != nil {
		h.Fatal(err)
	}
	defer client.Close()
	for _, value := range values {
		rec := &kgo.Record{Topic: "task-events", Key: []byte(key), Value: []byte(value), Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte("task.created")}}}
		if err := client.ProduceSync(h.Context(), rec).FirstErr(); err != nil {
			h.Fatal(err)
		}
	}
}

func (h *house) dlq(args ...string) (string, error) {
	h.Helper()
	var out strings.Builder
	err := run(h.Context(), args, func(name string) (string, bool) {
		return strings.Join(h.settings.Brokers, ","), name == "KAFKA_BROKERS"
	}, &out)
	return out.String(), err
}

// open waits until n letters lie open and returns them.
func (h *house) open(n int) []line {
	h.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		out, err := h.dlq("list", "-json", topic)
		if err != nil {
			h.Fatal(err)
		}
		var lines []line
		for decoder := json.NewDecoder(strings.NewReader(out)); decoder.More(); {
			var l line
			if err := decoder.Decode(&l); err != nil {
				h.Fatal(err)
			}
			lines = append(lines, l)
		}
		if len(lines) == n {
			return lines
		} else if time.Now().After(end) {
			h.Fatalf("%d letters lie open, want %d: %s", len(lines), n, out)
		}
	}
}

func TestALetterIsListedAndShown(t *testing.T) {
	h := newHouse(t, "bad")
	h.work()
	h.send("ada", "good", "bad", "later")
	letters := h.open(2)
	first := letters[0]
	if first.Error != "not a task event" || first.ParkedKey != "ada" || first.Type != "task.created" || first.Group != "notification" ||
		!strings.HasPrefix(first.Source, "task-events/") || letters[1].Behind == nil {
		t.Errorf("letters %+v", letters)
	}
	for _, args := range [][]string{{"list"}, {"list", topic}} {
		if out, err := h.dlq(args...); err != nil || strings.Count(out, topic) != 2 || !strings.Contains(out, first.ID) {
			t.Errorf("%v: %s, %v", args, out, err)
		}
	}
	out, err := h.dlq("show", topic, first.ID)
	if err != nil || !strings.Contains(out, `"value": "bad"`) || !strings.Contains(out, `"ce_type": "task.created"`) {
		t.Errorf("show: %s, %v", out, err)
	}
}

func TestAReplayIsFollowedToItsEnd(t *testing.T) {
	h := newHouse(t, "bad")
	h.work()
	h.send("ada", "bad", "later")
	letters := h.open(2)
	if out, err := h.dlq("replay", topic, letters[0].ID); err == nil || !strings.Contains(out, letters[0].ID+" failed again: not a task event") {
		t.Errorf("replay before it is mended: %s, %v", out, err)
	}
	if _, err := h.dlq("replay", topic, letters[1].ID); err == nil || !strings.Contains(err.Error(), "waits behind "+letters[0].ID) {
		t.Errorf("replay of one that waits: %v", err)
	}
	h.mend()
	if out, err := h.dlq("replay", topic, letters[0].ID); err != nil || out != letters[0].ID+" replayed\n" {
		t.Fatalf("replay: %s, %v", out, err)
	}
	h.open(0)
	if want := []string{"bad", "later"}; !slices.Equal(h.seen, want) {
		t.Errorf("saw %v, want %v", h.seen, want)
	}
}

func TestADropLetsGoWhatWaits(t *testing.T) {
	h := newHouse(t, "bad")
	h.work()
	h.send("ada", "bad", "later")
	h.send("bob", "bad")
	letters := h.open(3)
	i := slices.IndexFunc(letters, func(l line) bool { return l.ParkedKey == "ada" })
	if out, err := h.dlq("drop", topic, letters[i].ID); err != nil || out != letters[i].ID+" dropped\n" {
		t.Fatalf("drop: %s, %v", out, err)
	}
	h.open(1)
	if out, err := h.dlq("drop", "-key", "bob", topic); err != nil {
		t.Fatalf("drop of a key: %s, %v", out, err)
	}
	h.open(0)
	if want := []string{"later"}; !slices.Equal(h.seen, want) {
		t.Errorf("saw %v, want %v", h.seen, want)
	}
}

func TestAGroupThatIsDownDoesItLater(t *testing.T) {
	h := newHouse(t, "bad")
	stop := h.work()
	h.send("ada", "bad")
	h.open(1)
	stop()
	h.mend()
	if _, err := h.dlq("replay", "-all", "-wait", "500ms", topic); !errors.Is(err, errPending) {
		t.Errorf("replay with nobody there: %v", err)
	}
	if out, err := h.dlq("list"); err != nil || !strings.Contains(out, "(replay asked)") {
		t.Errorf("list: %s, %v", out, err)
	}
	h.work()
	h.open(0)
}

func TestWhatIsNotThereIsNotAskedFor(t *testing.T) {
	h := newHouse(t)
	for _, args := range [][]string{{}, {"burn"}, {"replay"}, {"replay", topic}, {"replay", topic, "0/17"}, {"drop", "-all", "-key", "k", topic}, {"show", topic}} {
		if _, err := h.dlq(args...); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
	if out, err := h.dlq("-help"); err != nil || !strings.Contains(out, "dlq replay") || !strings.Contains(out, "KAFKA_BROKERS") {
		t.Errorf("help: %s, %v", out, err)
	}
}
