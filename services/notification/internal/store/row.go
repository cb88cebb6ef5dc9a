package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/postgres"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// noticeRow is a row of notices.
type noticeRow struct {
	ID        uuid.UUID
	UserID    string `db:"user_id"`
	Kind      string
	TaskID    string `db:"task_id"`
	Title     string
	Due       string
	Urgent    bool
	InApp     bool       `db:"in_app"`
	CreatedAt time.Time  `db:"created_at"`
	ReadAt    *time.Time `db:"read_at"`
	TimerID   *string    `db:"timer_id"`
	TimerRev  *int64     `db:"timer_rev"`
	Reminder  []byte
	Version   *int64
	Ended     *bool
}

const noticeColumns = `n.id, n.user_id, n.kind, n.task_id, n.title, n.due, n.urgent, n.in_app, n.created_at, n.read_at,
	n.timer_id, n.timer_rev, n.reminder, n.version, n.ended`

func (r *noticeRow) notice() (notice.Notice, error) {
	n := notice.Notice{
		ID: r.ID, UserID: r.UserID, Kind: r.Kind, TaskID: r.TaskID, Title: r.Title, Due: r.Due, Urgent: r.Urgent, InApp: r.InApp,
		CreatedAt: r.CreatedAt.UTC(),
	}
	if r.ReadAt != nil {
		read := r.ReadAt.UTC()
		n.ReadAt = &read
	}
	if r.TimerID != nil {
		n.Ring = &notice.Ring{TimerID: *r.TimerID, Rev: *r.TimerRev, Version: *r.Version, Ended: *r.Ended, Reminder: &taskv1.Reminder{}}
		if err := proto.Unmarshal(r.Reminder, n.Ring.Reminder); err != nil {
			return n, fmt.Errorf("read reminder: %w", err)
		}
	}
	return n, nil
}

func saveNotice(ctx context.Context, tx postgres.Tx, n *notice.Notice) error {
	row := noticeRow{}
	if n.Ring != nil {
		reminder, err := proto.Marshal(n.Ring.Reminder)
		if err != nil {
			return fmt.Errorf("write reminder: %w", err)
		}
		row.TimerID, row.TimerRev, row.Reminder, row.Version, row.Ended = &n.Ring.TimerID, &n.Ring.Rev, reminder, &n.Ring.Version, &n.Ring.Ended
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO notices (id, user_id, kind, task_id, title, due, urgent, in_app, created_at, timer_id, timer_rev, reminder, version, ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO UPDATE SET ended = EXCLUDED.ended`,
		n.ID, n.UserID, n.Kind, n.TaskID, n.Title, n.Due, n.Urgent, n.InApp, n.CreatedAt,
		row.TimerID, row.TimerRev, row.Reminder, row.Version, row.Ended); err != nil {
		return fmt.Errorf("save notice: %w", err)
	}
	return nil
}

// deliveryRow is a row of deliveries.
type deliveryRow struct {
	ID        uuid.UUID
	NoticeID  uuid.NullUUID `db:"notice_id"`
	WebhookID uuid.NullUUID `db:"webhook_id"`
	EventID   uuid.NullUUID `db:"event_id"`
	TaskID    *string       `db:"task_id"`
	Body      []byte
	UserID    string `db:"user_id"`
	Channel   string
	Status    string
	Attempts  int
	Failures  int
	Held      bool
	DueAt     time.Time `db:"due_at"`
	ExpiresAt time.Time `db:"expires_at"`
	Rev       int64
	Reason    string
	CreatedAt time.Time  `db:"created_at"`
	SettledAt *time.Time `db:"settled_at"`
}

const deliveryColumns = `d.id, d.notice_id, d.webhook_id, d.event_id, d.task_id, d.body, d.user_id, d.channel, d.status, d.attempts, d.failures, d.held,
	d.due_at, d.expires_at, d.rev, d.reason, d.created_at, d.settled_at`

func (r *deliveryRow) delivery() notice.Delivery {
	d := notice.Delivery{
		ID: r.ID, NoticeID: r.NoticeID.UUID, WebhookID: r.WebhookID.UUID, EventID: r.EventID.UUID, Body: r.Body, UserID: r.UserID,
		Channel: notice.Channel(r.Channel), Status: notice.Status(r.Status), Attempts: r.Attempts, Failures: r.Failures, Held: r.Held,
		DueAt: r.DueAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), Rev: r.Rev, Reason: r.Reason, CreatedAt: r.CreatedAt.UTC(), SettledAt: r.SettledAt,
	}
	if r.TaskID != nil {
		d.TaskID = *r.TaskID
	}
	return d
}

func saveDelivery(ctx context.Context, tx postgres.Tx, d *notice.Delivery) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO deliveries (id, notice_id, webhook_id, event_id, body, user_id, channel, status, attempts, failures, held, due_at, expires_at, rev, reason, created_at, settled_at, task_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, nullif($18, ''))
		ON CONFLICT (id) DO UPDATE SET status = EXCLUDED.status, failures = EXCLUDED.failures, held = EXCLUDED.held, due_at = EXCLUDED.due_at,
			expires_at = EXCLUDED.expires_at, rev = EXCLUDED.rev, reason = EXCLUDED.reason, settled_at = EXCLUDED.settled_at`,
		d.ID, orNull(d.NoticeID), orNull(d.WebhookID), orNull(d.EventID), d.Body, d.UserID, string(d.Channel), string(d.Status), d.Attempts, d.Failures, d.Held,
		d.DueAt, d.ExpiresAt, d.Rev, d.Reason, d.CreatedAt, d.SettledAt, d.TaskID); err != nil {
		return fmt.Errorf("save delivery: %w", err)
	}
	return nil
}

func orNull(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

// concerning reads a delivery's notice with all its deliveries, or the delivery alone.
func concerning(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (*notice.Notice, []notice.Delivery, error) {
	var rows []deliveryRow
	if err := tx.SelectContext(ctx, &rows, `
		SELECT `+deliveryColumns+` FROM deliveries d
		WHERE d.user_id = $1 AND (d.id = $2 OR d.notice_id = (SELECT o.notice_id FROM deliveries o WHERE o.id = $2 AND o.user_id = $1))
		ORDER BY d.id`, userID, id); err != nil {
		return nil, nil, fmt.Errorf("load deliveries: %w", err)
	}
	found := make([]notice.Delivery, len(rows))
	for i := range rows {
		found[i] = rows[i].delivery()
	}
	if len(rows) == 0 || !rows[0].NoticeID.Valid {
		return nil, found, nil
	}
	var row noticeRow
	if err := tx.GetContext(ctx, &row, `SELECT `+noticeColumns+` FROM notices n WHERE n.id = $1`, rows[0].NoticeID); err != nil {
		return nil, nil, fmt.Errorf("load notice: %w", err)
	}
	n, err := row.notice()
	return &n, found, err
}

// task reads what is kept of a task; nil for one that was not heard of.
func task(ctx context.Context, tx postgres.Tx, userID, id string) (*notice.Task, error) {
	var row struct {
		Version  int64
		Title    string
		Due      string
		DueAt    *time.Time `db:"due_at"`
		Urgent   bool
		ClosedAt *time.Time `db:"closed_at"`
		Told     *time.Time `db:"overdue_told"`
	}
	err := tx.GetContext(ctx, &row, `SELECT version, title, due, due_at, urgent, closed_at, overdue_told FROM tasks WHERE user_id = $1 AND id = $2`, userID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("load task: %w", err)
	}
	return &notice.Task{ID: id, UserID: userID, Version: row.Version, Title: row.Title, Due: row.Due, DueAt: row.DueAt, Urgent: row.Urgent, ClosedAt: row.ClosedAt, OverdueTold: row.Told}, nil
}

func saveTask(ctx context.Context, tx postgres.Tx, userID string, t *notice.Task) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO tasks (user_id, id, version, title, due, due_at, urgent, closed_at, overdue_told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (user_id, id) DO UPDATE SET version = EXCLUDED.version, title = EXCLUDED.title, due = EXCLUDED.due,
			due_at = EXCLUDED.due_at, urgent = EXCLUDED.urgent, closed_at = EXCLUDED.closed_at,
			overdue_told = EXCLUDED.overdue_told`,
		userID, t.ID, t.Version, t.Title, t.Due, t.DueAt, t.Urgent, t.ClosedAt, t.OverdueTold); err != nil {
		return fmt.Errorf("save task: %w", err)
	}
	return nil
}
