package notice

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	events "github.com/tickler-app/tickler/proto-events"
)

// Hook is an address of the person's own that is told what happens.
type Hook struct {
	ID        uuid.UUID
	UserID    string
	URL       string
	Events    []string // types; none means all
	Enabled   bool
	Secret    string // what its deliveries are signed with
	CreatedAt time.Time

	FailingSince *time.Time // the first of the failures that no success came after
}

// patience is how long a hook may go on failing before it is turned off.
const patience = 7 * 24 * time.Hour

// heard takes notice of how an attempt ended, and reports whether that says anything new.
func (h *Hook) heard(ok bool, now time.Time) bool {
	switch {
	case ok:
		again := h.FailingSince != nil
		h.FailingSince = nil
		return again
	case h.FailingSince == nil:
		h.FailingSince = &now
		return true
	case now.Sub(*h.FailingSince) >= patience:
		h.Enabled = false
		return true
	}
	return false
}

// host is what a person knows a hook by. The rest of its address may be a secret.
func (h *Hook) host() string {
	if u, err := url.Parse(h.URL); err == nil {
		return u.Host
	}
	return ""
}

// wants reports whether a hook is told of this type of event.
func (h *Hook) wants(kind string) bool { return len(h.Events) == 0 || slices.Contains(h.Events, kind) }

// tell makes the intents to tell a person's hooks of an event.
func tell(ev events.Event, known *Known, now time.Time) (deliveries []Delivery, err error) {
	for _, h := range known.Hooks {
		if !h.wants(events.Type(ev)) {
			continue
		}
		d := Delivery{
			ID: uuid.Must(uuid.NewV7()), UserID: h.UserID, Channel: Webhook,
			Status: Pending, DueAt: now, ExpiresAt: now.Add(Life), CreatedAt: now,
		}
		if err := d.forHook(h, ev); err != nil {
			return nil, err
		}
		deliveries = append(deliveries, d)
	}
	return deliveries, nil
}

// told adds the intents to tell a person's hooks how a reminder ended. They hear of a notice
// where its kind has the channel webhook.
func told(effects Effects, known *Known, now time.Time) (Effects, error) {
	for _, ev := range effects.Events {
		if events.Type(ev) == events.NoticeCreated {
			continue
		}
		deliveries, err := tell(ev, known, now)
		if err != nil {
			return effects, err
		}
		effects.Deliveries = append(effects.Deliveries, deliveries...)
	}
	return effects, nil
}

// forHook addresses a delivery, and says what it tells.
func (d *Delivery) forHook(h Hook, ev events.Event) (err error) {
	if d.EventID, err = uuid.Parse(ev.GetEventId()); err != nil {
		return fmt.Errorf("id of an event: %w", err)
	}
	d.WebhookID = h.ID
	if of, ok := ev.(interface{ GetTaskId() string }); ok {
		d.TaskID = of.GetTaskId()
	}
	d.Body, err = bodyOf(ev)
	return err
}

// bodyOf is what a hook is sent.
func bodyOf(ev events.Event) ([]byte, error) {
	frame, err := events.Frame(ev)
	if err != nil {
		return nil, fmt.Errorf("tell a hook: %w", err)
	}
	return json.Marshal(map[string]any{"type": events.Type(ev), "timestamp": ev.GetTime().AsTime(), "data": json.RawMessage(frame)})
}
