package ws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/testkit"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"nhooyr.io/websocket"
)

// bench is a door on a server, and who signs tokens for it.
type bench struct {
	testing.TB
	door   *Door
	feed   *feed.Feed
	tokens *testkit.TokenIssuer
	url    string
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
	b.feed.Publish(ev, raw)
}

// client is a socket with what it hears as "type cursor".
type client struct {
	*bench
	*websocket.Conn
	answer *http.Response
}

// dial connects; query is cursor=… or what else there may be.
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

// hears fails unless these frames come next.
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

// ends fails unless the socket is closed with a code next, whatever frames come before.
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

func TestAPageHearsWhatChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	expires := time.Now().Add(5 * time.Minute).Truncate(time.Second)
	c, err := b.dial(b.tokens.Mint("ada", map[string]any{"exp": expires}), "", http.Header{"Origin": {"https://tickler.test"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Subprotocol() != protocol || c.answer.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Errorf("protocol %q, extensions %q", c.Subprotocol(), c.answer.Header.Get("Sec-WebSocket-Extensions"))
	}
	hello, err := c.next()
	if err != nil || fmt.Sprint(hello) != fmt.Sprintf("map[cursor:0 expires_at:%s type:hello user_id:ada]", expires.UTC().Format(time.RFC3339)) {
		t.Errorf("hello is %v, %v", hello, err)
	}
	b.say("ada", 1)
	c.hears("notice.created 1")
	b.say("bob", 1)
	b.say("ada", 2)
	c.hears("notice.created 2")
	c.says(`{"type":"ping"}`)
	c.hears("pong")
	c.says(`{"type":"of a later version"}`)
	c.says(`no JSON`)
	b.say("ada", 3)
	c.hears("notice.created 3")

	back := b.connect("ada", "cursor=1")
	back.hears("hello 1", "notice.created 2", "notice.created 3")
	lost := b.connect("bob", "cursor=9x")
	lost.hears("hello 0", "notice.created 1")
	b.say("ada", 5)
	back.hears("resync 5")
	if n := testutil.ToFloat64(b.door.metrics.resyncs); n != 1 && n != 2 { // c's may be on its way
		t.Errorf("%v resyncs are counted", n)
	}
}

func TestWhoMayNotComeInIsToldBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.tokens.Mint("ada", nil)
	b.feed.EndSession("ada", "over")
	for name, test := range map[string]struct {
		token  string
		query  string
		header http.Header
		status int
		code   string
	}{
		"no token":             {"", "", nil, 401, "unauthorized"},
		"a bad one":            {"x.y.z", "", nil, 401, "unauthorized"},
		"one that has expired": {b.tokens.Mint("ada", map[string]any{"exp": time.Now().Add(-time.Minute)}), "", nil, 401, "unauthorized"},
		"one for another":      {b.tokens.Mint("ada", map[string]any{"aud": "http://else"}), "", nil, 401, "unauthorized"},
		"a session that ended": {b.tokens.Mint("ada", map[string]any{"sid": "over"}), "", nil, 401, "unauthorized"},
		"without the scope":    {b.tokens.Mint("ada", map[string]any{"scope": "audit:read"}), "", nil, 403, "forbidden"},
		"another page":         {good, "", http.Header{"Origin": {"https://evil.test"}}, 403, "forbidden"},
		"a bad one in a query": {"", "token=x.y.z", nil, 401, "unauthorized"},
		"with the scope":       {b.tokens.Mint("ada", map[string]any{"scope": "tasks:read"}), "", nil, 101, ""},
		"a query":              {"", "token=" + good, nil, 101, ""},
		"a header":             {"", "", http.Header{"Authorization": {"Bearer " + good}}, 101, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := b.dial(test.token, test.query, test.header)
			if c.answer == nil || c.answer.StatusCode != test.status {
				t.Fatalf("answered %v", c.answer)
			}
			if test.status == 101 {
				return
			}
			var problem struct {
				Code string
				Type string
			}
			body, _ := io.ReadAll(c.answer.Body)
			if err := json.Unmarshal(body, &problem); err != nil || problem.Code != test.code || c.answer.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("the problem is %s, %v", body, err)
			}
		})
	}
	t.Run("not a WebSocket", func(t *testing.T) {
		t.Parallel()
		res, err := http.Get(b.url + "/ws?token=" + url.QueryEscape(good))
		if err != nil || res.StatusCode != 400 {
			t.Errorf("%v, %v", res, err)
		}
	})
}

func TestASocketEndsWithItsToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	soon := b.tokens.Mint("ada", map[string]any{"exp": time.Now().Add(2 * time.Second)})
	short, err := b.dial(soon, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	prolonged, err := b.dial(soon, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	prolonged.hears("hello 0")
	prolonged.says(`{"type":"auth","token":%q}`, b.tokens.Mint("ada", map[string]any{"sid": "next"}))
	short.ends(codeOver)
	b.say("ada", 1)
	prolonged.hears("notice.created 1")
	b.feed.EndSession("ada", "session-of-ada") // whose token it does not have any more
	b.say("ada", 2)
	prolonged.hears("notice.created 2")
	b.feed.EndSession("ada", "next")
	prolonged.ends(codeOver)
}

func TestASocketEndsWithItsSessionOrPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, other, bob := b.connect("ada", ""), b.connect("ada", ""), b.connect("bob", "")
	for _, c := range []*client{one, other, bob} {
		c.hears("hello 0")
	}
	b.feed.EndSession("ada", "session-of-ada")
	one.ends(codeOver)
	other.ends(codeOver)
	b.feed.EndPerson("bob")
	bob.ends(codeOver)
	b.until("they are forgotten", func() bool { return testutil.ToFloat64(b.door.metrics.open) == 0 })
	if n := testutil.ToFloat64(b.door.metrics.disconnects.WithLabelValues("4401")); n != 3 {
		t.Errorf("%v ends are counted", n)
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

func TestATokenOfAnotherPersonProlongsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, token := range []string{b.tokens.Mint("bob", nil), "rubbish", b.tokens.Mint("ada", map[string]any{"scope": ""})} {
		c := b.connect("ada", "")
		c.says(`{"type":"auth","token":%q}`, token)
		c.ends(codeOver)
	}
}

func TestOnePersonHasTenSockets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all []*client
	for range 10 {
		c := b.connect("ada", "")
		c.hears("hello 0")
		all = append(all, c)
	}
	b.connect("ada", "").ends(codeCrowded)
	all[0].Close(websocket.StatusNormalClosure, "")
	b.until("there is room", func() bool { return testutil.ToFloat64(b.door.metrics.open) == 9 })
	b.connect("ada", "").hears("hello 0")
}

func TestAClientMayNotSayMuch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.connect("ada", "")
	c.says(`{"type":"ping","pad":"%s"}`, strings.Repeat("x", maxWord-27))
	c.hears("hello 0", "pong")
	c.says("%s", strings.Repeat("x", maxWord+1))
	c.ends(websocket.StatusMessageTooBig)
}

// A client that does not read holds up nobody, and when it reads again it is told to come
// back with its cursor.
func TestASlowClientIsSentAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow, quick := b.connect("ada", ""), b.connect("ada", "")
	slow.hears("hello 0")
	quick.hears("hello 0")
	const all = 3000 // of 8 KB: far more than the kernel holds for a socket, and then a thousand
	for seq := int64(1); seq <= all; seq++ {
		b.tell("ada", seq, strings.Repeat("x", 8000))
		quick.hears(fmt.Sprint("notice.created ", seq))
	}
	last := 0
	for {
		frame, err := slow.next()
		if err != nil {
			if websocket.CloseStatus(err) != codeSlow {
				t.Errorf("closed by %v", err)
			}
			break
		}
		last++
		if frame["cursor"] != fmt.Sprint(last) {
			t.Fatalf("heard %v after %d", frame["cursor"], last-1)
		}
	}
	if n := testutil.ToFloat64(b.door.metrics.dropped.WithLabelValues("slow")); n != 1 || last == 0 {
		t.Errorf("%v slow clients are counted, after %d frames", n, last)
	}
	b.connect("ada", fmt.Sprint("cursor=", last)).hears(fmt.Sprint("hello ", last), fmt.Sprint("resync ", all))
	b.connect("ada", fmt.Sprint("cursor=", all-1)).hears(fmt.Sprint("hello ", all-1), fmt.Sprint("notice.created ", all))
}

func TestTheDoorSaysThatItCloses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all []*client
	for i := range 20 {
		c := b.connect(fmt.Sprint("person", i), "")
		c.hears("hello 0")
		all = append(all, c)
	}
	var wait sync.WaitGroup
	for _, c := range all {
		wait.Go(func() { c.ends(websocket.StatusGoingAway) })
	}
	began := time.Now()
	b.stop()
	wait.Wait()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	if c, err := b.dial(b.tokens.Mint("ada", nil), "", nil); err == nil || c.answer.StatusCode != 503 {
		t.Errorf("somebody came in afterwards: %v", err)
	}
}

func TestAClientThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.connect("ada", "")
	c.hears("hello 0")
	if err := c.CloseNow(); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	b.until("it is forgotten", func() bool { return testutil.ToFloat64(b.door.metrics.open) == 0 })
	b.say("ada", 1)
	b.connect("ada", "cursor=1").hears("hello 1")
}
