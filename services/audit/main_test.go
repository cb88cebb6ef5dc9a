package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// The whole service, wired as it runs: what api tells on Kafka, its person reads over HTTP.
func TestACompletedTaskIsOnTheTrail(t *testing.T) {
	t.Parallel()
	tokens, log := testkit.Tokens(t), slog.New(slog.DiscardHandler)
	brokers := testkit.Broker(t).ListenAddrs()
	ways := testkit.Provision(t, testkit.Database(t), "audit")
	environment := map[string]string{
		"DATABASE_URL": ways.URL, "WORK_DATABASE_URL": ways.WorkURL, "MIGRATE_DATABASE_URL": ways.MigrateURL,
		"KAFKA_BROKERS": strings.Join(brokers, ","), "AUTH_ISSUER": tokens.Issuer, "AUTH_AUDIENCE": tokens.Audience, "AUTH_JWKS_URL": tokens.JWKSURL,
	}
	var cfg settings
	if err := env.Load(&cfg, func(name string) (string, bool) { value, ok := environment[name]; return value, ok }); err != nil {
		t.Fatal(err)
	}
	if err := cfg.migrate(t.Context(), log, nil); err != nil {
		t.Fatal(err)
	}
	s := start(t, &cfg, log)

	s.answers("/readyz", "503 topics") // which are made by an explicit step
	kafkaClient, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer kafkaClient.Close()
	want := kafka.Want(events.Needs("audit"))
	for i := range want {
		want[i].Partitions = testkit.Partitions
	}
	if _, err := kafka.ApplyTopics(t.Context(), kafkaClient, want); err != nil {
		t.Fatal(err)
	}
	s.answers("/readyz", `200 "ready"`)

	s.token = tokens.Mint("ada", nil)
	id, task := uuid.Must(uuid.NewV7()).String(), &taskv1.Task{Id: uuid.Must(uuid.NewV7()).String(), UserId: "ada", Title: "Pay rent", Version: 2}
	ev, err := events.New(events.TaskCompleted, events.Change{
		EventID: id, Time: time.Now(), ActorType: "user", Source: "web", Task: task, Before: task, Changed: []string{"completed"},
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := events.Encode(ev, "/tickler/api", "")
	if err != nil {
		t.Fatal(err)
	}
	rec := &kgo.Record{Topic: events.TaskEvents, Key: []byte(made.Key), Value: made.Value}
	for _, h := range made.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	if err := kafkaClient.ProduceSync(t.Context(), rec).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s.answers("/api/ada/audit-logs?task_id="+task.Id, `200 "event_id":"`+id+`","event_type":"task.completed"`)
	s.answers("/api/bob/audit-logs", "401 unauthorized")
	s.answers("/metrics", `200 tickler_consumer_records_total{group="audit",result="applied",topic="task-events"} 1`)
	s.answers("/openapi.json", "200 listAuditLogs")
}

// service is one that runs until the test ends.
type service struct {
	*testing.T
	url, token string
}

func start(t *testing.T, cfg *settings, log *slog.Logger) *service {
	t.Helper()
	h, err := cfg.build(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.router)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run.Together(ctx, h.parts...) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		server.Close()
		h.close()
	})
	return &service{T: t, url: server.URL}
}

// answers waits until a path answers with a status and this in its body.
func (s *service) answers(path, want string) {
	s.Helper()
	status, body, _ := strings.Cut(want, " ")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); ; {
		req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			s.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			s.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		if res.Body.Close(); err != nil {
			s.Fatal(err)
		}
		if strings.HasPrefix(res.Status, status) && strings.Contains(string(got), body) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			s.Fatalf("%s: %s %s, want %s", path, res.Status, got, want)
		}
	}
}
