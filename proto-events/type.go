package events

import (
	"fmt"
	"slices"

	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	seriesv1 "github.com/tickler-app/tickler/proto-events/gen/series/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
)

// The types of events: ce_type on Kafka, event_type on the trail, type on the feed.
const (
	TaskCreated     = "task.created"
	TaskUpdated     = "task.updated"
	TaskCompleted   = "task.completed"
	TaskReopened    = "task.reopened"
	TaskDeleted     = "task.deleted"
	TaskRestored    = "task.restored"
	TaskSkipped     = "task.skipped"
	SeriesEnded     = "series.ended"
	ReminderSent    = "reminder.sent"
	ReminderFailed  = "reminder.failed"
	ReminderSnoozed = "reminder.snoozed"
	NoticeCreated   = "notice.created"
	UserRegistered  = "user.registered"
	UserUpdated     = "user.updated"
	UserDeleted     = "user.deleted"
	SessionRevoked  = "session.revoked"
)

// kinds has a row for each type of event: its message, and the topics that its own service writes it to.
// Nobody changes it.
var kinds = []struct {
	ceType  string
	message Event
	topics  []string
}{
	{TaskCreated, &taskv1.TaskCreated{}, feed},
	{TaskUpdated, &taskv1.TaskUpdated{}, feed},
	{TaskCompleted, &taskv1.TaskCompleted{}, feed},
	{TaskReopened, &taskv1.TaskReopened{}, feed},
	{TaskDeleted, &taskv1.TaskDeleted{}, feed},
	{TaskRestored, &taskv1.TaskRestored{}, feed},
	{TaskSkipped, &taskv1.TaskSkipped{}, feed},
	{SeriesEnded, &seriesv1.SeriesEnded{}, feed},
	{ReminderSent, &reminderv1.ReminderSent{}, notices},
	{ReminderFailed, &reminderv1.ReminderFailed{}, notices},
	{ReminderSnoozed, &reminderv1.ReminderSnoozed{}, feed},
	{NoticeCreated, &noticev1.NoticeCreated{}, notices},
	{UserRegistered, &userv1.UserRegistered{}, people},
	{UserUpdated, &userv1.UserUpdated{}, people},
	{UserDeleted, &userv1.UserDeleted{}, people},
	{SessionRevoked, &sessionv1.SessionRevoked{}, people},
}

var (
	feed    = []string{TaskEvents, TaskUpdates}
	notices = []string{NotificationEvents}
	people  = []string{UserEvents}
)

// Types are all types of events, in the order above.
func Types() []string {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		all[i] = k.ceType
	}
	return all
}

// TopicsOf are the topics that an event of that type is written to by the service it comes from. What is on
// NotificationEvents `api` then passes on to TaskUpdates, with the person's sequence.
func TopicsOf(ceType string) []string {
	for _, k := range kinds {
		if k.ceType == ceType {
			return slices.Clone(k.topics)
		}
	}
	return nil
}

// Type is the event's ce_type, empty for a message that is none of ours.
func Type(ev Event) string {
	name := ev.ProtoReflect().Descriptor().FullName()
	for _, k := range kinds {
		if k.message.ProtoReflect().Descriptor().FullName() == name {
			return k.ceType
		}
	}
	return ""
}

// empty makes an event of that type with nothing in it.
func empty(ceType string) (Event, error) {
	for _, k := range kinds {
		if k.ceType == ceType {
			return k.message.ProtoReflect().New().Interface().(Event), nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknownType, ceType)
}
