package ws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// bench is a door on a server, and who signs tokens for it.
// client is a socket with what it hears as "type cursor".
// dial connects; query is cursor=… or what else there may be.
// hears fails unless these frames come next.
// ends fails unless the socket is closed with a code next, whatever frames come before.
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

// A client need not wait for the answer to its handshake.
func TestWhatIsSaidWithTheHandshakeIsHeard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, size := range []int{20, 2000} {
		socket, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		said := fmt.Sprintf(`{"type":"ping","pad":"%s"}`, strings.Repeat("x", size))
		frame := append([]byte{0x81, 0x80 | 126, byte(len(said) >> 8), byte(len(said)), 0, 0, 0, 0}, said...) // masked with zero
		if size < 100 {
			frame = append([]byte{0x81, 0x80 | byte(len(said)), 0, 0, 0, 0}, said...)
		}
		handshake := "GET /ws?token=" + b.tokens.Mint("ada", nil) + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
		if _, err := socket.Write(append([]byte(handshake), frame...)); err != nil {
			t.Fatal(err)
		}
		if err := socket.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		heard := make([]byte, 0, 4096)
		for !strings.Contains(string(heard), `{"type":"pong"}`) {
			n, err := socket.Read(heard[len(heard):cap(heard)])
			if err != nil {
				t.Fatalf("%s: %v", heard, err)
			}
			heard = heard[:len(heard)+n]
		}
	}
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
