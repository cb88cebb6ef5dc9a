package inbox

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Commands carries out what is asked for on task-commands. Doing so again changes nothing.
func Commands(succession *task.Succession) kafka.Handler {
	return each(func(ctx context.Context, rec *kgo.Record) error {
		message, err := events.DecodeCommand(kafka.Header(rec, "ce_type"), rec.Value)
		if err != nil {
			return fault.Wrap(fault.Malformed, err, "not a command")
		}
		command, ok := message.(*taskv1.CreateOccurrence)
		if !ok {
			return fault.New(fault.Invalid, "%s is no command about a task", proto.MessageName(message))
		}
		cause, err := uuid.Parse(command.GetTaskId())
		if err != nil {
			return fault.New(fault.Invalid, "task_id is no UUID")
		}
		author := task.Author{UserID: command.GetUserId(), RequestID: command.GetRequestId(), Trace: kafka.Header(rec, "traceparent")}
		return succession.Follow(ctx, author.System("recurring"), cause)
	})
}

// Outcomes hears notification-events: what became of reminders, and notices, both of which
// the feed shows too.
func Outcomes(feed task.Feed) kafka.Handler {
	return each(func(ctx context.Context, rec *kgo.Record) error {
		ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
		if errors.Is(err, events.ErrUnknownType) {
			return nil // of a newer release, and not for this feed
		} else if err != nil {
			return fault.Wrap(fault.Malformed, err, "not an event")
		}
		relayed := task.Relayed{Event: ev}
		switch ev := ev.(type) {
		case *reminderv1.ReminderSent:
			relayed.Outcome, err = outcome(ev, ev.GetReminder(), ev.GetRev(), task.Sent)
		case *reminderv1.ReminderFailed:
			status := task.Failed
			if ev.GetReminder().GetStatus() == string(task.Missed) {
				status = task.Missed
			}
			relayed.Outcome, err = outcome(ev, ev.GetReminder(), ev.GetRev(), status)
		case *noticev1.NoticeCreated:
		default:
			return nil // told by this service itself
		}
		if err != nil {
			return err
		}
		return feed.Relay(ctx, relayed)
	})
}

func outcome(ev events.TaskEvent, reminder *taskv1.Reminder, rev int64, status task.ReminderStatus) (*task.Outcome, error) {
	id, err1 := uuid.Parse(ev.GetTaskId())
	rid, err2 := uuid.Parse(reminder.GetId())
	if err := errors.Join(err1, err2); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "an id is no UUID")
	}
	return &task.Outcome{TaskID: id, Reminder: rid, Rev: rev, Status: status, At: ev.GetTime().AsTime()}, nil
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
