package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/tickler-app/tickler/pkg/env"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// stage is a broker with the house's topics, somebody who signs tokens, and the service.
type stage struct {
	*testing.T
	brokers []string
	client  *kgo.Client
	tokens  *testkit.TokenIssuer
	url     string
	stop    func()
}

func setUp(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, brokers: testkit.Broker(t).ListenAddrs(), tokens: testkit.Tokens(t)}
	var err error
	if s.client, err = kgo.NewClient(kgo.SeedBrokers(s.brokers...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.Close)
	return s
}

// topics makes the topics as the catalog says.
func topics(t testing.TB, client *kgo.Client) {
	t.Helper()
	want := kafka.Want(events.Needs("realtime"))
	for i := range want {
		want[i].Partitions = events.DevelopmentPartitions
	}
	if _, err := kafka.ApplyTopics(t.Context(), client, want); err != nil {
		t.Fatal(err)
	}
}

// serve starts the service with its real wiring.
func (s *stage) serve() {
	s.Helper()
	var cfg settings
	values := map[string]string{
		"ADDR": "127.0.0.1:0", "PUBLIC_URL": "https://tickler.test", "KAFKA_BROKERS": strings.Join(s.brokers, ","),
		"AUTH_ISSUER": s.tokens.Issuer, "AUTH_AUDIENCE": s.tokens.Audience, "AUTH_JWKS_URL": s.tokens.JWKSURL,
	}
	if err := env.Load(&cfg, func(name string) (string, bool) { v, ok := values[name]; return v, ok }); err != nil {
		s.Fatal(err)
	}
	ln, err := httpd.Listen(cfg.Addr)
	if err != nil {
		s.Fatal(err)
	}
	s.url = "http://" + ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	h, err := cfg.build(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		s.Fatal(err)
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		defer h.close()
		if err := run.Together(ctx, append(h.parts, httpd.Serve(ln, h.router))...); err != nil {
			s.Error(err)
		}
	})
	s.stop = func() { cancel(); wait.Wait() }
	s.Cleanup(s.stop)
}

func (s *stage) tell(ev events.Event) {
	s.Helper()
	rec, err := events.Encode(ev, "/tickler/api", "")
	if err != nil {
		s.Fatal(err)
	}
	record := &kgo.Record{Topic: rec.Topics[len(rec.Topics)-1], Key: []byte(rec.Key), Value: rec.Value}
	if _, notice := ev.(*noticev1.NoticeCreated); notice {
		record.Topic = events.TaskUpdates // where api passes it on
	}
	for _, h := range rec.Headers {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	if err := s.client.ProduceSync(s.Context(), record).FirstErr(); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) change(person string, seqs ...int64) {
	s.Helper()
	for _, seq := range seqs {
		id := fmt.Sprintf("%s-%d", person, seq)
		s.tell(&noticev1.NoticeCreated{EventId: id, UserId: person, Seq: seq, Time: timestamppb.Now(),
			Notice: &noticev1.Notice{Id: id, Kind: "reminder", Title: "milk", CreatedAt: timestamppb.Now()}})
	}
}

// ready waits until the service says it is, and returns what it said before that.
func (s *stage) ready() (said []string) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(s.url + "/readyz")
		if err != nil {
			s.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return slices.Compact(said)
		}
		if said = append(said, string(body)); time.Now().After(deadline) {
			s.Fatalf("not ready: %s", body)
		}
	}
}

func (s *stage) connect(person, cursor string) *websocket.Conn {
	s.Helper()
	query := ""
	if cursor != "" {
		query = "?cursor=" + cursor
	}
	socket, _, err := websocket.Dial(s.Context(), s.url+"/ws"+query, &websocket.DialOptions{
		Subprotocols: []string{"tickler.v1", "bearer." + s.tokens.Mint(person, nil)}, HTTPHeader: http.Header{"Origin": {"https://tickler.test"}}})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { socket.CloseNow() })
	return socket
}

// hears fails unless frames "type cursor" come next; "closed n" is a close with a code.
func (s *stage) hears(socket *websocket.Conn, want ...string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	for _, one := range want {
		_, data, err := socket.Read(ctx)
		var frame struct{ Type, Cursor string }
		got := fmt.Sprint("closed ", int(websocket.CloseStatus(err)))
		if err == nil {
			if err := json.Unmarshal(data, &frame); err != nil {
				s.Fatal(err)
			}
			got = frame.Type + " " + frame.Cursor
		}
		if got != one {
			s.Fatalf("heard %s, want %s (%v)", got, one, err)
		}
	}
}

func TestAPagesStory(t *testing.T) {
	t.Parallel()
	s := setUp(t)
	s.serve()
	res, err := http.Get(s.url + "/readyz")
	if err != nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("without topics it is ready: %v", err)
	}
	topics(t, s.client)
	said := s.ready()
	if all := strings.Join(said, " "); !strings.Contains(all, "topics apply") {
		t.Errorf("before it was ready it said %s", all)
	}

	page, tab := s.connect("ada", ""), s.connect("ada", "")
	s.hears(page, "hello 0")
	s.hears(tab, "hello 0")
	s.change("ada", 1, 2)
	s.change("bob", 1)
	s.hears(page, "notice.created 1", "notice.created 2")
	s.hears(tab, "notice.created 1", "notice.created 2")

	// The service goes, more happens, another instance comes: the page misses nothing.
	gone := make(chan struct{})
	go func() { defer close(gone); s.hears(page, "closed 1001"); s.hears(tab, "closed 1001") }()
	s.stop()
	<-gone
	s.change("ada", 3)
	s.serve()
	s.ready()
	page = s.connect("ada", "2")
	s.hears(page, "hello 2", "notice.created 3")
	s.hears(s.connect("carl", "7"), "hello 7", "resync 7")

	// What cannot be read is for sync to tell.
	if err := s.client.ProduceSync(t.Context(), &kgo.Record{Topic: events.TaskUpdates, Key: []byte("ada"), Value: []byte("?"),
		Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte("task.imagined")}}}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s.hears(page, "resync 3")
	s.change("ada", 5)
	s.hears(page, "notice.created 5")

	s.tell(&sessionv1.SessionRevoked{EventId: "e", UserId: "ada", Time: timestamppb.Now(), SessionId: "session-of-ada", Reason: "sign_out"})
	s.hears(page, "closed 4401")
	_, answer, err := websocket.Dial(t.Context(), s.url+"/ws?token="+s.tokens.Mint("ada", nil), nil)
	if err == nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("the token of a session that has ended opens the feed: %v", err)
	}
	bob := s.connect("bob", "1")
	s.hears(bob, "hello 1")
	s.tell(&userv1.UserDeleted{EventId: "e", UserId: "bob", Time: timestamppb.Now()})
	s.hears(bob, "closed 4401")

	res, err = http.Get(s.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	for _, want := range []string{`tickler_ws_connections `, `tickler_ws_disconnects_total{code="4401"} 2`, `tickler_ws_resyncs_total 2`, `tickler_ws_messages_sent_total`, `tickler_ws_e2e_latency_seconds`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}
