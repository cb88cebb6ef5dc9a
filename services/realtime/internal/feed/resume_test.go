package feed

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// house is a person's database, which is always right, the feed behind it, and clients that
// come and go.
type house struct {
	*rapid.T
	feed    *Feed
	now     time.Time
	truth   int64 // the newest change in the database
	sent    int64 // the newest one that has come to the feed
	clients []*client
}

// A client does as wire-api.md §5 says: it applies what follows what it has, comes back
// with its cursor, and after resync calls sync with the token that it had.
type client struct {
	*house
	sub    *Subscription
	cursor int64 // -1 before the first
	told   int64 // the last place that this connection was told, 0 before the first
	synced bool  // once, on this connection: what it is told then may overlap
	known  bool  // what its next change follows was known when it connected
}

func (c *client) connect() {
	if c.sub != nil {
		c.sub.Close()
	}
	who := Listener{Person: "ada", Wake: func() {}, End: func() {}}
	if c.cursor >= 0 {
		cursor := c.cursor
		who.Cursor = &cursor
	}
	sub, hello, err := c.feed.Subscribe(who)
	if err != nil {
		c.Fatal(err)
	}
	if c.cursor < 0 {
		c.sync() // a page without a cursor loads its list once it listens
	} else if c.synced = false; hello != c.cursor {
		c.Fatalf("hello says %d to a client with %d", hello, c.cursor)
	}
	c.sub, c.told, c.known = sub, 0, hello != 0
}

// sync is an answer of the database.
func (c *client) sync() { c.cursor, c.synced = c.truth, true }

// hear takes some of what there is.
func (c *client) hear(batches int) {
	for range batches {
		batch, err := c.sub.Next()
		if errors.Is(err, ErrSlow) {
			c.connect()
			continue
		} else if err != nil {
			c.Fatal(err)
		}
		if batch.Resync {
			c.told, c.known = 0, batch.Cursor >= c.sent
			c.sync()
		}
		for _, change := range batch.Changes {
			switch {
			case c.told != 0 && change.Seq != c.told+1:
				c.Fatalf("%d was told after %d", change.Seq, c.told)
			case change.Seq <= c.cursor && !c.synced:
				c.Fatalf("%d was told to a client that had %d", change.Seq, c.cursor)
			case change.Seq > c.cursor+1 && c.told == 0 && !c.known:
				c.sync() // nobody but the client can see that one is missing before the first
			case change.Seq > c.cursor+1:
				c.Fatalf("%d was told to a client that has %d: a gap", change.Seq, c.cursor)
			}
			c.told = change.Seq
			c.cursor = max(c.cursor, change.Seq)
		}
	}
}

// Whatever fails, and whenever it comes back, a client misses nothing, and is told nothing
// that it had told us it has.
func TestAClientMissesNothingAndHearsNothingTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &house{T: t, now: time.Unix(1e9, 0)}
		h.feed = &Feed{Window: time.Minute, Bytes: shards * 6000, Now: func() time.Time { return h.now }}
		for range 3 {
			h.clients = append(h.clients, &client{house: h, cursor: -1})
		}
		one := func() *client { return h.clients[rapid.IntRange(0, len(h.clients)-1).Draw(t, "client")] }
		pass := func() { // the next one comes to the feed
			if h.sent < h.truth {
				h.sent++
				h.feed.say("ada", h.sent)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				for range rapid.IntRange(1, 30).Draw(t, "n") {
					h.truth++
					if rapid.Bool().Draw(t, "at once") {
						pass()
					}
				}
			},
			"pass": func(t *rapid.T) {
				for range rapid.IntRange(1, 300).Draw(t, "n") {
					pass()
				}
			},
			"again": func(t *rapid.T) { // some come once more, as after an outage
				back := rapid.Int64Range(0, 5).Draw(t, "back")
				for seq := max(h.sent-back, 1); seq <= h.sent; seq++ {
					h.feed.say("ada", seq)
				}
			},
			"vanish": func(*rapid.T) { // one never comes
				if h.sent < h.truth {
					h.sent++
				}
			},
			"lose": func(*rapid.T) { // one comes that cannot be read
				if h.sent < h.truth {
					h.sent++
					h.feed.Lose("ada")
				}
			},
			"connect": func(*rapid.T) { one().connect() },
			"hear": func(t *rapid.T) {
				if c := one(); c.sub != nil {
					c.hear(rapid.IntRange(1, 5).Draw(t, "batches"))
				}
			},
			"sync": func(*rapid.T) { // a page may look at any time
				if c := one(); c.cursor >= 0 {
					c.sync()
				}
			},
			"time": func(t *rapid.T) {
				h.now = h.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second)
				h.feed.shard("ada").sweep(h.now, h.feed.Window, h.feed.Bytes/shards)
			},
			"": func(*rapid.T) {
				if n := len(h.feed.shard("ada").people); n > 1 {
					t.Fatalf("%d people", n)
				}
			},
		})
		for h.sent < h.truth {
			pass()
		}
		h.truth++
		pass()
		for _, c := range h.clients {
			if c.sub == nil {
				c.connect()
			}
			c.hear(100)
			if c.cursor != h.truth {
				t.Fatalf("a client has %d of %d", c.cursor, h.truth)
			}
		}
	})
}
