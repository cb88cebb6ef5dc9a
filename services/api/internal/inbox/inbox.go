// Package inbox is the event door: it turns what other services say and ask into calls of
// package task.
package inbox

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// People hears the events of user-events. What it does for one may be done again.
func People(census *task.Census) kafka.Handler {
	return each(func(ctx context.Context, rec *kgo.Record) error { return person(ctx, census, rec) })
}

func person(ctx context.Context, census *task.Census, rec *kgo.Record) error {
	ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
	if errors.Is(err, events.ErrUnknownType) {
		return nil // of a newer release, about something that this one has no use for
	} else if err != nil {
		return fault.Wrap(fault.Malformed, err, "not an event")
	}
	switch ev := ev.(type) {
	case *userv1.UserRegistered:
		return census.Heard(ctx, ev.GetUserId(), ev.GetUser().GetTimeZone(), ev.GetVersion())
	case *userv1.UserUpdated:
		return census.Heard(ctx, ev.GetUserId(), ev.GetUser().GetTimeZone(), ev.GetVersion())
	case *userv1.UserDeleted:
		return census.Forget(ctx, ev.GetUserId())
	case *sessionv1.SessionRevoked: // whoever holds a socket open listens to it
		return nil
	}
	return fault.New(fault.Invalid, "%s is no event about a person", events.Type(ev))
}
