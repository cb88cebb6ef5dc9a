package events

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
)

type taskFrame struct {
	Type      string     `json:"type"`
	Cursor    string     `json:"cursor"`
	EventID   string     `json:"event_id"`
	TaskID    string     `json:"task_id"`
	Version   int64      `json:"version"`
	Task      *TaskView  `json:"task"`
	Changed   []string   `json:"changed"` // never null
	Actor     ActorView  `json:"actor"`
	Source    string     `json:"source"`
	RequestID *string    `json:"request_id"`
	Timestamp *time.Time `json:"timestamp"`
}

type noticeFrame struct {
	Type    string     `json:"type"`
	Cursor  string     `json:"cursor"`
	EventID string     `json:"event_id"`
	Notice  NoticeView `json:"notice"`
}

// Cursor is a person's sequence as the feed and `sync` show it.
func Cursor(seq int64) string { return strconv.FormatInt(seq, 10) }

// Frame is the event as the live feed tells it, which webhooks send too. The error is that people
// and sessions are not on the feed.
func Frame(ev Event) ([]byte, error) {
	switch ev := ev.(type) {
	case *noticev1.NoticeCreated:
		return json.Marshal(noticeFrame{
			Type: NoticeCreated, Cursor: Cursor(ev.GetSeq()), EventID: ev.GetEventId(), Notice: ViewNotice(ev.GetNotice()),
		})
	case TaskEvent:
		f := taskFrame{
			Type: Type(ev), Cursor: Cursor(ev.GetSeq()), EventID: ev.GetEventId(), TaskID: ev.GetTaskId(),
			Version: ev.GetVersion(), Changed: append([]string{}, ev.GetChanged()...), Actor: ViewActor(ev.GetActor()),
			Source: ev.GetSource(), RequestID: orNull(ev.GetRequestId()), Timestamp: instant(ev.GetTime()),
		}
		if t := ev.GetTask(); t != nil {
			v := View(t)
			f.Task = &v
		}
		return json.Marshal(f)
	}
	return nil, fmt.Errorf("%s is not on the feed", Type(ev))
}
