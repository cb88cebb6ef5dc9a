package notice

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

// The waits between attempts: the first, doubled each time, and the longest.
const (
	firstWait   = 2 * time.Second
	longestWait = time.Hour
)

// Settle records how an attempt ended. An error that is fault.Lasting ends the delivery with
// the provider's reason; any other is tried again, when the provider asks for it if it does,
// until the delivery expires.
func (d *Delivery) Settle(err error, now time.Time) {
	if err == nil {
		d.end(Sent, "", now)
		return
	}
	d.Failures++
	reason, asked := "the attempt failed", time.Duration(0)
	if told, ok := errors.AsType[*fault.Error](err); ok {
		reason, asked = told.Message, told.RetryAfter
	}
	again := now.Add(max(asked, backoff(d.Failures)))
	if fault.KindOf(err).Lasting() || again.After(d.ExpiresAt) {
		d.end(Failed, reason, now)
		return
	}
	d.Reason = reason
	if again.Sub(now) < longWait {
		d.DueAt = again
		return
	}
	d.postpone(again)
}

// Cancel ends a delivery that has no more use.
func (d *Delivery) Cancel(reason string, now time.Time) { d.end(Cancelled, reason, now) }

func (d *Delivery) end(status Status, reason string, now time.Time) {
	d.Status, d.Reason, d.SettledAt = status, reason, &now
}

// backoff is the wait after so many failures, half of it by chance.
func backoff(failures int) time.Duration {
	wait := min(firstWait<<min(failures-1, 20), longestWait)
	return wait/2 + rand.N(wait/2)
}

// Outcome is how a reminder ended.
type Outcome struct {
	Sent     bool
	Channels []Channel // that took it
	Reason   string    // of a failure
}

// Ends decides whether a reminder has ended: as sent once a channel took it and no other is at
// its first attempt, since those that wait, for the morning or for a provider, may wait long;
// as failed once all have, with the reason of the first.
func (n *Notice) Ends(deliveries []Delivery) (outcome Outcome, ended bool) {
	if n.InApp {
		outcome.Channels = append(outcome.Channels, InApp)
	}
	waiting := false
	for _, d := range deliveries {
		switch {
		case d.Status == Sent:
			outcome.Channels = append(outcome.Channels, d.Channel)
		case d.Status == Pending && d.Failures == 0 && !d.Held:
			return Outcome{}, false
		case d.Status == Pending:
			waiting = true
		case outcome.Reason == "":
			outcome.Reason = string(d.Channel) + ": " + d.Reason
		}
	}
	if len(outcome.Channels) > 0 {
		outcome.Sent, outcome.Reason = true, ""
		slices.Sort(outcome.Channels)
		outcome.Channels = slices.Compact(outcome.Channels)
		return outcome, true
	}
	if outcome.Reason == "" {
		outcome.Reason = "every channel is turned off"
	}
	return outcome, !waiting
}
