// Package inbox is the door for what other services tell: changes for the feed, and the
// ends of sessions.
package inbox

import (
	"context"
	"log/slog"

	events "github.com/tickler-app/tickler/proto-events"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Handler takes records of one partition, in order, see kafka.Broadcast.
type Handler func(ctx context.Context, recs []*kgo.Record)

// Updates puts the changes of task-updates into the feed. A record that cannot be read, of
// a newer version say, is lost to it: those whom it concerns are told to sync.
func Updates(to *feed.Feed, log *slog.Logger) Handler {
	return func(ctx context.Context, recs []*kgo.Record) {
		for _, rec := range recs {
			ev, err := events.Decode(header(rec, "ce_type"), rec.Value)
			if err != nil {
				passOver(ctx, log, rec, err)
				to.Lose(string(rec.Key))
				continue
			}
			to.Publish(ev, rec.Value, header(rec, "traceparent"))
		}
	}
}

// Users ends the feed of sessions and people that have ended.
func Users(to *feed.Feed, log *slog.Logger) Handler {
	return func(ctx context.Context, recs []*kgo.Record) {
		for _, rec := range recs {
			ev, err := events.Decode(header(rec, "ce_type"), rec.Value)
			if err != nil {
				passOver(ctx, log, rec, err)
				continue
			}
			switch ev := ev.(type) {
			case *sessionv1.SessionRevoked:
				to.EndSession(ev.GetUserId(), ev.GetSessionId())
			case *userv1.UserDeleted:
				to.EndPerson(ev.GetUserId())
			case *userv1.UserRegistered, *userv1.UserUpdated: // nobody's feed ends by them
			}
		}
	}
}

func passOver(ctx context.Context, log *slog.Logger, rec *kgo.Record, err error) {
	log.WarnContext(ctx, "record passed over", "topic", rec.Topic, "partition", rec.Partition, "offset", rec.Offset, "error", err)
}

func header(rec *kgo.Record, key string) string {
	for _, h := range rec.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}
