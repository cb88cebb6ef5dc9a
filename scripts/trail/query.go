package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"google.golang.org/protobuf/encoding/protojson"

	events "github.com/tickler-app/tickler/proto-events"
)

// query is what an operator asks for; a zero field narrows nothing.
type query struct {
	person   string
	task     uuid.UUID
	types    []string
	from, to time.Time
	limit    int
}

// row is one of services/audit's table audit_log.
type row struct {
	EventID uuid.UUID `db:"event_id"`
	At      time.Time
	UserID  string        `db:"user_id"`
	TaskID  uuid.NullUUID `db:"task_id"`
	Type    string        `db:"event_type"`
	Content []byte
}

// pageSize keeps each transaction short: a long one would hold every outbox back.
const pageSize = 500

// each gives f the lines of the answer, newest first.
func (q query) each(ctx context.Context, db *sqlx.DB, f func(line []byte) error) error {
	var last *row
	for left := q.limit; left > 0; {
		statement, args := q.page(last, min(left, pageSize))
		var rows []row
		if err := db.SelectContext(ctx, &rows, statement, args...); err != nil {
			return fmt.Errorf("read the trail: %w", err)
		}
		for i := range rows {
			line, err := rows[i].line()
			if err != nil {
				return err
			}
			if err := f(line); err != nil {
				return err
			}
		}
		if len(rows) < min(left, pageSize) {
			return nil
		}
		left, last = left-len(rows), &rows[len(rows)-1]
	}
	return nil
}

// page is the statement for the rows behind last. Of a person or a task they come in the order
// of the index that has them; of everybody in that of their ids, which are UUIDv7.
func (q query) page(last *row, n int) (string, []any) {
	var args []any
	arg := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	where, order := []string{"true"}, "event_id DESC"
	if q.person != "" {
		where = append(where, "user_id = "+arg(q.person))
	}
	if q.task != uuid.Nil {
		where = append(where, "task_id = "+arg(q.task))
	}
	if q.types != nil {
		where = append(where, "event_type = ANY ("+arg(pq.Array(q.types))+")")
	}
	if !q.from.IsZero() {
		where = append(where, "at >= "+arg(q.from))
	}
	if !q.to.IsZero() {
		where = append(where, "at <= "+arg(q.to))
	}
	if q.person != "" || q.task != uuid.Nil {
		order = "at DESC, event_id DESC"
		if last != nil {
			where = append(where, fmt.Sprintf("(at, event_id) < (%s, %s)", arg(last.At), arg(last.EventID)))
		}
	} else if last != nil {
		where = append(where, "event_id < "+arg(last.EventID))
	}
	return `SELECT event_id, at, user_id, task_id, event_type, content FROM audit_log
		WHERE ` + strings.Join(where, " AND ") + ` ORDER BY ` + order + ` LIMIT ` + arg(n), args
}

// line is a row as JSON. An event of a type that this release does not know is shown as its bytes.
func (r row) line() ([]byte, error) {
	shown := struct {
		EventID   uuid.UUID       `json:"event_id"`
		Type      string          `json:"event_type"`
		UserID    string          `json:"user_id"`
		TaskID    *uuid.UUID      `json:"task_id"`
		Timestamp time.Time       `json:"timestamp"`
		Event     json.RawMessage `json:"event"`
		Content   []byte          `json:"content,omitempty"`
	}{EventID: r.EventID, Type: r.Type, UserID: r.UserID, Timestamp: r.At.UTC()}
	if r.TaskID.Valid {
		shown.TaskID = &r.TaskID.UUID
	}
	if ev, err := events.Decode(r.Type, r.Content); err != nil {
		shown.Content = r.Content
	} else if shown.Event, err = (protojson.MarshalOptions{UseProtoNames: true}).Marshal(ev); err != nil {
		return nil, fmt.Errorf("show %s: %w", r.EventID, err)
	}
	return json.Marshal(shown)
}
