package main

import (
	"context"
	"encoding/json"
	"fmt"
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
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/chat/test/town"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// service is the whole one, wired as it runs, until the test ends.
type service struct {
	*testing.T
	url    string
	town   *town.Town
	tokens *testkit.TokenIssuer
	kafka  *kgo.Client
}

func start(t *testing.T, more map[string]string) *service {
	t.Helper()
	s := &service{T: t, town: town.New(t), tokens: testkit.Tokens(t)}
	brokers := testkit.Broker(t).ListenAddrs()
	ways := testkit.Provision(t, testkit.Database(t), "chat")
	environment := map[string]string{
		"DATABASE_URL": ways.URL, "WORK_DATABASE_URL": ways.WorkURL, "MIGRATE_DATABASE_URL": ways.MigrateURL,
		"KAFKA_BROKERS": strings.Join(brokers, ","), "AUTH_ISSUER": s.tokens.Issuer, "AUTH_AUDIENCE": s.tokens.Audience, "AUTH_JWKS_URL": s.tokens.JWKSURL,
		"MCP_URL": s.town.MCP, "IDENTITY_URL": s.town.Identity, "AUTH_CLIENT_SECRET": "chat-secret-chat-secret",
	}
	for name, value := range more {
		environment[name] = value
	}
	var cfg settings
	s.must(env.Load(&cfg, func(name string) (string, bool) { value, ok := environment[name]; return value, ok }))
	log := slog.New(slog.DiscardHandler)
	s.must(cfg.migrate(t.Context(), log, nil))
	h, err := cfg.build(t.Context(), log)
	s.must(err)
	server := httptest.NewServer(h.router)
	s.url = server.URL
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run.Together(ctx, h.parts...) }()
	s.kafka, err = kgo.NewClient(kgo.SeedBrokers(brokers...))
	s.must(err)
	want := kafka.Want(events.Needs("chat"))
	for i := range want {
		want[i].Partitions = testkit.Partitions
	}
	_, err = kafka.ApplyTopics(t.Context(), s.kafka, want)
	s.must(err)
	t.Cleanup(func() {
		s.kafka.Close()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
		server.Close()
		h.close()
	})
	return s
}

func (s *service) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// ask sends a request as a person and returns the status and the body.
func (s *service) ask(user, method, path, body string) (int, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	s.must(err)
	req.Header.Set("Authorization", "Bearer "+s.tokens.Mint(user, nil))
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	s.must(err)
	return res.StatusCode, string(text)
}

func (s *service) say(user, in, message string) (conversation, response string) {
	s.Helper()
	said, err := json.Marshal(map[string]any{"message": message, "conversation_id": map[bool]any{true: nil, false: in}[in == ""]})
	s.must(err)
	status, text := s.ask(user, "POST", "/api/"+user+"/chat", string(said))
	var answer struct {
		ID       string `json:"conversation_id"`
		Response string `json:"response"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != 200 {
		s.Fatalf("%q: %d %s", message, status, text)
	}
	return answer.ID, answer.Response
}

func (s *service) tell(ceType string, ev proto.Message) {
	s.Helper()
	value, err := proto.Marshal(ev)
	s.must(err)
	rec := &kgo.Record{Topic: events.UserEvents, Key: []byte("ada"), Value: value, Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte(ceType)}}}
	s.must(s.kafka.ProduceSync(s.Context(), rec).FirstErr())
}

// eventually waits until a path answers with a status and this in its body.
func (s *service) eventually(user, path string, status int, body string) {
	s.Helper()
	end := time.After(30 * time.Second)
	for {
		got, text := s.ask(user, "GET", path, "")
		if got == status && strings.Contains(text, body) {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-end:
			s.Fatalf("%s: %d %s, want %d %s", path, got, text, status, body)
		}
	}
}

// With the planner of rules: a task is made, found again, and deleted after a yes; then the person goes.
func TestAPersonTalksToTheirTasks(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.eventually("ada", "/readyz", 200, "ready")
	s.eventually("ada", "/openapi.json", 200, "listConversations")
	in, said := s.say("ada", "", "Create a task: Buy groceries")
	if tasks := s.town.Tasks("ada"); len(tasks) != 1 || tasks[0].Title != "Buy groceries" || !strings.Contains(said, "Buy groceries") {
		t.Errorf("%s; %+v", said, tasks)
	}
	s.town.Put("ada", "Swim", "")
	if _, said := s.say("ada", in, "list my tasks"); !strings.Contains(said, "Swim") || !strings.Contains(said, "Buy groceries") {
		t.Errorf("%s", said)
	}
	if _, said := s.say("ada", in, "delete 'Swim' and 'Buy groceries'"); !strings.Contains(said, "?") || s.town.Tasks("ada")[0].DeletedAt != nil {
		t.Errorf("%s; %+v", said, s.town.Tasks("ada"))
	}
	_, said = s.say("ada", in, "yes")
	for _, task := range s.town.Tasks("ada") {
		if task.DeletedAt == nil {
			t.Errorf("%s; %+v is still there", said, task)
		}
	}
	s.eventually("ada", "/api/ada/conversations/"+in, 200, `"title":"Create a task: Buy groceries"`)
	s.tell(events.UserDeleted, &userv1.UserDeleted{EventId: uuid.Must(uuid.NewV7()).String(), UserId: "ada", Time: timestamppb.Now(), Version: 2})
	s.eventually("ada", "/api/ada/conversations/"+in, 404, "")
	s.eventually("ada", "/metrics", 200, `tickler_chat_turn_seconds_count{status="done"} 4`)
}

// Turns share the line to the tools, but for whom they call, and under which request.
func TestTurnsSideBySideReachTheirOwnPersonAlone(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	var wait sync.WaitGroup
	for i := range 20 {
		for _, user := range []string{"ada", "bob"} {
			wait.Go(func() { s.say(user, "", fmt.Sprintf("Create a task: errand %d of %s", i, user)) })
		}
	}
	wait.Wait()
	turns := map[string]string{} // who had each request
	for _, c := range s.town.Calls() {
		if had := turns[c.Request]; c.Request == "" || had != "" && had != c.UserID {
			t.Errorf("%+v under a request of %s", c, had)
		}
		turns[c.Request] = c.UserID
	}
	for _, user := range []string{"ada", "bob"} {
		tasks := s.town.Tasks(user)
		for _, task := range tasks {
			if !strings.HasSuffix(task.Title, " of "+user) {
				t.Errorf("%s has %q", user, task.Title)
			}
		}
		if len(tasks) != 20 {
			t.Errorf("%s has %d tasks", user, len(tasks))
		}
	}
	if len(turns) != 40 {
		t.Errorf("%d requests", len(turns))
	}
}
