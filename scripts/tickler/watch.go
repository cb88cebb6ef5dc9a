package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/spf13/cobra"
)

// frame is one of the live feed (wire-api.md §5).
type frame struct {
	Type    string
	Cursor  string
	UserID  string `json:"user_id"` // of hello
	Task    *task
	Changed []string
	Actor   struct{ Type, Name string }
	Notice  *struct{ Kind, Title string }
}

func (s *session) watch() *cobra.Command {
	var cursor string
	cmd := &cobra.Command{
		Use: "watch", Short: "Say what changes, as it happens, until interrupted", Args: cobra.NoArgs,
		Long: `Say what changes, as it happens, until interrupted. It connects again whenever the connection is
lost, and then tells what happened meanwhile. With --json each line is a frame of the feed; after
a resync the changed tasks follow, as {"type":"sync","delta":{…}}.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := s.client(cmd.Context())
			if err != nil {
				return err
			}
			err = (&watcher{session: s, client: c, cursor: cursor}).run(cmd.Context())
			if cmd.Context().Err() != nil {
				return nil // that is how one ends it
			}
			return err
		},
	}
	cmd.Flags().StringVar(&cursor, "since", "", "a cursor that was seen before; what followed it is told first")
	return cmd
}

// watcher follows the feed across connections.
type watcher struct {
	*session
	client *client
	cursor string // of the last frame that was told
}

// The waits before connecting again.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
)

// run ends with ctx, or with what no new connection can mend.
func (w *watcher) run(ctx context.Context) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		greeted, err := w.follow(ctx)
		if greeted {
			wait = firstWait
		}
		if err = w.again(ctx, err); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// Close codes of the feed that mean more than come again.
const (
	tokenEnded = 4401
	tooMany    = 4429
)

// again returns why there is no sense in another connection.
func (w *watcher) again(ctx context.Context, err error) error {
	found := (*problem)(nil)
	switch code := websocket.CloseStatus(err); {
	case code == tooMany:
		return errors.New("too many connections are open")
	case code == tokenEnded, errors.As(err, &found) && found.Status == http.StatusUnauthorized:
		if w.client.cookie == "" {
			return errSignIn
		}
		if err := w.client.refresh(ctx); err != nil && !errors.Is(err, errAway) {
			return err
		}
	case found != nil && found.exit() != exitAway:
		return found
	}
	return nil
}

// follow tells what one connection brings, from the cursor on.
func (w *watcher) follow(ctx context.Context) (greeted bool, err error) {
	feed, err := w.client.listen(ctx, w.cursor)
	if err != nil {
		return false, err
	}
	defer feed.CloseNow()
	for {
		f, raw, err := next(ctx, feed)
		if err != nil {
			return greeted, err
		}
		switch {
		case f.Type == "hello":
			greeted = true
		case f.Type == "resync":
			if err := w.sync(ctx); err != nil {
				return greeted, err
			}
			continue // the cursor is that of the sync
		case !after(f.Cursor, w.cursor):
			continue // the sync has told it
		}
		if w.json {
			err = w.print(raw)
		} else {
			w.say(&f)
		}
		if err != nil {
			return greeted, err
		}
		if f.Type != "hello" || w.cursor == "" {
			w.cursor = f.Cursor
		}
	}
}

// after compares cursors, which are numbers.
func after(one, other string) bool {
	a, err1 := strconv.ParseInt(one, 10, 64)
	b, err2 := strconv.ParseInt(other, 10, 64)
	return err1 != nil || err2 != nil || a > b
}

// sync tells what changed since the cursor, where the feed no longer can.
func (w *watcher) sync(ctx context.Context) error {
	for {
		var raw json.RawMessage
		if err := w.client.call(ctx, "GET", "sync?limit=200&sync_token="+url.QueryEscape(w.cursor), nil, &raw); err != nil {
			return err
		}
		var delta struct {
			Tasks []task
			Token string `json:"sync_token"`
			More  bool   `json:"has_more"`
		}
		if err := json.Unmarshal(raw, &delta); err != nil {
			return err
		}
		if w.json {
			if err := w.print(map[string]any{"type": "sync", "delta": raw}); err != nil {
				return err
			}
		} else {
			for _, t := range delta.Tasks {
				fmt.Fprintf(w.out, "%s Changed meanwhile: %s\n", w.faint("     "), w.line(&t))
			}
		}
		if w.cursor = delta.Token; !delta.More {
			return nil
		}
	}
}

// say tells a frame to a person.
func (w *watcher) say(f *frame) {
	what := strings.ReplaceAll(strings.ReplaceAll(f.Type, ".", " "), "_", " ")
	what = strings.ToUpper(what[:1]) + what[1:]
	at := w.faint(w.now().Format("15:04"))
	switch {
	case f.Type == "hello":
		fmt.Fprintln(w.err, w.faint("Watching; ^C ends it."))
	case f.Notice != nil:
		fmt.Fprintf(w.out, "%s Notice (%s): %s\n", at, plain(f.Notice.Kind), plain(f.Notice.Title))
	case f.Task != nil:
		line := w.line(f.Task)
		if len(f.Changed) > 0 {
			line += "  " + w.faint("("+plain(strings.Join(f.Changed, ", "))+")")
		}
		if f.Actor.Type == "agent" {
			line += "  " + w.faint("by "+plain(f.Actor.Name))
		}
		fmt.Fprintf(w.out, "%s %s: %s\n", at, what, line)
	}
}

// listen opens the feed. Where that is refused the error is the *problem of the answer.
func (c *client) listen(ctx context.Context, cursor string) (*websocket.Conn, error) {
	address := "ws" + strings.TrimPrefix(c.url, "http") + "/ws"
	if cursor != "" {
		address += "?cursor=" + url.QueryEscape(cursor)
	}
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	conn, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + c.token}}, Subprotocols: []string{"tickler.v1"},
		CompressionMode: websocket.CompressionDisabled, HTTPClient: &http.Client{Transport: c.http.Transport},
	})
	switch {
	case err == nil:
		conn.SetReadLimit(4 << 20)
		return conn, nil
	case res != nil && res.StatusCode >= 400:
		return nil, &problem{Status: res.StatusCode}
	}
	return nil, fmt.Errorf("%w: %w", errAway, err)
}

func next(ctx context.Context, feed *websocket.Conn) (f frame, raw json.RawMessage, err error) {
	if _, raw, err = feed.Read(ctx); err != nil {
		return f, nil, err
	}
	return f, raw, json.Unmarshal(raw, &f)
}
