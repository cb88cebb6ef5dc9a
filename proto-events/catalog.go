// Package events is the language between the services: every topic, every message that is on
// them, how a message becomes a record and back, and the JSON that people see of it.
package events

import "time"

// The topics. Names are for ever: what is on a topic outlives the code that wrote it.
const (
	TaskEvents         = "task-events"
	TaskUpdates        = "task-updates"
	TaskCommands       = "task-commands"
	TimerCommands      = "timer-commands"
	TimerState         = "timer-state"
	Reminders          = "reminders"
	NotificationEvents = "notification-events"
	UserEvents         = "user-events"
	OutboxCursors      = "outbox-cursors"
)

// TimerCursor is the key on timer-state under which a partition's timerv1.Cursor stands. No timer
// has such an id.
const TimerCursor = "\x00cursor"

const day = 24 * time.Hour

// Catalog returns every topic but the dead-letter ones, which follow from the groups (DeadLetters).
// It is the one list: the topics job, the ACLs, the README's table, AsyncAPI and the tests read it.
func Catalog() []Topic {
	return []Topic{
		{
			Name: TaskEvents, Key: "user id", Retention: 30 * day,
			About:   "What happened to tasks.",
			Writers: []string{"api"}, Groups: []string{"audit", "notification", "recurring"},
		},
		{
			Name: TaskUpdates, Key: "user id", Retention: 3 * day,
			About:   "The live feed: all that a person's open tabs show, with the person's sequence and no gap in it.",
			Writers: []string{"api"}, Readers: []string{"realtime"},
		},
		{
			Name: TaskCommands, Key: "user id", Retention: 7 * day,
			About:   "Next occurrences that a series asks for.",
			Writers: []string{"recurring"}, Groups: []string{"api"},
		},
		{
			Name: TimerCommands, Key: "timer id", Retention: 7 * day, Fixed: true,
			About:   "Timers set and taken back.",
			Writers: []string{"api", "notification"}, Groups: []string{"scheduler"},
		},
		{
			Name: TimerState, Key: "timer id", Compact: true, Fixed: true,
			About:   "The timers of each partition, and how far its commands were applied; one writer a partition.",
			Writers: []string{"scheduler"}, Readers: []string{"scheduler"},
		},
		{
			Name: Reminders, Key: "user id", Retention: 7 * day,
			About:   "Timers that fired.",
			Writers: []string{"scheduler"}, Groups: []string{"notification"},
		},
		{
			Name: NotificationEvents, Key: "user id", Retention: 30 * day,
			About:   "How reminders ended, and notices in the app.",
			Writers: []string{"notification"}, Groups: []string{"api", "audit"},
		},
		{
			Name: UserEvents, Key: "user id", Retention: 30 * day,
			About:   "People who came, changed and left, and sessions that ended.",
			Writers: []string{"identity"}, Groups: []string{"api", "audit", "chat", "notification"},
			Readers: []string{"realtime"},
		},
		{
			Name: OutboxCursors, Key: "service/shard", Compact: true,
			About:   "How far each outbox was sent; written in the transaction that sends.",
			Writers: []string{"api", "identity", "notification"},
			Readers: []string{"api", "identity", "notification"},
		},
	}
}
