// Package inbox is the event door: it turns timers that fired, and what other services tell,
// into calls of package notice.
package inbox

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Timers hears reminders that are due, and deliveries whose wait is over.
func Timers(clerk *notice.Clerk) kafka.Handler {
	return each(func(ctx context.Context, rec *kgo.Record) error {
		due, payload, err := events.DecodeDue(kafka.Header(rec, "ce_type"), rec.Value)
		if errors.Is(err, events.ErrUnknownType) {
			return fault.Wrap(fault.Invalid, err, "a timer that this release does not know")
		} else if err != nil {
			return fault.Wrap(fault.Malformed, err, "not a timer")
		}
		switch payload := payload.(type) {
		case *reminderv1.ReminderDue:
			return clerk.Ring(ctx, due, payload, kafka.Header(rec, "traceparent"))
		case *noticev1.DeliveryDue:
			id, err := uuid.Parse(payload.GetDeliveryId())
			if err != nil {
				return fault.New(fault.Invalid, "delivery_id is no UUID")
			}
			return clerk.Wake(ctx, payload.GetUserId(), id, due.GetRev())
		}
		return fault.New(fault.Invalid, "%T is nothing to tell anybody", payload)
	})
}

// Tasks hears what happens to tasks. One record that cannot be read leaves its batch undone,
// which then comes in parts.
func Tasks(clerk *notice.Clerk) kafka.Handler {
	return func(ctx context.Context, recs []*kgo.Record) error {
		batch := make([]notice.Heard, 0, len(recs))
		for _, rec := range recs {
			ev, err := decode(rec)
			if err != nil {
				return err
			} else if ev == nil {
				continue
			}
			of, ok := ev.(events.TaskEvent)
			if !ok {
				return fault.New(fault.Invalid, "%s is no event of a task", events.Type(ev))
			}
			batch = append(batch, notice.Heard{Event: of, Trace: kafka.Header(rec, "traceparent")})
		}
		return clerk.Heard(ctx, batch)
	}
}

// People hears who came, changed and left.
func People(clerk *notice.Clerk) kafka.Handler {
	return each(func(ctx context.Context, rec *kgo.Record) error {
		ev, err := decode(rec)
		if err != nil || ev == nil {
			return err
		}
		switch ev := ev.(type) {
		case *userv1.UserRegistered:
			return clerk.Know(ctx, person(ev, ev.GetUser()))
		case *userv1.UserUpdated:
			return clerk.Know(ctx, person(ev, ev.GetUser()))
		case *userv1.UserDeleted:
			return clerk.Forget(ctx, ev.GetUserId())
		case *sessionv1.SessionRevoked: // whoever holds a socket open listens to it
			return nil
		}
		return fault.New(fault.Invalid, "%s is no event about a person", events.Type(ev))
	})
}

func person(ev events.Event, u *userv1.User) notice.Person {
	return notice.Person{
		UserID: ev.GetUserId(), Email: u.GetEmail(), Name: u.GetName(), Zone: u.GetTimeZone(), Locale: u.GetLocale(), Version: ev.GetVersion(),
	}
}

// decode reads an event; nil for one of a newer release, about something that this one has no
// use for.
func decode(rec *kgo.Record) (events.Event, error) {
	ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
	if errors.Is(err, events.ErrUnknownType) {
		return nil, nil
	} else if err != nil {
		return nil, fault.Wrap(fault.Malformed, err, "not an event")
	}
	return ev, nil
}

// each handles a batch record by record; one that fails leaves the rest for later.
func each(one func(context.Context, *kgo.Record) error) kafka.Handler {
	return func(ctx context.Context, recs []*kgo.Record) error {
		for _, rec := range recs {
			if err := one(ctx, rec); err != nil {
				return err
			}
		}
		return nil
	}
}
