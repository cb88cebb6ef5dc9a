package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Shelf implements notice.Shelf. DB connects as notification_app: each transaction sees one
// person's rows.
type Shelf struct {
	DB   *sqlx.DB
	Seal *seal.Keys
}

var _ notice.Shelf = (*Shelf)(nil)

// errGone says no more than auth.ErrUnauthorized does: there is one answer to all who are not let in.
var errGone = fault.New(fault.Unauthorized, "sign in: a valid bearer token for this path is needed")

// write runs f behind the person's lock.
func (s *Shelf) write(ctx context.Context, userID string, f func(postgres.Tx) error) error {
	return postgres.Locked(ctx, s.DB, userID, lockOf(userID), func(tx postgres.Tx) error {
		var gone bool
		err := tx.GetContext(ctx, &gone, `SELECT gone FROM people WHERE user_id = $1`, userID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("load person: %w", err)
		}
		if gone {
			return errGone
		}
		return f(tx)
	})
}

// List reads a page of what is shown in the app, newest first.
func (s *Shelf) List(ctx context.Context, userID string, page notice.Page) (listed notice.Listed, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var rows []noticeRow
		if err := tx.SelectContext(ctx, &rows, `
			SELECT `+noticeColumns+` FROM notices n
			WHERE n.user_id = $1 AND n.in_app AND ($2::boolean IS NULL OR (n.read_at IS NULL) = $2) AND ($3::uuid IS NULL OR n.id < $3)
			ORDER BY n.id DESC LIMIT $4`, userID, page.Unread, orNull(page.After), page.Limit+1); err != nil {
			return fmt.Errorf("list notices: %w", err)
		}
		if len(rows) > page.Limit {
			rows = rows[:page.Limit]
			listed.Next = rows[page.Limit-1].ID
		}
		if listed.Notices, err = shown(rows); err != nil {
			return err
		}
		listed.Unread, err = unread(ctx, tx, userID)
		return err
	})
	return listed, err
}

func shown(rows []noticeRow) ([]notice.Notice, error) {
	found := make([]notice.Notice, len(rows))
	for i := range rows {
		var err error
		if found[i], err = rows[i].notice(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func unread(ctx context.Context, tx postgres.Tx, userID string) (n int, err error) {
	if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM notices WHERE user_id = $1 AND in_app AND read_at IS NULL`, userID); err != nil {
		return 0, fmt.Errorf("count notices: %w", err)
	}
	return n, nil
}

// Read marks notices as read, and returns the one that was named. When it was first read stays.
func (s *Shelf) Read(ctx context.Context, userID string, id *uuid.UUID, now time.Time) (listed notice.Listed, err error) {
	err = s.write(ctx, userID, func(tx postgres.Tx) error {
		if id == nil {
			_, err := tx.ExecContext(ctx, `UPDATE notices SET read_at = $2 WHERE user_id = $1 AND in_app AND read_at IS NULL`, userID, now)
			return err
		}
		var rows []noticeRow
		if err := tx.SelectContext(ctx, &rows, `
			UPDATE notices n SET read_at = coalesce(n.read_at, $3) WHERE n.user_id = $1 AND n.id = $2 AND n.in_app
			RETURNING `+noticeColumns, userID, *id, now); err != nil {
			return fmt.Errorf("read notice: %w", err)
		}
		if len(rows) == 0 {
			return notice.ErrNotFound
		}
		if listed.Notices, err = shown(rows); err != nil {
			return err
		}
		listed.Unread, err = unread(ctx, tx, userID)
		return err
	})
	return listed, err
}

// Preferences reads how a person wants to be told.
func (s *Shelf) Preferences(ctx context.Context, userID string) (p notice.Preferences, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		p, err = preferences(ctx, tx, userID)
		return err
	})
	return p, err
}

// Prefer changes how a person wants to be told.
func (s *Shelf) Prefer(ctx context.Context, userID string, change func(*notice.Preferences) error) (p notice.Preferences, err error) {
	err = s.write(ctx, userID, func(tx postgres.Tx) error {
		if p, err = preferences(ctx, tx, userID); err != nil {
			return err
		}
		if err := change(&p); err != nil {
			return err
		}
		return prefer(ctx, tx, userID, p)
	})
	return p, err
}

// maxSubscriptions is how many browsers of a person are kept; the oldest gives way.
const maxSubscriptions = 20

// Subscribe keeps a browser.
func (s *Shelf) Subscribe(ctx context.Context, userID string, sub notice.Subscription, now time.Time) error {
	keys, err := json.Marshal(pushKeys{sub.P256dh, sub.Auth})
	if err != nil {
		return fmt.Errorf("write subscription: %w", err)
	}
	return s.write(ctx, userID, func(tx postgres.Tx) error {
		// The keys are sealed for their row, so a browser that comes again gets a new one.
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{`DELETE FROM push_subscriptions WHERE user_id = $1 AND endpoint = $2`, []any{userID, sub.Endpoint}},
			{`INSERT INTO push_subscriptions (id, user_id, endpoint, keys, created_at) VALUES ($1, $2, $3, $4, $5)`,
				[]any{sub.ID, userID, sub.Endpoint, s.Seal.Seal(keys, "push_subscriptions/"+sub.ID.String()), now}},
			{`DELETE FROM push_subscriptions WHERE user_id = $1 AND id IN
				(SELECT id FROM push_subscriptions WHERE user_id = $1 ORDER BY id DESC OFFSET $2)`, []any{userID, maxSubscriptions}},
		} {
			if _, err := tx.ExecContext(ctx, step.statement, step.args...); err != nil {
				return fmt.Errorf("keep subscription: %w", err)
			}
		}
		return nil
	})
}

// Unsubscribe forgets a browser. One that is not there is forgotten already.
func (s *Shelf) Unsubscribe(ctx context.Context, userID, endpoint string) error {
	return s.write(ctx, userID, func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM push_subscriptions WHERE user_id = $1 AND endpoint = $2`, userID, endpoint)
		return err
	})
}
