package main

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
)

// It waits for its topics, says so, and is ready once they are there.
func TestItIsReadyOnceItsTopicsAre(t *testing.T) {
	t.Parallel()
	free, err := httpd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := settings{Addr: free.Addr().String(), Kafka: kafka.Settings{Brokers: testkit.Broker(t).ListenAddrs()}}
	free.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := cfg.serve(ctx, slog.New(slog.DiscardHandler), nil); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); wait.Wait() })
	until(t, cfg.Addr, http.StatusServiceUnavailable)

	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Kafka.Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	topics := kafka.Want(events.Needs("recurring"))
	for i := range topics {
		topics[i].Partitions, topics[i].Replication = 2, 1
	}
	if _, err := kafka.ApplyTopics(t.Context(), client, topics); err != nil {
		t.Fatal(err)
	}
	until(t, cfg.Addr, http.StatusOK)
}

// until asks for readiness until it has that status.
func until(t *testing.T, addr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == status {
				return
			}
		} else if !strings.Contains(err.Error(), "refused") {
			t.Fatal(err)
		}
	}
}
