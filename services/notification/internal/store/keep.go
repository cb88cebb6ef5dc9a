package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// taskJSON is a task as one statement takes many.
type taskJSON struct {
	UserID   string     `json:"user_id"`
	ID       string     `json:"id"`
	Version  int64      `json:"version"`
	Title    string     `json:"title"`
	Due      string     `json:"due"`
	DueAt    *time.Time `json:"due_at"`
	Urgent   bool       `json:"urgent"`
	ClosedAt *time.Time `json:"closed_at"`
}

// Keep writes tasks in one statement, each of them once.
func (w *Work) Keep(ctx context.Context, tasks []notice.Task) error {
	if len(tasks) == 0 {
		return nil
	}
	rows := make([]taskJSON, len(tasks))
	for i, t := range tasks {
		rows[i] = taskJSON{t.UserID, t.ID, t.Version, t.Title, t.Due, t.DueAt, t.Urgent, t.ClosedAt}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write tasks: %w", err)
	}
	if _, err := w.DB.ExecContext(ctx, `
		INSERT INTO tasks (user_id, id, version, title, due, due_at, urgent, closed_at)
		SELECT r.user_id, r.id, r.version, r.title, r.due, r.due_at, r.urgent, r.closed_at
		FROM jsonb_to_recordset($1::jsonb) AS r (user_id text, id text, version bigint, title text, due text, due_at timestamptz, urgent boolean, closed_at timestamptz)
		WHERE NOT EXISTS (SELECT FROM people p WHERE p.user_id = r.user_id AND p.gone)
		ON CONFLICT (user_id, id) DO UPDATE SET version = EXCLUDED.version, title = EXCLUDED.title, due = EXCLUDED.due,
			due_at = EXCLUDED.due_at, urgent = EXCLUDED.urgent, closed_at = EXCLUDED.closed_at
		WHERE tasks.version <= EXCLUDED.version`, string(text)); err != nil {
		return postgres.Fault(fmt.Errorf("keep tasks: %w", err))
	}
	return nil
}

// Listening finds those with a webhook, or with channels for what they do themselves.
func (w *Work) Listening(ctx context.Context, userIDs []string) (map[string]bool, error) {
	if len(userIDs) == 0 {
		return nil, nil
	}
	var found []string
	err := w.DB.SelectContext(ctx, &found, `
		SELECT u FROM unnest($1::text[]) u
		WHERE EXISTS (SELECT FROM webhooks h WHERE h.user_id = u AND h.enabled)
		OR EXISTS (SELECT FROM preferences p, jsonb_each(p.channels) c
			WHERE p.user_id = u AND c.key LIKE 'task.%' AND c.key <> 'task.overdue' AND c.value <> '[]')`, pq.Array(userIDs))
	if err != nil {
		return nil, postgres.Fault(fmt.Errorf("find who listens: %w", err))
	}
	listening := map[string]bool{}
	for _, user := range found {
		listening[user] = true
	}
	return listening, nil
}
