package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// world is all that the service stands in: it outlives the service.
type world struct {
	*testing.T
	cfg    settings
	tokens *testkit.TokenIssuer
	client *kgo.Client // sends, and reads what the service tells
	work   *sqlx.DB
}

func around(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{T: t, tokens: testkit.Tokens(t)}
	w.cfg = settings{
		Public:   "https://todo.example",
		Database: testkit.Service(t, "notification", outbox.Migrations, store.Migrations()),
		Kafka:    kafka.Settings{Brokers: testkit.Broker(t).ListenAddrs(), Replication: 1},
		Auth:     auth.Settings{Issuer: w.tokens.Issuer, Audience: w.tokens.Audience, JWKSURL: w.tokens.JWKSURL},

		SecretKey: base64.StdEncoding.EncodeToString(make([]byte, 32)), SMTPFrom: "Tickler <tickler@todo.example>",
		GridBase: "https://api.sendgrid.com", TwilioBase: "https://api.twilio.com",
	}
	var err error
	w.client, err = kgo.NewClient(append(w.cfg.Kafka.Opts(slog.New(slog.DiscardHandler), nil), kgo.ConsumeTopics(events.NotificationEvents, events.TimerCommands),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	w.must(err)
	t.Cleanup(w.client.Close)
	topics := kafka.Want(events.Needs("notification"))
	for i := range topics {
		topics[i].Partitions, topics[i].Replication = 2, 1
	}
	_, err = kafka.ApplyTopics(t.Context(), w.client, topics)
	w.must(err)
	w.work, err = postgres.Open(w.cfg.Database.WorkURL)
	w.must(err)
	t.Cleanup(func() { w.work.Close() })
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// start runs the service until stop is called, and returns where it answers.
func (w *world) start() (url string, stop func()) {
	w.Helper()
	log := slog.New(slog.DiscardHandler)
	cfg := w.cfg
	h, err := cfg.build(w.Context(), log)
	w.must(err)
	server := httptest.NewServer(h.router)
	ctx, cancel := context.WithCancel(w.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := run.Together(ctx, h.parts...); err != nil {
			w.Errorf("the service ended: %v", err)
		}
	})
	stop = sync.OnceFunc(func() { server.Close(); cancel(); wait.Wait(); h.close() })
	w.Cleanup(stop)
	return server.URL, stop
}

func (w *world) send(recs ...events.Record) {
	w.Helper()
	for _, rec := range recs {
		out := &kgo.Record{Topic: rec.Topics[0], Key: []byte(rec.Key), Value: rec.Value}
		for _, h := range rec.Headers {
			out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
		}
		w.must(w.client.ProduceSync(w.Context(), out).FirstErr())
	}
}

func (w *world) event(ev events.Event) {
	w.Helper()
	rec, err := events.Encode(ev, "/tickler/test", "")
	w.must(err)
	w.send(rec)
}

// fired is the record of a timer, as the scheduler delivers it.
func (w *world) fired(timer events.Timer, payload proto.Message) events.Record {
	w.Helper()
	s, err := timer.Schedule(payload)
	w.must(err)
	value, err := proto.Marshal(&timerv1.Due{TimerId: s.GetTimerId(), Rev: s.GetRev(), DueMs: s.GetDueMs(), FiredMs: time.Now().UnixMilli(), Payload: s.GetPayload()})
	w.must(err)
	rec := events.Record{Topics: []string{s.GetTopic()}, Key: string(s.GetKey()), Value: value}
	for _, h := range s.GetHeaders() {
		rec.Headers = append(rec.Headers, events.Header{Key: h.GetKey(), Value: string(h.GetValue())})
	}
	return rec
}

// told returns the next record that the service wrote.
func (w *world) told() *kgo.Record {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 40*time.Second)
	defer cancel()
	for { // a poll may end with the markers of a transaction alone
		fetches := w.client.PollRecords(ctx, 1)
		w.must(fetches.Err())
		if recs := fetches.Records(); len(recs) > 0 {
			return recs[0]
		}
	}
}

func (w *world) toldEvent() events.Event {
	w.Helper()
	rec := w.told()
	ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
	w.must(err)
	return ev
}

// until waits for a query to be true.
func (w *world) until(query string) {
	w.Helper()
	for ctx := w.Context(); ; {
		var yes bool
		w.must(w.work.GetContext(ctx, &yes, query))
		if yes {
			return
		}
		select {
		case <-ctx.Done():
			w.Fatalf("never: %s", query)
		case <-time.After(20 * time.Millisecond): // the database tells nobody
		}
	}
}

// call asks as ada.
func (w *world) call(method, url, body string, answer any) int {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, url, strings.NewReader(body))
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+w.tokens.Mint("ada", nil))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	w.must(err)
	if answer != nil {
		if err := json.Unmarshal(content, answer); err != nil {
			w.Fatalf("%s: %v: %s", url, err, content)
		}
	}
	return res.StatusCode
}

// reserve returns an address of loopback that nobody listens on.
func reserve(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// dead waits until so many records of a topic are dead letters.
func (w *world) dead(topic string, n int64) {
	w.Helper()
	letters := events.DeadLetterTopic(topic, "notification")
	for ctx := w.Context(); ; {
		ends, err := kadm.NewClient(w.client).ListCommittedOffsets(ctx, letters)
		w.must(err)
		var found int64
		ends.Each(func(o kadm.ListedOffset) { found += o.Offset })
		if found == n {
			return
		}
		select {
		case <-ctx.Done():
			w.Fatalf("%d dead letters of %s, want %d", found, topic, n)
		case <-time.After(20 * time.Millisecond): // the broker tells nobody
		}
	}
}
