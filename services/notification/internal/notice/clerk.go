package notice

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	events "github.com/tickler-app/tickler/proto-events"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// Store keeps what this service knows and owes.
type Store interface {
	// Change runs decide behind the person's lock, in the transaction that keeps its effects. It
	// does not run where the person is gone, or where About.Once had its effect before.
	Change(ctx context.Context, about About, decide func(*Known) (Effects, error)) error
	// Keep keeps what is known of tasks, unless a later version is. It does nothing else, and so
	// needs no lock.
	Keep(ctx context.Context, tasks []Task) error
	// Listening returns which of these people want to hear of what they do to tasks themselves.
	Listening(ctx context.Context, userIDs []string) (map[string]bool, error)
	// Know keeps what an event told of a person, unless a later one told more.
	Know(ctx context.Context, person Person) error
	// Forget removes everything of a person for ever.
	Forget(ctx context.Context, userID string) error
}

// About says what a decision is about, and so what is Known.
type About struct {
	UserID   string
	Once     string // of what happens once: the event's id, or the timer's with its rev
	TaskID   string
	Delivery uuid.UUID
	Trace    string // traceparent of what led here
}

// Known is what a decision may go by.
type Known struct {
	Person      Person
	Preferences Preferences
	Hooks       []Hook     // the person's, those that are on
	Task        *Task      // About.TaskID; nil if nothing was heard of it
	Notice      *Notice    // that About.Delivery is of
	Deliveries  []Delivery // of Notice, or About.Delivery alone where it has none
}

// Effects are what a decision changes. Nil is nothing.
type Effects struct {
	Task       *Task
	Notice     *Notice
	Deliveries []Delivery
	Hook       *Hook // its state, not its secret
	Events     []events.Event
}

// Clerk takes in what other services tell. Each call may be repeated.
type Clerk struct {
	Store Store
	Now   func() time.Time
}

// tooLate is from when on a reminder is told no more.
const tooLate = 24 * time.Hour

// Ring reminds: a reminder's timer fired. The same firing again has no effect, nor has one of
// a task that is done or gone, whose timer was only taken back too late.
func (c *Clerk) Ring(ctx context.Context, due *timerv1.Due, r *reminderv1.ReminderDue, trace string) error {
	about := About{UserID: r.GetUserId(), TaskID: r.GetTaskId(), Once: due.GetTimerId() + "/" + strconv.FormatInt(due.GetRev(), 10), Trace: trace}
	return c.Store.Change(ctx, about, func(known *Known) (Effects, error) {
		now := c.Now()
		if known.Task != nil && known.Task.ClosedAt != nil {
			return Effects{}, nil
		}
		ring := &Ring{TimerID: due.GetTimerId(), Rev: due.GetRev(), Version: r.GetVersion(), Reminder: reminderOf(r)}
		if now.Sub(time.UnixMilli(due.GetDueMs())) > tooLate {
			ring.Ended = true
			n := &Notice{UserID: about.UserID, TaskID: about.TaskID, Ring: ring}
			return told(Effects{Events: []events.Event{n.missed(now)}}, known, now)
		}
		effects, err := Plan(Occasion{
			Kind: Reminder, UserID: about.UserID, TaskID: about.TaskID, Title: r.GetTitle(), Due: r.GetDueDate(),
			Urgent: r.GetPriority() == "critical", Channels: channelsOf(r.GetChannels()), Ring: ring, Source: "scheduler",
		}, known, now)
		if err != nil {
			return effects, err
		}
		if ev := effects.Notice.end(effects.Deliveries, now); ev != nil {
			effects.Events = append(effects.Events, ev)
		}
		return told(effects, known, now)
	})
}

// Wake lets a delivery that waits for its timer go, unless it was put off again.
func (c *Clerk) Wake(ctx context.Context, userID string, delivery uuid.UUID, rev int64) error {
	return c.Store.Change(ctx, About{UserID: userID, Delivery: delivery}, func(known *Known) (Effects, error) {
		for _, d := range known.Deliveries {
			// One that is being sent just now, since its timer was very late, is due sooner than this.
			if now := c.Now(); d.ID == delivery && d.Status == Pending && d.Rev == rev && d.DueAt.After(now.Add(lease)) {
				d.DueAt, d.Held = now, false
				return Effects{Deliveries: []Delivery{d}}, nil
			}
		}
		return Effects{}, nil
	})
}

// Know takes notice of a person.
func (c *Clerk) Know(ctx context.Context, person Person) error {
	person.Unsubscribe = NewSecret() // kept of the first time
	return c.Store.Know(ctx, person)
}

// Forget removes everything of a person who deleted themselves.
func (c *Clerk) Forget(ctx context.Context, userID string) error { return c.Store.Forget(ctx, userID) }

// reminderOf is the reminder as it was when its timer was set; of an older sender only its id.
func reminderOf(r *reminderv1.ReminderDue) *taskReminder {
	if of := r.GetReminder(); of != nil {
		return proto.CloneOf(of)
	}
	return &taskReminder{Id: r.GetReminderId(), RemindAt: r.GetRemindAt(), Channels: r.GetChannels()}
}

// channelsOf are a reminder's own. Those that a later release knows are left out.
func channelsOf(names []string) (channels []Channel) {
	for _, name := range names {
		switch c := Channel(name); c {
		case InApp, Email, SMS, Push, Webhook:
			channels = append(channels, c)
		}
	}
	return channels
}

func instant(at time.Time) *timestamppb.Timestamp { return timestamppb.New(at) }
