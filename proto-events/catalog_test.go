package events

import (
	"maps"
	"slices"
	"testing"
)

func TestEveryGroupOfATopicHasItsDeadLetters(t *testing.T) {
	t.Parallel()
	var got []string
	for _, d := range DeadLetters() {
		got = append(got, d.Name)
		if d.Settings()["retention.ms"] != "2592000000" || d.Key == "" || d.Source == "" {
			t.Errorf("%+v", d)
		}
	}
	want := []string{
		"task-events.audit.dlq", "task-events.notification.dlq", "task-events.recurring.dlq", "task-commands.api.dlq",
		"timer-commands.scheduler.dlq", "reminders.notification.dlq", "notification-events.api.dlq", "notification-events.audit.dlq",
		"user-events.api.dlq", "user-events.audit.dlq", "user-events.chat.dlq", "user-events.notification.dlq",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestATopicKeepsWhatTheArchitectureSays(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]map[string]string{
		TaskEvents:  {"cleanup.policy": "delete", "retention.ms": "2592000000"},
		TaskUpdates: {"cleanup.policy": "delete", "retention.ms": "259200000"},
		TimerState: {
			"cleanup.policy": "compact", "retention.ms": "-1", "segment.ms": "3600000",
			"max.compaction.lag.ms": "21600000", "delete.retention.ms": "86400000",
		},
	} {
		topic, ok := Find(name)
		if got := topic.Settings(); !ok || !maps.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, ok := Find("task-event"); ok {
		t.Error("found a topic that is not there")
	}
}

func TestAServiceMayDoNoMoreThanTheCatalogSays(t *testing.T) {
	t.Parallel()
	for service, want := range map[string]Access{
		"api": {
			Service: "api", Group: "api", Transactions: "api",
			Write: []string{
				TaskEvents, TaskUpdates, TimerCommands, OutboxCursors,
				"task-commands.api.dlq", "notification-events.api.dlq", "user-events.api.dlq",
			},
			Read: []string{TaskCommands, NotificationEvents, UserEvents, OutboxCursors},
		},
		"realtime": {Service: "realtime", Read: []string{TaskUpdates, UserEvents}},
		"chat":     {Service: "chat", Group: "chat", Write: []string{"user-events.chat.dlq"}, Read: []string{UserEvents}},
		"scheduler": {
			Service: "scheduler", Group: "scheduler", Transactions: "scheduler",
			Write: []string{TimerState, Reminders, "timer-commands.scheduler.dlq"}, Read: []string{TimerCommands, TimerState},
		},
		"web": {Service: "web"},
	} {
		got := AccessOf(service)
		same := got.Service == want.Service && got.Group == want.Group && got.Transactions == want.Transactions &&
			slices.Equal(got.Write, want.Write) && slices.Equal(got.Read, want.Read)
		if !same {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if got := Services(); !slices.Equal(got, []string{"api", "audit", "chat", "identity", "notification", "realtime", "recurring", "scheduler"}) {
		t.Error(got)
	}
}
