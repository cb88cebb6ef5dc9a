package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/testkit"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

type bench struct {
	testing.TB
	door   *Door
	feed   *feed.Feed
	tokens *testkit.TokenIssuer
	url    string
	trace  string // of what is said next
	stop   func() // ends the door as SIGTERM would, and waits
}

func setup(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, tokens: testkit.Tokens(t), feed: &feed.Feed{Window: time.Hour, Bytes: 8 << 30, Now: time.Now}}
	log := slog.New(slog.DiscardHandler)
	b.door = New(Config{Feed: b.feed, Log: log, Metrics: prometheus.NewRegistry(), Origins: []string{"https://tickler.test"},
		Tokens: auth.New(auth.Settings{Issuer: b.tokens.Issuer, Audience: b.tokens.Audience, JWKSURL: b.tokens.JWKSURL}, log, nil)})
	server := httptest.NewServer(b.door)
	t.Cleanup(server.Close)
	b.url = server.URL
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := b.door.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	b.stop = func() { cancel(); wait.Wait() }
	t.Cleanup(b.stop)
	return b
}

func (b *bench) say(person string, seq int64) { b.tell(person, seq, "hello") }

func (b *bench) tell(person string, seq int64, title string) {
	ev := &noticev1.NoticeCreated{EventId: fmt.Sprint(person, seq), UserId: person, Seq: seq, Time: timestamppb.Now(), Notice: &noticev1.Notice{Id: "n", Title: title}}
	raw, err := proto.Marshal(ev)
	if err != nil {
		b.Fatal(err)
	}
	b.feed.Publish(ev, raw, b.trace)
}

type client struct {
	*bench
	*websocket.Conn
	answer *http.Response
}

func (b *bench) dial(token, query string, header http.Header) (*client, error) {
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	protocols := []string{protocol}
	if token != "" {
		protocols = append(protocols, bearerPrefix+token)
	}
	socket, answer, err := websocket.Dial(ctx, b.url+"/ws?"+query, &websocket.DialOptions{Subprotocols: protocols, HTTPHeader: header})
	if err != nil {
		return &client{bench: b, answer: answer}, err
	}
	b.Cleanup(func() { socket.CloseNow() })
	return &client{b, socket, answer}, nil
}

func (b *bench) connect(person, query string) *client {
	b.Helper()
	c, err := b.dial(b.tokens.Mint(person, nil), query, nil)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func (c *client) next() (map[string]any, error) {
	ctx, cancel := context.WithTimeout(c.Context(), 10*time.Second)
	defer cancel()
	_, data, err := c.Read(ctx)
	if err != nil {
		return nil, err
	}
	var frame map[string]any
	return frame, json.Unmarshal(data, &frame)
}

func (c *client) hears(want ...string) {
	c.Helper()
	for _, one := range want {
		frame, err := c.next()
		if err != nil {
			c.Fatalf("want %s: %v", one, err)
		}
		if got := strings.TrimSpace(fmt.Sprint(frame["type"], " ", orEmpty(frame["cursor"]))); got != one {
			c.Fatalf("heard %s, want %s", got, one)
		}
	}
}

func orEmpty(v any) any {
	if v == nil {
		return ""
	}
	return v
}

func (c *client) says(format string, args ...any) {
	c.Helper()
	if err := c.Write(c.Context(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		c.Fatal(err)
	}
}

func (c *client) ends(code websocket.StatusCode) {
	c.Helper()
	for {
		_, err := c.next()
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); got != code {
			c.Errorf("closed with %d, want %d (%v)", got, code, err)
		}
		return
	}
}

func (b *bench) until(what string, is func() bool) {
	b.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("still not: %s", what)
		}
	}
}
