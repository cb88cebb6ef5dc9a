package ws

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
)

// Times of a connection.
const (
	pingEvery   = 25 * time.Second // so that no proxy takes it for dead
	pongWithin  = 20 * time.Second
	writeWithin = 30 * time.Second // a batch; who takes longer is gone or stuck
	checkWithin = 5 * time.Second  // a token
)

// maxWord bounds what a client may say at once.
const maxWord = 4 << 10

// conn is one WebSocket. While nothing happens it is one goroutine that reads (and one of
// the library's); writing begins when the feed wakes it and ends when there is no more.
type conn struct {
	door   *Door
	socket *websocket.Conn
	person string
	opened time.Time

	mu     sync.Mutex
	sub    *feed.Subscription
	expiry *time.Timer
	ping   *time.Timer
	ended  websocket.StatusCode // what end was called with; 0 before
}

// run speaks until the socket is closed by either side.
func (c *conn) run(who auth.Principal, cursor *int64) {
	c.socket.SetReadLimit(maxWord)
	if !c.begin(who, cursor) {
		return
	}
	c.door.running.Go(c.write)
	code := c.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop()
	if c.ended == 0 {
		c.ended = code
		c.door.metrics.closed(code)
	}
}

// begin subscribes and says hello.
func (c *conn) begin(who auth.Principal, cursor *int64) bool {
	sub, at, err := c.door.Feed.Subscribe(feed.Listener{
		Person: who.UserID, Session: who.SessionID, Cursor: cursor,
		Wake: func() { c.door.running.Go(c.write) },
		End:  func() { c.door.running.Go(func() { c.end(codeOver, "the session ended") }) },
	})
	switch {
	case errors.Is(err, feed.ErrCrowded):
		c.end(codeCrowded, "too many connections")
		return false
	case err != nil:
		c.end(codeOver, "the session ended")
		return false
	}
	hello, err := helloFrame(who.UserID, at, who.Expires)
	if err == nil {
		err = c.send(hello)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sub = sub
	if err != nil || c.ended != 0 { // the end may have come while we said hello
		c.stop()
		_ = c.socket.CloseNow() // it is gone already
		return false
	}
	c.expiry = time.AfterFunc(time.Until(who.Expires), func() { c.end(codeOver, "the token ended") })
	c.ping = time.AfterFunc(pingEvery, c.pingNow)
	return true
}

// stop takes the connection out of the feed; the caller holds the lock.
func (c *conn) stop() {
	if c.sub != nil {
		c.sub.Close()
	}
	if c.expiry != nil {
		c.expiry.Stop()
		c.ping.Stop()
	}
}

// end closes the socket with a code, once: nothing more is sent, and read returns when the
// client has answered, or does not.
func (c *conn) end(code websocket.StatusCode, reason string) {
	c.mu.Lock()
	if c.ended != 0 {
		c.mu.Unlock()
		return
	}
	c.ended = code
	c.stop()
	c.mu.Unlock()
	c.door.metrics.closed(code)
	_ = c.socket.Close(code, reason) // whether it was heard makes no difference to us
}

// drop closes the socket without a word.
func (c *conn) drop() { _ = c.socket.CloseNow() }

// write sends what the feed has until there is no more. There is one at a time: the feed
// wakes only who has had all.
func (c *conn) write() {
	for {
		batch, err := c.sub.Next()
		switch {
		case errors.Is(err, feed.ErrSlow):
			c.door.metrics.dropped.WithLabelValues("slow").Inc()
			c.end(codeSlow, "too slow: come back with your cursor")
			return
		case err != nil || !batch.Resync && len(batch.Changes) == 0:
			return
		}
		if err := c.writeBatch(batch); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				c.door.metrics.dropped.WithLabelValues("stuck").Inc()
			}
			c.drop()
			return
		}
	}
}

func (c *conn) writeBatch(batch feed.Batch) error {
	if batch.Resync {
		return c.sendResync(batch.Cursor)
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	for _, change := range batch.Changes {
		frame, err := change.Frame()
		if err != nil { // of a kind that is not for the feed: sync tells it all the same
			if err := c.sendResync(change.Seq); err != nil {
				return err
			}
			continue
		}
		if err := c.socket.Write(ctx, websocket.MessageText, frame); err != nil {
			return err
		}
		c.door.written(change, c.opened)
	}
	return nil
}

func (c *conn) sendResync(cursor int64) error {
	frame, err := resyncFrame(cursor)
	if err != nil {
		return err
	}
	c.door.metrics.resyncs.Inc()
	return c.send(frame)
}

func (c *conn) send(frame []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	return c.socket.Write(ctx, websocket.MessageText, frame)
}

// read hears what the client says until the socket is closed, and returns with what code.
func (c *conn) read() websocket.StatusCode {
	for {
		kind, said, err := c.socket.Read(context.Background())
		if err != nil {
			return websocket.CloseStatus(err)
		}
		var w word
		if kind != websocket.MessageText || json.Unmarshal(said, &w) != nil {
			continue // words that are not known are for later versions to know
		}
		switch w.Type {
		case "auth":
			c.prolong(w.Token)
		case "ping":
			if c.send(pong) != nil {
				c.drop()
			}
		}
	}
}

// prolong lets the connection live as long as another token of the same person.
func (c *conn) prolong(token string) {
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	who, err := c.door.Tokens.Verify(ctx, token)
	if fault.KindOf(err) == fault.Unavailable {
		return // nobody can say; it has until its old token ends to try again
	}
	if err != nil || who.UserID != c.person || !who.May(auth.TasksRead) || c.sub.Prolong(who.SessionID) != nil {
		c.door.running.Go(func() { c.end(codeOver, "the token is not good") })
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == 0 {
		c.expiry.Reset(time.Until(who.Expires))
	}
}

// pingNow asks whether somebody is there, and again later.
func (c *conn) pingNow() {
	ctx, cancel := context.WithTimeout(context.Background(), pongWithin)
	defer cancel()
	if c.socket.Ping(ctx) != nil {
		c.drop()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == 0 {
		c.ping.Reset(pingEvery)
	}
}
