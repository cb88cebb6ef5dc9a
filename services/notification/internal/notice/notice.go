package notice

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// Notice is one thing that a person is told, on whatever channels.
type Notice struct {
	ID        uuid.UUID
	UserID    string
	Kind      string
	TaskID    string // "" for none
	Title     string // of the task
	Due       string // as the task shows it; "" for none
	Urgent    bool   // passes quiet hours
	InApp     bool   // shown in the list of notices, and told on the feed
	CreatedAt time.Time
	ReadAt    *time.Time

	Ring *Ring // of a reminder
}

// Ring is one ringing of a reminder, which ends once: as sent, failed or missed.
type Ring struct {
	TimerID  string
	Rev      int64
	Reminder *taskv1.Reminder
	Version  int64 // of the task when the timer was set
	Ended    bool
}

// Status is where a delivery is.
type Status string

// The statuses of a delivery.
const (
	Pending   Status = "pending"
	Sent      Status = "sent"
	Failed    Status = "failed"
	Cancelled Status = "cancelled" // there was no more reason to send it
)

// Delivery is the intent to send a notice on one channel. It is committed, then sent, then
// its end is recorded; a crash in between may send it again under the same id.
type Delivery struct {
	ID        uuid.UUID // the Message-ID or idempotency key is made of it
	NoticeID  uuid.UUID // nil for what a webhook is told of the feed
	UserID    string
	Channel   Channel
	WebhookID uuid.UUID // of a Webhook one
	EventID   uuid.UUID // of a Webhook one: what it tells
	TaskID    string    // of a Webhook one: those of one task go out in order; "" for any order
	Body      []byte    // of a Webhook one
	Status    Status
	Attempts  int // begun
	Failures  int
	Held      bool // by quiet hours
	DueAt     time.Time
	ExpiresAt time.Time // when there is no more sense in trying
	Rev       int64     // of its timer
	WakeAt    time.Time // of a timer that is to be set now; not kept
	Reason    string    // of the last failure, for people
	CreatedAt time.Time
	SettledAt *time.Time
}

// Life is how long a delivery is tried.
const Life = 24 * time.Hour

// timerNet is how long after its timer a delivery is looked at if that does not come.
const timerNet = 10 * time.Minute

// longWait is from where on a delivery waits by a timer: a shorter wait is not worth one.
const longWait = time.Minute

// Occasion is what a notice is about, before anybody's preferences are known.
type Occasion struct {
	Kind     string
	UserID   string
	TaskID   string
	Title    string
	Due      string
	Urgent   bool
	Channels []Channel // those that the reminder itself names; nil: as the person prefers
	Ring     *Ring
	Source   string // of the event, as the wire names it
	Request  string // id
}

// Plan makes the notice of an occasion, the intents to send it, and the event that shows it in
// the app; nothing where nothing is wanted.
func Plan(o Occasion, known *Known, now time.Time) (effects Effects, err error) {
	channels := o.Channels
	if channels == nil {
		channels = known.Preferences.Channels(o.Kind)
	}
	if len(channels) == 0 && o.Ring == nil {
		return effects, nil
	}
	n := &Notice{
		ID: uuid.Must(uuid.NewV7()), UserID: o.UserID, Kind: o.Kind, TaskID: o.TaskID, Title: oneLine(o.Title), Due: o.Due, Urgent: o.Urgent,
		InApp: slices.Contains(channels, InApp), CreatedAt: now, Ring: o.Ring,
	}
	effects.Notice = n
	created := n.created(o.Source, o.Request, now)
	if n.InApp {
		effects.Events = append(effects.Events, created)
	}
	for _, channel := range channels {
		switch {
		case channel == Webhook && len(known.Hooks) > 0:
			for _, h := range known.Hooks {
				d := n.intent(channel, known, now)
				if err := d.forHook(h, created); err != nil {
					return effects, err
				}
				effects.Deliveries = append(effects.Deliveries, d)
			}
		case channel != InApp:
			effects.Deliveries = append(effects.Deliveries, n.intent(channel, known, now))
		}
	}
	return effects, nil
}

// intent is a delivery of n. Quiet hours hold it, unless it is urgent or for a program, which
// does not sleep.
func (n *Notice) intent(channel Channel, known *Known, now time.Time) Delivery {
	d := Delivery{
		ID: uuid.Must(uuid.NewV7()), NoticeID: n.ID, UserID: n.UserID, Channel: channel,
		Status: Pending, DueAt: now, ExpiresAt: now.Add(Life), CreatedAt: now,
	}
	end, quiet := known.Preferences.Quiet.Until(now, known.Person.Location())
	if quiet && !n.Urgent && channel != Webhook {
		d.Held, d.ExpiresAt = true, end.Add(Life)
		d.postpone(end)
	}
	return d
}

// postpone lets a delivery wait. Its timer wakes it on time; DueAt is the net below.
func (d *Delivery) postpone(until time.Time) {
	d.Rev++
	d.WakeAt, d.DueAt = until, until.Add(timerNet)
}

// oneLine makes a line of what may be several: it goes into a subject.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
