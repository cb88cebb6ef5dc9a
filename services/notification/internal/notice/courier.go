package notice

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
)

// Parcel is a delivery with all that its sender needs.
type Parcel struct {
	Delivery
	Notice        Notice // the zero one for what a hook is told of the feed
	Person        Person
	Preferences   Preferences
	Subscriptions []Subscription
	Hook          Hook // of WebhookID
	Closed        bool // the task is done or gone
}

// Tray is where deliveries lie until they are sent.
type Tray interface {
	// Take returns due deliveries of a channel, and puts them off until lease: who dies with one
	// in hand leaves it to whoever takes it then.
	Take(ctx context.Context, channel Channel, now, lease time.Time, n int) ([]Parcel, error)
}

// Sender hands a parcel to a provider. Where the error is fault.Lasting no other attempt is
// made; its message is the provider's reason.
type Sender interface {
	Send(ctx context.Context, p *Parcel) error
}

// Courier sends what is due on one channel. Any number may run, here and elsewhere.
type Courier struct {
	Channel Channel
	Tray    Tray
	Store   Store
	Sender  Sender
	Now     func() time.Time
	// Noted is told how each attempt ended: sent, retried, failed or cancelled, and why.
	Noted func(d *Delivery, result string, cause error)
	// Troubled is told what keeps the courier from its work.
	Troubled func(err error)

	hint chan struct{}
	once sync.Once
}

const (
	pollEvery  = time.Second
	atOnce     = 16
	sendWithin = 20 * time.Second
	// lease is longer than a send and its record can take.
	lease = time.Minute
)

// Hint says that something may be due.
func (c *Courier) Hint() {
	select {
	case c.hints() <- struct{}{}:
	default:
	}
}

func (c *Courier) hints() chan struct{} {
	c.once.Do(func() { c.hint = make(chan struct{}, 1) })
	return c.hint
}

// Run sends until ctx ends, and then finishes what it has in hand.
func (c *Courier) Run(ctx context.Context) error {
	for {
		n, err := c.Round(ctx)
		if err != nil && ctx.Err() == nil {
			c.Troubled(err)
		}
		if n > 0 && ctx.Err() == nil {
			continue // there may be more, such as what had to wait for these
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.hints():
		case <-time.After(pollEvery):
		}
	}
}

// Round sends what is due, at most atOnce of it, side by side, and returns how many that were.
func (c *Courier) Round(ctx context.Context) (int, error) {
	now := c.Now()
	parcels, err := c.Tray.Take(ctx, c.Channel, now, now.Add(lease), atOnce)
	if err != nil {
		return 0, err
	}
	var (
		wait   sync.WaitGroup
		mu     sync.Mutex
		failed error
	)
	for i := range parcels {
		wait.Go(func() {
			if err := c.deliver(ctx, &parcels[i]); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			}
		})
	}
	wait.Wait()
	return len(parcels), failed
}

// deliver sends one parcel and records what became of it. Once begun, both are done though ctx
// ends: half of it would send again.
func (c *Courier) deliver(ctx context.Context, p *Parcel) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease-10*time.Second)
	defer cancel()
	if p.Notice.Kind == Reminder && p.Closed {
		return c.settle(ctx, p, func(d *Delivery, now time.Time) { d.Cancel("the task is done", now) }, nil)
	}
	sending, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	err := c.Sender.Send(sending, p)
	return errors.Join(c.settle(ctx, p, func(d *Delivery, now time.Time) { d.Settle(err, now) }, err), c.hear(ctx, p, err == nil))
}

// hear takes notice of whether a hook answers. One that has failed for long is turned off, and
// its person told so.
func (c *Courier) hear(ctx context.Context, p *Parcel, ok bool) error {
	if seen := p.Hook; seen.ID == uuid.Nil || !seen.Enabled || !seen.heard(ok, c.Now()) {
		return nil // nearly always
	}
	return c.Store.Change(ctx, About{UserID: p.UserID}, func(known *Known) (effects Effects, err error) {
		at := slices.IndexFunc(known.Hooks, func(h Hook) bool { return h.ID == p.Hook.ID })
		if at < 0 {
			return effects, nil
		}
		h, now := known.Hooks[at], c.Now()
		if !h.heard(ok, now) {
			return effects, nil
		}
		if !h.Enabled {
			known.Hooks = slices.Delete(known.Hooks, at, at+1) // it is not told of itself
			effects, err = Plan(Occasion{Kind: HookOff, UserID: p.UserID, Title: h.host(), Source: "scheduler"}, known, now)
		}
		effects.Hook = &h
		return effects, err
	})
}

// settle records the end of an attempt, and of the reminder if that ends it.
func (c *Courier) settle(ctx context.Context, p *Parcel, end func(*Delivery, time.Time), cause error) error {
	result, ended := "", Delivery{}
	err := c.Store.Change(ctx, About{UserID: p.UserID, Delivery: p.ID}, func(known *Known) (effects Effects, err error) {
		now := c.Now()
		for i := range known.Deliveries {
			d := &known.Deliveries[i]
			if d.ID != p.ID || d.Status != Pending {
				continue
			}
			end(d, now)
			if result = string(d.Status); d.Status == Pending {
				result = "retried"
			}
			ended = *d
			effects.Deliveries = []Delivery{*d}
		}
		if len(effects.Deliveries) == 0 || known.Notice == nil {
			return effects, nil
		}
		if ev := known.Notice.end(known.Deliveries, now); ev != nil {
			effects.Notice, effects.Events = known.Notice, []events.Event{ev}
			return told(effects, known, now)
		}
		return effects, nil
	})
	if result != "" && err == nil {
		c.Noted(&ended, result, cause)
	}
	return err
}

// Off is the sender of a channel that this house has not been given.
type Off string

// Send refuses.
func (o Off) Send(context.Context, *Parcel) error {
	return fault.New(fault.Invalid, "%s is not set up here", string(o))
}

// Subscription is a browser that takes web push.
type Subscription struct {
	ID       uuid.UUID
	Endpoint string
	P256dh   string
	Auth     string
}
