package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// guarded is a broker that lets nobody do what he may not, after topics has run on it.
type guarded struct {
	*testing.T
	broker string
}

func newGuarded(t *testing.T) guarded {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "root"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	secrets := t.TempDir()
	for _, name := range users() {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(name+"-secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := guarded{t, cluster.ListenAddrs()[0]}
	admin := map[string]string{"KAFKA_BROKERS": g.broker, "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "admin", "KAFKA_SASL_PASSWORD": "root"}
	for _, args := range [][]string{{"apply"}, {"access", "-secrets", secrets}, {"access"}} {
		var out strings.Builder
		if err := run(t.Context(), args, func(name string) (string, bool) { v, ok := admin[name]; return v, ok }, &out); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	return g
}

// superuser returns a client that may do everything.
func (g guarded) superuser() *kgo.Client {
	g.Helper()
	settings := kafka.Settings{Brokers: []string{g.broker}, Mechanism: "PLAIN", Username: "admin", Password: "root"}
	client, err := kgo.NewClient(settings.Opts(slog.New(slog.DiscardHandler), nil)...)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(client.Close)
	return client
}

// as returns a client of a service.
func (g guarded) as(service string, opts ...kgo.Opt) *kgo.Client {
	g.Helper()
	settings := kafka.Settings{Brokers: []string{g.broker}, Mechanism: "SCRAM-SHA-512", Username: service, Password: service + "-secret"}
	client, err := kgo.NewClient(slices.Concat(settings.Opts(slog.New(slog.DiscardHandler), nil), opts)...)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(client.CloseAllowingRebalance)
	return client
}

func write(ctx context.Context, client *kgo.Client, topic string) error {
	return client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr()
}

func TestAServiceMayDoItsWork(t *testing.T) {
	g := newGuarded(t)
	for _, service := range events.Services() {
		if err := kafka.Check(g.Context(), g.as(service), kafka.Want(events.Needs(service)), kafka.Rights(events.AccessOf(service))); err != nil {
			t.Errorf("%s lacks rights: %v", service, err)
		}
	}
	relay := g.as("api", kafka.TransactionOpts("outbox-api-0")...)
	err := relay.BeginTransaction()
	for _, topic := range []string{events.TaskEvents, events.OutboxCursors} {
		err = errors.Join(err, write(g.Context(), relay, topic))
	}
	if err = errors.Join(err, relay.EndTransaction(g.Context(), kgo.TryCommit)); err != nil {
		t.Errorf("api may not relay: %v", err)
	}
	ctx, cancel := context.WithTimeout(g.Context(), time.Minute)
	defer cancel()
	audit := g.as("audit", kafka.GroupOpts("audit", events.TaskEvents)...)
	fetches := audit.PollFetches(ctx)
	if err := errors.Join(fetches.Err(), audit.CommitRecords(ctx, fetches.Records()...)); err != nil || fetches.NumRecords() != 1 {
		t.Errorf("audit may not read: %d records, %v", fetches.NumRecords(), err)
	}
	letters := kafka.DeadLetterTopic(events.TaskEvents, "audit")
	if err := write(ctx, audit, letters); err != nil {
		t.Errorf("audit may not write its dead letters: %v", err)
	}
	if fetches := g.as("audit", kgo.ConsumeTopics(letters)).PollFetches(ctx); fetches.Err() != nil {
		t.Errorf("audit may not read them back: %v", fetches.Err())
	}
}

func TestAServiceMayDoNothingElse(t *testing.T) {
	g := newGuarded(t)
	for service, topics := range map[string][]string{
		"realtime": {events.TaskEvents, events.TaskUpdates, events.UserEvents},
		"audit":    {events.TaskEvents, kafka.DeadLetterTopic(events.TaskEvents, "notification")},
		"chat":     {events.TaskCommands},
	} {
		for _, topic := range topics {
			if err := write(g.Context(), g.as(service), topic); !errors.Is(err, kerr.TopicAuthorizationFailed) && !errors.Is(err, kerr.ClusterAuthorizationFailed) {
				t.Errorf("%s may write %s: %v", service, topic, err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(g.Context(), time.Minute)
	defer cancel()
	if err := g.as("chat", kgo.ConsumeTopics(events.TaskEvents)).PollFetches(ctx).Err(); !errors.Is(err, kerr.TopicAuthorizationFailed) {
		t.Errorf("chat may read task-events: %v", err)
	}
	if _, _, err := g.as("identity", kafka.TransactionOpts("outbox-api-0")...).ProducerID(ctx); !errors.Is(err, kerr.TransactionalIDAuthorizationFailed) {
		t.Errorf("identity may fence api's relay: %v", err)
	}
}

func TestTheAutoscalerMayLookAtLagAndDoNothingElse(t *testing.T) {
	g := newGuarded(t)
	ctx, cancel := context.WithTimeout(g.Context(), time.Minute)
	defer cancel()
	watchesOnly(ctx, t, g.as)
}
