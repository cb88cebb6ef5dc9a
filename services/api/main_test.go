package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/api/internal/store"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// service is the wired service with a broker, a database and somebody who signs tokens.
type service struct {
	*testing.T
	url    string
	tokens *testkit.TokenIssuer
	client *kgo.Client // reads the feed's topic, and sends
}

func start(t *testing.T) *service {
	t.Helper()
	t.Parallel()
	s := &service{T: t, tokens: testkit.Tokens(t)}
	cfg := settings{
		Database: testkit.Service(t, "api", outbox.Migrations, store.Migrations()),
		Kafka:    kafka.Settings{Brokers: testkit.Broker(t).ListenAddrs(), Replication: 1},
		Auth:     auth.Settings{Issuer: s.tokens.Issuer, Audience: s.tokens.Audience, JWKSURL: s.tokens.JWKSURL},
	}
	log := slog.New(slog.DiscardHandler)
	s.client = client(t, cfg.Kafka.Opts(log, nil), kgo.ConsumeTopics(events.TaskUpdates),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	topics := kafka.Want(events.Needs("api"))
	for i := range topics {
		topics[i].Partitions, topics[i].Replication = 2, 1
	}
	if _, err := kafka.ApplyTopics(t.Context(), s.client, topics); err != nil {
		t.Fatal(err)
	}
	h, err := cfg.build(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.router)
	s.url = server.URL
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := run.Together(ctx, h.parts...); err != nil {
			t.Errorf("the service ended: %v", err)
		}
	})
	t.Cleanup(func() { server.Close(); cancel(); wait.Wait(); h.close() })
	return s
}

func client(t *testing.T, opts []kgo.Opt, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(opts, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (s *service) call(method, path, body string, token string) (status int, answer map[string]any) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+"/api/ada/"+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	if len(content) > 0 && json.Unmarshal(content, &answer) != nil {
		s.Fatalf("%s %s: %s", method, path, content)
	}
	return res.StatusCode, answer
}

// fed returns the next change on the feed's topic.
func (s *service) fed() events.TaskEvent {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	var rec *kgo.Record
	for rec == nil { // a poll may bring the end of a transaction alone
		fetches := s.client.PollRecords(ctx, 1)
		if err := fetches.Err(); err != nil {
			s.Fatal(err)
		}
		if recs := fetches.Records(); len(recs) > 0 {
			rec = recs[0]
		}
	}
	ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
	if err != nil {
		s.Fatal(err)
	}
	return ev.(events.TaskEvent)
}

func (s *service) send(rec events.Record) {
	s.Helper()
	out := &kgo.Record{Topic: rec.Topics[0], Key: []byte(rec.Key), Value: rec.Value}
	for _, h := range rec.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	if err := s.client.ProduceSync(s.Context(), out).FirstErr(); err != nil {
		s.Fatal(err)
	}
}

// A task that recurs is made in the person's zone, which they then leave; it follows them,
// is completed, and its next is made when recurring asks for it, in that order on the feed.
func TestARecurringTaskIsToldFromItsMakingToItsNext(t *testing.T) {
	s := start(t)
	token := s.tokens.Mint("ada", map[string]any{"time_zone": "Europe/Berlin"})
	status, made := s.call("POST", "tasks", `{"title":"water","due_date":"2026-12-31T09:00","recurrence_rule":"every day","reminders":["1 hour before"]}`, token)
	if status != 201 {
		t.Fatalf("%d %v", status, made)
	}
	id := made["id"].(string)
	if ev := s.fed(); events.Type(ev) != events.TaskCreated || ev.GetTask().GetId() != id || ev.GetSeq() != 1 {
		t.Errorf("made: %v", ev)
	}
	moved, err := events.Encode(&userv1.UserUpdated{
		EventId: uuid.NewString(), UserId: "ada", Time: timestamppb.Now(), Version: 2, User: &userv1.User{TimeZone: "Asia/Tokyo"},
	}, "/tickler/identity", "")
	if err != nil {
		t.Fatal(err)
	}
	s.send(moved)
	if ev := s.fed(); ev.GetTask().GetDueDate() != "2026-12-31T09:00:00+09:00" || ev.GetActor().GetType() != "system" {
		t.Errorf("moved: %v", ev)
	}
	if status, done := s.call("POST", "tasks/"+id+"/complete", "", token); status != 200 {
		t.Fatalf("%d %v", status, done)
	}
	done := s.fed()
	if events.Type(done) != events.TaskCompleted || done.GetBefore().GetCompleted() {
		t.Errorf("done: %v", done)
	}
	command, err := events.EncodeCommand(&taskv1.CreateOccurrence{
		CommandId: uuid.NewString(), UserId: "ada", TaskId: id, Time: timestamppb.Now(), SeriesId: done.GetTask().GetSeriesId(),
		AfterDate: "2026-12-31T09:00", Cause: done.GetEventId(),
	}, "/tickler/recurring", "")
	if err != nil {
		t.Fatal(err)
	}
	s.send(command)
	s.send(command)
	if ev := s.fed(); events.Type(ev) != events.TaskCreated || ev.GetSource() != "recurring" || ev.GetTask().GetDueDate() != "2027-01-01T09:00:00+09:00" || ev.GetSeq() != 4 {
		t.Errorf("next: %v", ev)
	}
	if status, list := s.call("GET", "tasks?status=pending", "", token); status != 200 || list["total"] != 1.0 {
		t.Errorf("%d %v", status, list)
	}
}

func TestOnlyThePathsOwnPersonPasses(t *testing.T) {
	s := start(t)
	for name, token := range map[string]string{
		"none": "", "garbage": "x.y.z", "bob's": s.tokens.Mint("bob", nil),
		"expired": s.tokens.Mint("ada", map[string]any{"exp": time.Now().Add(-time.Minute)}), "another audience": s.tokens.Mint("ada", map[string]any{"aud": "elsewhere"}),
	} {
		if status, problem := s.call("GET", "tasks", "", token); status != 401 || problem["code"] != "unauthorized" {
			t.Errorf("%s: %d %v", name, status, problem)
		}
	}
	if status, _ := s.call("GET", "tasks", "", s.tokens.Mint("ada", nil)); status != 200 {
		t.Errorf("her own: %d", status)
	}
}
