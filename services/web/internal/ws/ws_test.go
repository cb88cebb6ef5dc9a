package ws

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"
)

// bench is a proxy in a server, before a realtime of the test's own.
type bench struct {
	testing.TB
	address string
	stop    context.CancelFunc
	ended   chan error
}

// setup starts a proxy; feed answers what it passes on. Other paths are the server's own.
func setup(t testing.TB, feed http.HandlerFunc) *bench {
	t.Helper()
	realtime := httptest.NewServer(feed)
	t.Cleanup(realtime.Close)
	return before(t, realtime.URL)
}

func before(t testing.TB, realtime string) *bench {
	t.Helper()
	target, err := url.Parse(realtime)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &Proxy{Target: target, Reach: &http.Transport{}, Log: slog.New(slog.DiscardHandler)}
	mux := http.NewServeMux()
	mux.Handle("/ws", proxy)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "web's own") })
	server := httptest.NewServer(mux)
	ctx, stop := context.WithCancel(context.Background())
	b := &bench{TB: t, address: server.Listener.Addr().String(), stop: stop, ended: make(chan error, 1)}
	go func() { b.ended <- proxy.Run(ctx) }()
	t.Cleanup(func() { stop(); server.Close() })
	return b
}

// client is a connection that has asked for a socket.
type client struct {
	net.Conn
	*bufio.Reader
}

// dial asks, and says more at once.
func (b *bench) dial(more string) client {
	b.Helper()
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "GET /ws?cursor=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Protocol: tickler.v1\r\n\r\n%s", more)
	return client{conn, bufio.NewReader(conn)}
}

// Read is the reader's.
func (c client) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func (b *bench) agreed(c client) {
	b.Helper()
	res, err := http.ReadResponse(c.Reader, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Accept") != "yes" || res.Header.Get("Upgrade") != "websocket" {
		b.Fatalf("%v, %v", res, err)
	}
}

// upgraded is realtime agreeing, and then f with the connection.
func upgraded(f func(r *http.Request, conn net.Conn, rw *bufio.ReadWriter)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: yes\r\n\r\n")
		f(r, conn, rw)
	}
}

// echo says what it hears, after who asked.
var echo = upgraded(func(r *http.Request, _ net.Conn, rw *bufio.ReadWriter) {
	fmt.Fprintf(rw, "hello %s %s\n", r.URL.RequestURI(), r.Header.Get("Sec-WebSocket-Protocol"))
	_ = rw.Flush()
	_, _ = io.Copy(rw.Writer, flushing{rw})
})

// flushing reads, but first sends what was said.
type flushing struct{ *bufio.ReadWriter }

func (f flushing) Read(p []byte) (int, error) {
	if err := f.Flush(); err != nil {
		return 0, err
	}
	return f.Reader.Read(p)
}

func TestASocketIsHandedThroughByteForByte(t *testing.T) {
	t.Parallel()
	b := setup(t, echo)
	c := b.dial("early\n")
	b.agreed(c)
	for _, want := range []string{"hello /ws?cursor=1 tickler.v1\n", "early\n"} {
		if got, err := c.ReadString('\n'); got != want || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
	long := strings.Repeat("0123456789abcdef", 20_000) + "\n"
	go fmt.Fprint(c.Conn, long)
	if got, err := c.ReadString('\n'); got != long || err != nil {
		t.Errorf("%d bytes of %d, %v", len(got), len(long), err)
	}
}

func TestASocketEndsWhenEitherSideDoes(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	b := setup(t, upgraded(func(_ *http.Request, _ net.Conn, rw *bufio.ReadWriter) {
		_ = rw.Flush()
		if line, _ := rw.ReadString('\n'); line == "bye\n" {
			fmt.Fprint(rw, "and bye\n")
			_ = rw.Flush()
			return
		}
		_, _ = rw.ReadByte() // until the client is gone
		close(gone)
	}))
	c := b.dial("bye\n")
	b.agreed(c)
	if said, err := io.ReadAll(c); string(said) != "and bye\n" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	d := b.dial("stay\n")
	b.agreed(d)
	d.Close()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Error("realtime was not told that the client is gone")
	}
}

// A refusal is an answer like any other. What is asked on the connection afterwards is this
// server's: realtime's probes are nobody's business.
func TestARefusedSocketLeavesNoWayToRealtime(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, "realtime's ", r.URL.Path)
	})
	c := b.dial("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
	for _, want := range []string{"401 realtime's /ws", "200 web's own"} {
		res, err := http.ReadResponse(c.Reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if got := fmt.Sprint(res.StatusCode, " ", string(body)); got != want || err != nil {
			t.Errorf("%q (%v), want %q", got, err, want)
		}
	}
}

func TestRealtimeThatIsAwayIsSaidSo(t *testing.T) {
	t.Parallel()
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away.Close()
	c := before(t, "http://"+away.Addr().String()).dial("")
	res, err := http.ReadResponse(c.Reader, nil)
	if err != nil || res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("%v, %v", res, err)
	}
}

func TestSocketsEndWithTheProgram(t *testing.T) {
	t.Parallel()
	b := setup(t, echo)
	c := b.dial("")
	b.agreed(c)
	if _, err := c.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	b.stop()
	if err := <-b.ended; err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the client's side: %v", err)
	}
	late := b.dial("")
	if _, err := io.ReadAll(late); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("a late one: %v", err)
	}
}

// BenchmarkIdle tells what a silent socket costs, with both its clients' sides in this process.
func BenchmarkIdle(b *testing.B) {
	house := setup(b, upgraded(func(_ *http.Request, conn net.Conn, rw *bufio.ReadWriter) {
		_ = rw.Flush()
		_, _ = conn.Read(make([]byte, 1))
	}))
	const n = 500
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	for b.Loop() {
		before := used()
		for range n {
			house.agreed(house.dial(""))
		}
		b.ReportMetric(float64(used()-before)/n, "B/socket")
	}
}
