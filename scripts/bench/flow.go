package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/person"
)

// flowRate is how many tasks a second are created while their way is timed.
const flowRate = 500

// flow measures the way of a new task to the trail and to an open tab, beside that of a bare
// record through the same broker.
func flow(ctx context.Context, b *bench) ([]Row, error) {
	crowdOf, err := b.crowd(ctx, people)
	if err != nil {
		return nil, err
	}
	w := watch{created: map[string]time.Time{}}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait sync.WaitGroup
	for _, p := range crowdOf {
		feed, err := p.Listen(ctx, b.house.URL("realtime"), "")
		if err != nil {
			return nil, err
		}
		defer feed.Close()
		wait.Go(func() { w.feed(ctx, feed) })
	}
	trail, err := postgres.Open(b.house.AdminURL())
	if err != nil {
		return nil, err
	}
	defer trail.Close()
	wait.Go(func() {
		w.poll(ctx, func(since time.Time) (ids []string, err error) {
			return ids, trail.SelectContext(ctx, &ids, `SELECT task_id FROM audit.audit_log WHERE event_type = 'task.created' AND at > $1`, since)
		})
	})
	pace(ctx, flowRate, b.seconds, func(i int) {
		began := time.Now()
		if t, err := crowdOf[i%people].Add(ctx, "", map[string]any{"title": "Pay rent"}); err == nil {
			w.answered(t.ID, began)
		}
	})
	time.Sleep(time.Second) // the last ones arrive
	cancel()
	wait.Wait()
	bare, err := b.bare(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	asked := "p50 ≤ 10 ms, p99 ≤ 50 ms"
	return []Row{
		{fmt.Sprintf("task created → on the trail, %d/s", flowRate), asked, w.onTrail.String(), "a bare record, in transactions: " + bare.String(), ""},
		{fmt.Sprintf("task created → at a WebSocket client, %d/s", flowRate), asked, w.atClient.String(), "", ""},
	}, nil
}

// watch knows when tasks were asked for, and gathers how long they took to be seen. All
// times are from the request on, which is before the commit.
type watch struct {
	mu       sync.Mutex
	created  map[string]time.Time
	early    sync.Map // seen before the answer was read, by kind and id
	onTrail  times
	atClient times
	counted  sync.Map
}

func (w *watch) answered(id string, began time.Time) {
	w.mu.Lock()
	w.created[id] = began
	w.mu.Unlock()
	for kind, into := range map[string]*times{"trail ": &w.onTrail, "client ": &w.atClient} {
		if at, ok := w.early.LoadAndDelete(kind + id); ok {
			into.add(at.(time.Time).Sub(began))
		}
	}
}

func (w *watch) seen(kind, id string, into *times) {
	if _, again := w.counted.LoadOrStore(kind+id, true); again {
		return
	}
	now := time.Now()
	w.mu.Lock()
	began, ok := w.created[id]
	if !ok {
		w.early.Store(kind+id, now)
	}
	w.mu.Unlock()
	if ok {
		into.add(now.Sub(began))
	}
}

func (w *watch) feed(ctx context.Context, feed *person.Feed) {
	for {
		frame, err := feed.Next(ctx)
		if err != nil {
			return
		}
		if frame.Type == "task.created" {
			w.seen("client ", frame.TaskID, &w.atClient)
		}
	}
}

// poll asks the trail's table every two milliseconds for what came in the last second.
func (w *watch) poll(ctx context.Context, find func(since time.Time) ([]string, error)) {
	for ctx.Err() == nil {
		ids, err := find(time.Now().Add(-300 * time.Millisecond))
		if err != nil {
			continue
		}
		for _, id := range ids {
			w.seen("trail ", id, &w.onTrail)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// bare sends records at the same rate through the broker, each in a transaction of its own
// of one of eight producers, to a reader of committed records.
func (b *bench) bare(ctx context.Context) (*times, error) {
	const topic, producers = "bench-bare", 8
	seeds := []kgo.Opt{kgo.SeedBrokers(b.house.Kafka().Brokers...)}
	if err := b.topic(ctx, topic); err != nil {
		return nil, err
	}
	reader, err := kgo.NewClient(append(seeds, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	clients := make(chan *kgo.Client, producers)
	for range producers {
		c, err := kgo.NewClient(append(seeds, kgo.TransactionalID("bench-"+uuid.NewString()), kgo.ConcurrentTransactionsBackoff(2*time.Millisecond))...)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		clients <- c
	}
	var took times
	ctx, cancel := context.WithTimeout(ctx, time.Duration(b.seconds)*time.Second+20*time.Second)
	defer cancel()
	var wait sync.WaitGroup
	wait.Go(func() {
		for ctx.Err() == nil {
			reader.PollFetches(ctx).EachRecord(func(rec *kgo.Record) {
				if sent, err := time.Parse(time.RFC3339Nano, string(rec.Value)); err == nil {
					took.add(time.Since(sent))
				}
			})
		}
	})
	pace(ctx, flowRate, b.seconds, func(int) {
		c := <-clients
		defer func() { clients <- c }()
		if c.BeginTransaction() != nil {
			return
		}
		_ = c.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(time.Now().Format(time.RFC3339Nano))}).FirstErr()
		_ = c.EndTransaction(ctx, kgo.TryCommit) // what did not arrive is not counted
	})
	time.Sleep(500 * time.Millisecond)
	cancel()
	wait.Wait()
	return &took, nil
}

// topic makes one with as many partitions as those of the house.
func (b *bench) topic(ctx context.Context, name string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.house.Kafka().Brokers...))
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = kafka.ApplyTopics(ctx, client, []kafka.Topic{{Name: name, Partitions: 8, Replication: 1, Settings: map[string]string{"cleanup.policy": "delete"}}})
	return err
}
