package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// A letterbox writes a group's dead letters and reads them back. Every member reads all of
// them: there are few, and who takes a partition over then knows already what is parked.
type letterbox struct {
	client *kgo.Client
	group  string
	parks  bool // its consumer parks keys, and so relies on what was read
	log    *slog.Logger

	mu        sync.Mutex
	shelves   map[string]*shelf // by the topic of the records, not of the letters
	changed   chan struct{}     // closed, and replaced, when something was read
	ours      []partition       // what this member has, when it last looked
	interrupt func()            // of the poll that waits meanwhile
	told      func(topic string, open, keys int)
}

// newLetterbox makes one for the group and the topics of a client of GroupOpts.
func newLetterbox(of *kgo.Client, parks bool, log *slog.Logger) (*letterbox, error) {
	group, _ := of.OptValue(kgo.ConsumerGroup).(string)
	topics, _ := of.OptValue(kgo.ConsumeTopics).(map[string]*regexp.Regexp)
	l := &letterbox{group: group, parks: parks, log: log, shelves: map[string]*shelf{}, changed: make(chan struct{})}
	var names []string
	for topic := range topics {
		l.shelves[topic] = newShelf(parks, false)
		names = append(names, DeadLetterTopic(topic, group))
	}
	var err error
	l.client, err = kgo.NewClient(slices.Concat(reach(of), []kgo.Opt{
		kgo.ConsumeTopics(names...),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		kgo.RecordPartitioner(samePartition()),
	})...)
	return l, err
}

// reach are the options by which a client reaches its broker.
func reach(client *kgo.Client) []kgo.Opt {
	seeds, _ := client.OptValue(kgo.SeedBrokers).([]string)
	id, _ := client.OptValue(kgo.ClientID).(string)
	opts := []kgo.Opt{kgo.SeedBrokers(seeds...), kgo.ClientID(id)}
	if log, ok := client.OptValue(kgo.WithLogger).(kgo.Logger); ok {
		opts = append(opts, kgo.WithLogger(log))
	}
	if dial, ok := client.OptValue(kgo.Dialer).(func(context.Context, string, string) (net.Conn, error)); ok { // TLS is in it
		opts = append(opts, kgo.Dialer(dial))
	}
	if ways, ok := client.OptValue(kgo.SASL).([]sasl.Mechanism); ok {
		opts = append(opts, kgo.SASL(ways...))
	}
	return opts
}

// run reads until ctx ends.
func (l *letterbox) run(ctx context.Context) {
	for {
		fetches := l.client.PollFetches(ctx)
		if ctx.Err() != nil || fetches.IsClientClosed() {
			return
		}
		fetches.EachError(func(topic string, number int32, err error) {
			l.log.WarnContext(ctx, "fetch dead letters", "topic", topic, "partition", number, "error", err)
		})
		l.read(ctx, fetches)
	}
}

func (l *letterbox) read(ctx context.Context, fetches kgo.Fetches) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fetches.EachRecord(func(rec *kgo.Record) {
		for topic, shelf := range l.shelves {
			if DeadLetterTopic(topic, l.group) != rec.Topic {
				continue
			} else if err := shelf.apply(rec); err != nil {
				l.log.WarnContext(ctx, "dead letter left aside", "error", err)
			}
		}
	})
	for topic, shelf := range l.shelves {
		l.told(topic, shelf.count, len(shelf.parked))
	}
	close(l.changed)
	l.changed = make(chan struct{})
	if l.interrupt != nil && l.hasNews() {
		l.interrupt()
	}
}

// hasNews reports whether something may be due that is for this member to handle.
func (l *letterbox) hasNews() bool {
	return slices.ContainsFunc(l.ours, func(at partition) bool {
		shelf := l.shelves[at.topic]
		return shelf != nil && shelf.news[at.number]
	})
}

func (l *letterbox) owns(ours []partition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ours = ours
}

// interrupting makes news end ctx, at once if there are some.
func (l *letterbox) interrupting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interrupt = cancel
	if l.hasNews() {
		cancel()
	}
	return ctx, cancel
}

// send writes letters or marks of one partition, in order, and returns how many are written. Of a consumer
// that parks it waits until they were read back, so that what it asks next is answered
// with them, whoever wrote first.
func (l *letterbox) send(ctx context.Context, recs ...*kgo.Record) (int, error) {
	done := 0
	ends := map[string]map[int32]int64{}
	var failed error
	for _, result := range l.client.ProduceSync(ctx, recs...) {
		if failed = result.Err; failed != nil {
			break
		}
		done++
		if ends[result.Record.Topic] == nil {
			ends[result.Record.Topic] = map[int32]int64{}
		}
		ends[result.Record.Topic][result.Record.Partition] = result.Record.Offset + 1
	}
	if failed == nil && l.parks {
		failed = l.readTo(ctx, ends)
	}
	return done, failed
}

// catchUp reads what every other member has written until now.
func (l *letterbox) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ends := map[string]map[int32]int64{}
	for topic := range l.shelves {
		name := DeadLetterTopic(topic, l.group)
		all, err := extents(ctx, l.client, name, nil)
		if err != nil {
			return err
		}
		ends[name] = map[int32]int64{}
		for number, e := range all {
			ends[name][number] = e.end
		}
	}
	return l.readTo(ctx, ends)
}

// readTo waits until the dead-letter topics were read up to these ends.
func (l *letterbox) readTo(ctx context.Context, ends map[string]map[int32]int64) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 5*time.Second, errors.New("dead letters are not read back"))
	defer cancel()
	for {
		l.mu.Lock()
		behind, changed := l.behind(ends), l.changed
		l.mu.Unlock()
		if !behind {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (l *letterbox) behind(ends map[string]map[int32]int64) bool {
	for topic, shelf := range l.shelves {
		for number, end := range ends[DeadLetterTopic(topic, l.group)] {
			if shelf.next[number] < end {
				return true
			}
		}
	}
	return false
}

// ways a record of a consumer that parks can go.
type way int

const (
	handleIt way = iota
	skipIt       // it is a letter already
	parkIt       // behind another
)

// way says what is to be done with a record whose key is that, and behind which it waits.
func (l *letterbox) way(rec *kgo.Record, key string) (way, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	shelf := l.shelves[rec.Topic]
	if shelf.origins[slot{rec.Partition, rec.Offset}] != nil {
		return skipIt, 0
	}
	if key != "" {
		if behind, parked := shelf.behind(rec.Partition, key); parked {
			return parkIt, behind
		}
	}
	return handleIt, 0
}

// due returns the letters of a partition that are to be handled, at most n.
func (l *letterbox) due(at partition, n int) []Letter {
	l.mu.Lock()
	defer l.mu.Unlock()
	shelf := l.shelves[at.topic]
	if shelf == nil || !shelf.news[at.number] {
		return nil
	}
	return shelf.due(at.number, n)
}

// again brings back what due has taken, for another try.
func (l *letterbox) again(at partition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shelves[at.topic].news[at.number] = true
}

// bodies reads the records of letters of one partition of a topic. One that is no longer
// there, because its retention is over, is missing.
func (l *letterbox) bodies(ctx context.Context, letters []Letter) (map[slot]Letter, error) {
	from, wanted := map[int32]int64{}, map[slot]bool{}
	for _, letter := range letters {
		wanted[letter.slot()] = true
		if first, ok := from[letter.Partition]; !ok || letter.Offset < first {
			from[letter.Partition] = letter.Offset
		}
	}
	found := map[slot]Letter{}
	err := scan(ctx, reach(l.client), letters[0].Topic, from, func(rec *kgo.Record) bool {
		if letter, err := letterOf(rec); err == nil && wanted[letter.slot()] {
			found[letter.slot()] = letter
		}
		return len(found) < len(wanted)
	})
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return found, nil
}
