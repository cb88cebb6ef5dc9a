package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Take leases due deliveries of a channel. Two that take at the same time get different ones. One
// to a hook waits until those before it, of the same task, have ended.
func (w *Work) Take(ctx context.Context, channel notice.Channel, now, lease time.Time, n int) (parcels []notice.Parcel, err error) {
	err = postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		var rows []deliveryRow
		if err := tx.SelectContext(ctx, &rows, `
			UPDATE deliveries d SET due_at = $3, attempts = d.attempts + 1
			FROM (
				SELECT o.id FROM deliveries o WHERE o.status = 'pending' AND o.channel = $1 AND o.due_at <= $2
					AND NOT EXISTS (SELECT FROM deliveries b
						WHERE b.status = 'pending' AND b.webhook_id = o.webhook_id AND b.task_id = o.task_id AND b.place < o.place)
				ORDER BY o.due_at, o.place LIMIT $4 FOR UPDATE SKIP LOCKED
			) due
			WHERE d.id = due.id RETURNING `+deliveryColumns, string(channel), now, lease, n); err != nil {
			return fmt.Errorf("take deliveries: %w", err)
		}
		parcels = make([]notice.Parcel, len(rows))
		for i := range rows {
			if err := w.fill(ctx, tx, &parcels[i], rows[i].delivery()); err != nil {
				return err
			}
		}
		return nil
	})
	return parcels, err
}

// fill adds what a delivery's sender needs.
func (w *Work) fill(ctx context.Context, tx postgres.Tx, p *notice.Parcel, d notice.Delivery) (err error) {
	p.Delivery = d
	if p.Person, _, err = w.person(ctx, tx, d.UserID); err != nil {
		return err
	}
	if p.Preferences, err = preferences(ctx, tx, d.UserID); err != nil {
		return err
	}
	if d.NoticeID != uuid.Nil {
		var row noticeRow
		if err := tx.GetContext(ctx, &row, `SELECT `+noticeColumns+` FROM notices n WHERE n.id = $1`, d.NoticeID); err != nil {
			return fmt.Errorf("load notice: %w", err)
		}
		if p.Notice, err = row.notice(); err != nil {
			return err
		}
		t, err := task(ctx, tx, d.UserID, p.Notice.TaskID)
		if err != nil {
			return err
		}
		p.Closed = t != nil && t.ClosedAt != nil
	}
	switch d.Channel {
	case notice.Push:
		p.Subscriptions, err = w.subscriptions(ctx, tx, d.UserID)
	case notice.Webhook:
		p.Hook, err = w.hook(ctx, tx, d.UserID, d.WebhookID)
	}
	return err
}

// pushKeys are what a browser gave, as they are sealed.
type pushKeys struct{ P256dh, Auth string }

func (w *Work) subscriptions(ctx context.Context, tx postgres.Tx, userID string) (found []notice.Subscription, err error) {
	var rows []struct {
		ID             uuid.UUID
		Endpoint, Keys string
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT id, endpoint, keys FROM push_subscriptions WHERE user_id = $1 ORDER BY id`, userID); err != nil {
		return nil, fmt.Errorf("load subscriptions: %w", err)
	}
	for _, row := range rows {
		plain, err := w.Seal.Open(row.Keys, "push_subscriptions/"+row.ID.String())
		if err != nil {
			return nil, err
		}
		var keys pushKeys
		if err := json.Unmarshal(plain, &keys); err != nil {
			return nil, fmt.Errorf("read subscription: %w", err)
		}
		found = append(found, notice.Subscription{ID: row.ID, Endpoint: row.Endpoint, P256dh: keys.P256dh, Auth: keys.Auth})
	}
	return found, nil
}

// Unsubscribed removes a browser that the push service knows no more.
func (w *Work) Unsubscribed(ctx context.Context, id uuid.UUID) error {
	return postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM push_subscriptions WHERE id = $1`, id)
		return err
	})
}

// hookRow is a row of webhooks.
type hookRow struct {
	ID        uuid.UUID
	UserID    string `db:"user_id"`
	URL       string
	Events    pq.StringArray
	Enabled   bool
	Secret    string
	CreatedAt time.Time `db:"created_at"`

	FailingSince *time.Time `db:"failing_since"`
}

const hookColumns = `h.id, h.user_id, h.url, h.events, h.enabled, h.secret, h.created_at, h.failing_since`

// hook is the hook with its secret sealed.
func (r *hookRow) hook() notice.Hook {
	return notice.Hook{
		ID: r.ID, UserID: r.UserID, URL: r.URL, Events: r.Events, Enabled: r.Enabled, CreatedAt: r.CreatedAt.UTC(), FailingSince: r.FailingSince,
	}
}

// hooks are a person's that are on, without their secrets.
func (w *Work) hooks(ctx context.Context, tx postgres.Tx, userID string) (found []notice.Hook, err error) {
	var rows []hookRow
	if err := tx.SelectContext(ctx, &rows, `SELECT `+hookColumns+` FROM webhooks h WHERE h.user_id = $1 AND h.enabled ORDER BY h.id`, userID); err != nil {
		return nil, fmt.Errorf("load webhooks: %w", err)
	}
	for i := range rows {
		found = append(found, rows[i].hook())
	}
	return found, nil
}

// hook is one of a person's with its secret; the zero one where it is gone.
func (w *Work) hook(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (notice.Hook, error) {
	var rows []hookRow
	if err := tx.SelectContext(ctx, &rows, `SELECT `+hookColumns+` FROM webhooks h WHERE h.user_id = $1 AND h.id = $2`, userID, id); err != nil || len(rows) == 0 {
		return notice.Hook{}, err
	}
	secret, err := w.Seal.Open(rows[0].Secret, "webhooks/"+id.String())
	h := rows[0].hook()
	h.Secret = string(secret)
	return h, err
}

// saveHook keeps how a hook does.
func saveHook(ctx context.Context, tx postgres.Tx, h *notice.Hook) error {
	if _, err := tx.ExecContext(ctx, `UPDATE webhooks SET enabled = $2, failing_since = $3 WHERE id = $1`, h.ID, h.Enabled, h.FailingSince); err != nil {
		return fmt.Errorf("save webhook: %w", err)
	}
	return nil
}
