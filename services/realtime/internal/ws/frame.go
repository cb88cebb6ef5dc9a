package ws

import (
	"encoding/json"
	"time"

	events "github.com/tickler-app/tickler/proto-events"
)

// The frames of wire-api.md §5 that are not changes.
type hello struct {
	Type      string    `json:"type"`
	UserID    string    `json:"user_id"`
	Cursor    string    `json:"cursor"`
	ExpiresAt time.Time `json:"expires_at"`
}

type resync struct {
	Type   string `json:"type"`
	Cursor string `json:"cursor"`
}

var pong = []byte(`{"type":"pong"}`)

func helloFrame(person string, cursor int64, expires time.Time) ([]byte, error) {
	return json.Marshal(hello{Type: "hello", UserID: person, Cursor: events.Cursor(cursor), ExpiresAt: expires.UTC()})
}

func resyncFrame(cursor int64) ([]byte, error) {
	return json.Marshal(resync{Type: "resync", Cursor: events.Cursor(cursor)})
}

// word is what a client may say.
type word struct {
	Type  string `json:"type"`
	Token string `json:"token"`
}
