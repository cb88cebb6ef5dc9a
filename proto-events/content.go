package events

import (
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	reminderv1 "github.com/tickler-app/tickler/proto-events/gen/reminder/v1"
	sessionv1 "github.com/tickler-app/tickler/proto-events/gen/session/v1"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
)

// lacksContent names what is missing of that which the event is about.
func lacksContent(ev Event) []string {
	switch ev := ev.(type) {
	case *reminderv1.ReminderSent:
		return missing("reminder", ev.GetReminder() == nil)
	case *reminderv1.ReminderFailed:
		return missing("reminder", ev.GetReminder() == nil)
	case *noticev1.NoticeCreated:
		return missing("notice", ev.GetNotice() == nil)
	case *userv1.UserRegistered:
		return missing("user", ev.GetUser() == nil)
	case *userv1.UserUpdated:
		return missing("user", ev.GetUser() == nil)
	case *userv1.UserDeleted:
		return nil
	case *sessionv1.SessionRevoked:
		return missing("session_id", ev.GetSessionId() == "")
	case TaskEvent: // task.*, series.ended, reminder.snoozed
		return missing("task", ev.GetTask() == nil || ev.GetTaskId() == "")
	}
	return []string{"a known type"}
}

func missing(field string, is bool) []string {
	if is {
		return []string{field}
	}
	return nil
}
