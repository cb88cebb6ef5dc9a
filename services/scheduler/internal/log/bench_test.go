package log

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

const partitions = 2

// bench is a broker, those who ask it for timers, and what was delivered.
type bench struct {
	*testing.T
	cluster *kfake.Cluster // nil if the broker is a real one
	prefix  string         // of the names there
	opts    []kgo.Opt
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	writer  *kgo.Client
}

// inVirtualTime runs f in a bubble where hours pass in milliseconds.
func inVirtualTime(t *testing.T, f func(b *bench)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen),
			kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": "3600000"})) // days pass here
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cluster.Close)
		b := &bench{T: t, cluster: cluster, dial: network.DialContext}
		b.opts = kafka.Settings{Brokers: cluster.ListenAddrs()}.Opts(quiet, nil)
		b.fill()
		f(b)
	})
}

// topics are those of this bench: commands, state, dead letters, and where timers deliver.
func (b *bench) topics() []string {
	n := namesOf(b.prefix)
	return []string{n.commands, n.state, n.letters, b.prefix + events.Reminders}
}

var quiet = slog.New(slog.DiscardHandler)

func (b *bench) fill() {
	b.Helper()
	b.writer = b.client()
	var topics []kafka.Topic
	for _, name := range b.topics() {
		one := kafka.Topic{Name: name, Partitions: partitions}
		if known, ok := events.Find(strings.TrimPrefix(name, b.prefix)); ok {
			one.Settings = known.Settings()
		}
		if name == b.topics()[3] {
			one.Settings = map[string]string{"retention.ms": "-1"} // delivered looks at all of it
		}
		topics = append(topics, one)
	}
	if _, err := kafka.ApplyTopics(b.Context(), b.writer, topics); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) client(opts ...kgo.Opt) *kgo.Client {
	b.Helper()
	opts = slices.Concat(b.opts, opts)
	if b.dial != nil {
		opts = append(opts, kgo.Dialer(b.dial))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	return client
}

// set asks for a timer.
func (b *bench) set(id string, rev int64, due time.Time) {
	b.Helper()
	s, err := events.Timer{ID: id, Rev: rev, Due: due}.Schedule(&reminderv1.ReminderDue{ReminderId: id, UserId: "ada", TaskId: "t1", Title: "Pay rent"})
	if err != nil {
		b.Fatal(err)
	}
	s.Topic = b.topics()[3]
	b.send(s)
}

func (b *bench) take(id string, rev int64) {
	b.Helper()
	b.send(&timerv1.Cancel{TimerId: id, Rev: rev})
}

func (b *bench) send(cmd proto.Message) {
	b.Helper()
	b.write(b.command(cmd))
}

func (b *bench) command(cmd proto.Message) *kgo.Record {
	b.Helper()
	rec, err := events.EncodeCommand(cmd, "/tickler/api", "")
	if err != nil {
		b.Fatal(err)
	}
	return (&batch{names: namesOf(b.prefix)}).recordOf(rec)
}

func (b *bench) write(recs ...*kgo.Record) {
	b.Helper()
	if err := b.writer.ProduceSync(b.Context(), recs...).FirstErr(); err != nil {
		b.Fatal(err)
	}
}

// A fired timer.
type fired struct {
	id        string
	rev       int64
	due, at   time.Time
	committed time.Time
}

func (f fired) String() string { return fmt.Sprintf("%s/%d", f.id, f.rev) }

// delivered reads all that ever fired, and fails on what is early or came twice.
func (b *bench) delivered() (all []fired) {
	b.Helper()
	seen := map[string]int{}
	for _, rec := range b.records(b.topics()[3]) {
		due, payload, err := events.DecodeDue(ceType(rec), rec.Value)
		if err != nil {
			b.Fatal(err)
		}
		if string(rec.Key) != "ada" || payload.(*reminderv1.ReminderDue).Title != "Pay rent" {
			b.Errorf("%s was delivered with another key or payload", due.GetTimerId())
		}
		f := fired{due.GetTimerId(), due.GetRev(), time.UnixMilli(due.GetDueMs()), time.UnixMilli(due.GetFiredMs()), rec.Timestamp}
		if f.at.Before(f.due) {
			b.Errorf("%v fired %v early", f, f.due.Sub(f.at))
		}
		if seen[f.String()]++; seen[f.String()] > 1 {
			b.Errorf("%v fired %d times", f, seen[f.String()])
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b fired) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.rev, b.rev)) })
	return all
}

// saw fails unless exactly these timers fired.
func (b *bench) saw(want ...string) {
	b.Helper()
	got := []string{}
	for _, f := range b.delivered() {
		got = append(got, f.String())
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		b.Errorf("%d fired, want %d: %v, want %v", len(got), len(want), brief(got), brief(want))
	}
}

func brief(all []string) []string { return all[:min(len(all), 20)] }

func (b *bench) records(topic string) (all []*kgo.Record) {
	b.Helper()
	opts := b.opts
	if b.dial != nil {
		opts = append(slices.Clone(opts), kgo.Dialer(b.dial))
	}
	err := kafka.Scan(context.Background(), opts, topic, func(rec *kgo.Record) bool {
		all = append(all, rec)
		return true
	})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

// until polls for five minutes, of whichever time it is.
func (b *bench) until(what string, ok func() bool) {
	b.Helper()
	for end := time.Now().Add(5 * time.Minute); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("still not: %s", what)
		}
	}
}
