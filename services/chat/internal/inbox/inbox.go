// Package inbox is the event door: it hears who came, changed and left.
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
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// People hears of people. Each record stands for itself, and twice is once.
func People(people conversation.People) kafka.Handler {
	return func(ctx context.Context, recs []*kgo.Record) error {
		for _, rec := range recs {
			if err := hear(ctx, people, rec); err != nil {
				return err
			}
		}
		return nil
	}
}

func hear(ctx context.Context, people conversation.People, rec *kgo.Record) error {
	ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
	if errors.Is(err, events.ErrUnknownType) {
		return nil // of a newer release, about something that this one has no use for
	} else if err != nil {
		return fault.Wrap(fault.Malformed, err, "not an event")
	}
	switch ev := ev.(type) {
	case *userv1.UserRegistered:
		return people.Know(ctx, known(ev, ev.GetUser()))
	case *userv1.UserUpdated:
		return people.Know(ctx, known(ev, ev.GetUser()))
	case *userv1.UserDeleted:
		return people.Forget(ctx, ev.GetUserId())
	case *sessionv1.SessionRevoked: // its token ends where it is exchanged
		return nil
	}
	return fault.New(fault.Invalid, "%s is no event about a person", events.Type(ev))
}

func known(ev events.Event, u *userv1.User) conversation.Known {
	return conversation.Known{UserID: ev.GetUserId(), Zone: u.GetTimeZone(), Locale: u.GetLocale(), Version: ev.GetVersion()}
}
