package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Hooks implements notice.HookShelf. DB connects as notification_app.
type Hooks struct {
	DB   *sqlx.DB
	Seal *seal.Keys
	Hints
}

var _ notice.HookShelf = (*Hooks)(nil)

func (s *Hooks) shelf() *Shelf { return &Shelf{DB: s.DB, Seal: s.Seal} }

// Hooks lists a person's hooks, without their secrets.
func (s *Hooks) Hooks(ctx context.Context, userID string) (found []notice.Hook, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var rows []hookRow
		if err := tx.SelectContext(ctx, &rows, `SELECT `+hookColumns+` FROM webhooks h WHERE h.user_id = $1 ORDER BY h.id`, userID); err != nil {
			return fmt.Errorf("list webhooks: %w", err)
		}
		for i := range rows {
			found = append(found, rows[i].hook())
		}
		return nil
	})
	return found, err
}

// AddHook keeps a hook, whose secret is shown again only to who asks with the same key.
func (s *Hooks) AddHook(ctx context.Context, h notice.Hook, key string) (added notice.Hook, replayed bool, err error) {
	once, asked := sql.NullString{String: key, Valid: key != ""}, sha256.Sum256([]byte(strings.Join(slices.Concat(h.Events, []string{h.URL}), "\n")))
	err = s.shelf().write(ctx, h.UserID, func(tx postgres.Tx) error {
		var rows []struct {
			hookRow
			Asked []byte
		}
		if err := tx.SelectContext(ctx, &rows, `
			SELECT `+hookColumns+`, h.asked FROM webhooks h WHERE h.user_id = $1 AND h.once = $2 AND h.created_at > $3`,
			h.UserID, once, h.CreatedAt.Add(-24*time.Hour)); err != nil {
			return fmt.Errorf("look for the key: %w", err)
		}
		if len(rows) > 0 {
			if !bytes.Equal(rows[0].Asked, asked[:]) && rows[0].Asked != nil { // nil where an earlier release made it
				return notice.ErrOtherRequest
			}
			secret, err := s.Seal.Open(rows[0].Secret, "webhooks/"+rows[0].ID.String())
			added, replayed = rows[0].hook(), true
			added.Secret = string(secret)
			return err
		}
		var n int
		if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM webhooks WHERE user_id = $1`, h.UserID); err != nil {
			return fmt.Errorf("count webhooks: %w", err)
		}
		if n >= notice.MaxHooks {
			return notice.ErrTooManyHooks
		}
		if _, err := tx.ExecContext(ctx, `UPDATE webhooks SET once = NULL WHERE user_id = $1 AND once = $2`, h.UserID, once); err != nil {
			return fmt.Errorf("forget an old key: %w", err)
		}
		added = h
		_, err := tx.ExecContext(ctx, `
			INSERT INTO webhooks (id, user_id, url, events, enabled, secret, once, created_at, asked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			h.ID, h.UserID, h.URL, pq.StringArray(h.Events), h.Enabled, s.Seal.Seal([]byte(h.Secret), "webhooks/"+h.ID.String()), once, h.CreatedAt, asked[:])
		return err
	})
	return added, replayed, err
}

// ChangeHook changes a hook, but for its secret.
func (s *Hooks) ChangeHook(ctx context.Context, userID string, id uuid.UUID, change func(*notice.Hook) error) (h notice.Hook, err error) {
	err = s.shelf().write(ctx, userID, func(tx postgres.Tx) error {
		var row hookRow
		err := tx.GetContext(ctx, &row, `SELECT `+hookColumns+` FROM webhooks h WHERE h.user_id = $1 AND h.id = $2`, userID, id)
		if errors.Is(err, sql.ErrNoRows) {
			return notice.ErrNoHook
		} else if err != nil {
			return fmt.Errorf("load webhook: %w", err)
		}
		h = row.hook()
		if err := change(&h); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE webhooks SET url = $3, events = $4, enabled = $5, failing_since = $6 WHERE user_id = $1 AND id = $2`,
			userID, id, h.URL, pq.StringArray(h.Events), h.Enabled, h.FailingSince)
		return err
	})
	return h, err
}

// RemoveHook removes a hook with what it was told, and what it was to be.
func (s *Hooks) RemoveHook(ctx context.Context, userID string, id uuid.UUID) error {
	return s.shelf().write(ctx, userID, func(tx postgres.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM webhooks WHERE user_id = $1 AND id = $2`, userID, id)
		if err != nil {
			return fmt.Errorf("remove webhook: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, notice.ErrNoHook)
		}
		return nil
	})
}

// Told lists a hook's deliveries, newest first.
func (s *Hooks) Told(ctx context.Context, userID string, hook uuid.UUID, page notice.Page) (found []notice.Delivery, next uuid.UUID, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var there bool
		if err := tx.GetContext(ctx, &there, `SELECT EXISTS (SELECT FROM webhooks WHERE user_id = $1 AND id = $2)`, userID, hook); err != nil || !there {
			return errors.Join(err, notice.ErrNoHook)
		}
		var rows []deliveryRow
		if err := tx.SelectContext(ctx, &rows, `
			SELECT `+deliveryColumns+` FROM deliveries d WHERE d.user_id = $1 AND d.webhook_id = $2 AND ($3::uuid IS NULL OR d.id < $3)
			ORDER BY d.id DESC LIMIT $4`, userID, hook, orNull(page.After), page.Limit+1); err != nil {
			return fmt.Errorf("list deliveries: %w", err)
		}
		if len(rows) > page.Limit {
			rows = rows[:page.Limit]
			next = rows[page.Limit-1].ID
		}
		for i := range rows {
			found = append(found, rows[i].delivery())
		}
		return nil
	})
	return found, next, err
}

// Replay makes a delivery due again, under the same id. One that is pending comes sooner.
func (s *Hooks) Replay(ctx context.Context, userID string, hook, delivery uuid.UUID, now time.Time) (d notice.Delivery, err error) {
	err = s.shelf().write(ctx, userID, func(tx postgres.Tx) error {
		var row deliveryRow
		err := tx.GetContext(ctx, &row, `
			UPDATE deliveries d SET status = 'pending', due_at = $4, expires_at = $5, failures = 0, held = false, rev = d.rev + 1, settled_at = NULL
			WHERE d.user_id = $1 AND d.webhook_id = $2 AND d.id = $3 RETURNING `+deliveryColumns, userID, hook, delivery, now, now.Add(notice.Life))
		if errors.Is(err, sql.ErrNoRows) {
			return notice.ErrNoDelivery
		}
		d = row.delivery()
		return err
	})
	if err == nil {
		s.after(notice.Effects{Deliveries: []notice.Delivery{d}})
	}
	return d, err
}
