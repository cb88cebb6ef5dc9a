package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

func TestPartitionsOfEverySchedulerAreShown(t *testing.T) {
	t.Parallel()
	answer := func(body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		t.Cleanup(server.Close)
		return server.URL
	}
	urls := answer(`{"partitions":[{"partition":1,"restored":true,"pending":7,"overdue":2,"next_due":"2027-01-02T03:04:05Z"}]}`) + "," +
		answer(`{"partitions":[{"partition":0,"restored":true,"resync_wanted":"commands left retention"}]}`)
	var out strings.Builder
	err := run(t.Context(), nil, func(name string) (string, bool) { return urls, name == "SCHEDULER_URL" }, &out)
	lines := strings.Split(out.String(), "\n")
	if err != nil || len(lines) != 4 || !strings.Contains(lines[1], "resync`: commands left retention") ||
		strings.Join(strings.Fields(lines[2])[:5], " ") != "1 7 2 2027-01-02 03:04:05.000" {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestWhatWaitsForAKeyIsTheLastWordOnEachTimer(t *testing.T) {
	t.Parallel()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, events.TimerState))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	put := func(id string, state *timerv1.State) {
		rec := &kgo.Record{Topic: events.TimerState, Key: []byte(id)}
		if state != nil {
			rec.Value, _ = proto.Marshal(state)
		}
		if err := client.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	put("\x00cursor", &timerv1.State{Rev: 9})
	put("a", &timerv1.State{Rev: 1, DueMs: 4e12, Key: []byte("ada"), Topic: "reminders"})
	put("b", &timerv1.State{Rev: 1, DueMs: 5e12, Key: []byte("ada")})
	put("b", &timerv1.State{Rev: 1, DoneMs: 6e12})
	put("c", &timerv1.State{Rev: 1, DueMs: 4e12, Key: []byte("ada")})
	put("c", nil)
	put("d", &timerv1.State{Rev: 1, DueMs: 4e12, Key: []byte("bob")})
	ask := func(key string) (ids []string) {
		var out strings.Builder
		err := run(t.Context(), []string{"waits", key}, func(name string) (string, bool) {
			return strings.Join(cluster.ListenAddrs(), ","), name == "KAFKA_BROKERS"
		}, &out)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			ids = append(ids, strings.Fields(line)[0]+":"+strings.Fields(line)[2])
		}
		return ids[1:]
	}
	for key, want := range map[string]string{"ada": "a:pending b:fired", "d": "d:pending", "bob": "d:pending", "eve": ""} {
		if got := strings.Join(ask(key), " "); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

func TestHelpNeedsNoBroker(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run(t.Context(), []string{"--help"}, func(string) (string, bool) { return "", false }, &out)
	if err != nil || !strings.Contains(out.String(), "SCHEDULER_URL") || !strings.Contains(out.String(), "KAFKA_BROKERS") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
