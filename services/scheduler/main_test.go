package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	"github.com/tickler-app/tickler/services/scheduler/internal/rest"
)

func TestATimerIsSetSeenAndDelivered(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(events.Reminders),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	addr := serve(t, cluster.ListenAddrs())
	if status, body := get(t, addr+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("ready without topics: %s", body)
	}
	var topics []kafka.Topic
	for _, one := range events.Topics() {
		topics = append(topics, kafka.Topic{Name: one.Name, Partitions: 2, Settings: one.Settings()})
	}
	if _, err := kafka.ApplyTopics(t.Context(), client, topics); err != nil {
		t.Fatal(err)
	}
	until(t, "ready", func() bool { status, _ := get(t, addr+"/readyz"); return status == http.StatusOK })

	due := time.Now().Add(2 * time.Second)
	set(t, client, "r1", due)
	set(t, client, "r2", due.Add(time.Hour))
	until(t, "both are seen", func() bool {
		var view rest.View
		_, body := get(t, addr+"/timers")
		if err := json.Unmarshal([]byte(body), &view); err != nil {
			t.Fatal(err)
		}
		pending := 0
		for _, p := range view.Partitions {
			pending += p.Pending
		}
		return pending == 2
	})
	rec := next(t, client)
	one, payload, err := events.DecodeDue(header(rec, "ce_type"), rec.Value)
	if err != nil {
		t.Fatal(err)
	}
	if one.TimerId != "r1" || string(rec.Key) != "ada" || payload.(*reminderv1.ReminderDue).Title != "Pay rent" || rec.Timestamp.Before(due.Truncate(time.Millisecond)) {
		t.Errorf("delivered %v %v at %v, due %v", one, payload, rec.Timestamp, due)
	}
	// A record can be read before the scheduler has heard that its transaction ended, and tells of it.
	for id, want := range map[string]string{"r1": `"done"`, "r2": `"pending"`, "r3": "not_found"} {
		until(t, id+" is "+want, func() bool {
			_, body := get(t, addr+"/timers/"+id)
			return strings.Contains(body, want)
		})
	}
	for _, want := range []string{"tickler_timers_pending{", "tickler_timers_overdue{", "tickler_timer_lateness_seconds_count 1", "tickler_timers_transactions_total ", "tickler_timers_restores_total 2", "tickler_timers_fences_total 0"} {
		until(t, "the metric "+want, func() bool {
			_, metrics := get(t, addr+"/metrics")
			return strings.Contains(metrics, want)
		})
	}
}

// serve starts the service as main does, and returns where it answers.
func serve(t *testing.T, brokers []string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	var s settings
	err = env.Load(&s, func(name string) (string, bool) {
		given, ok := map[string]string{"ADDR": addr, "KAFKA_BROKERS": strings.Join(brokers, ",")}[name]
		return given, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, slog.New(slog.DiscardHandler), nil) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the service ended: %v", err)
		}
	})
	until(t, "it answers", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return "http://" + addr
}

func set(t *testing.T, client *kgo.Client, id string, due time.Time) {
	t.Helper()
	s, err := events.Timer{ID: id, Rev: 1, Due: due}.Schedule(&reminderv1.ReminderDue{ReminderId: id, UserId: "ada", TaskId: "t1", Title: "Pay rent"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := events.EncodeCommand(s, "/tickler/api", "")
	if err != nil {
		t.Fatal(err)
	}
	rec := &kgo.Record{Topic: r.Topics[0], Key: []byte(r.Key), Value: r.Value}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	if err := client.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, client *kgo.Client) *kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		fetches := client.PollFetches(ctx)
		if recs := fetches.Records(); len(recs) > 0 {
			return recs[0]
		} else if ctx.Err() != nil {
			t.Fatal("nothing was delivered")
		}
	}
}

func header(rec *kgo.Record, key string) string {
	for _, h := range rec.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}
