package person

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/coder/websocket"
)

// Frame is one of the live feed.
type Frame struct {
	Type    string `json:"type"`
	Cursor  string `json:"cursor"`
	UserID  string `json:"user_id"` // of hello
	EventID string `json:"event_id"`
	TaskID  string `json:"task_id"`
	Version int    `json:"version"`
	Task    *Task  `json:"task"`
}

// Feed is an open live feed.
type Feed struct{ conn *websocket.Conn }

// Listen opens the live feed at origin, from a cursor on; "" is from now on.
func (p *Person) Listen(ctx context.Context, origin, cursor string) (*Feed, error) {
	address := "ws" + strings.TrimPrefix(origin, "http") + "/ws"
	if cursor != "" {
		address += "?cursor=" + cursor
	}
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		Subprotocols: []string{"tickler.v1", "bearer." + p.Token}, CompressionMode: websocket.CompressionDisabled, HTTPClient: p.feeds,
	})
	if err != nil {
		return nil, fmt.Errorf("open the feed: %w", err)
	}
	conn.SetReadLimit(1 << 20)
	return &Feed{conn}, nil
}

// Next returns the next frame.
func (f *Feed) Next(ctx context.Context) (frame Frame, err error) {
	_, content, err := f.conn.Read(ctx)
	if err != nil {
		return frame, err
	}
	return frame, json.Unmarshal(content, &frame)
}

// Close ends the feed.
func (f *Feed) Close() { _ = f.conn.Close(websocket.StatusNormalClosure, "") }
