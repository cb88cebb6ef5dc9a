package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Know keeps what was told of a person. The secret in their mail stays what it first was.
func (w *Work) Know(ctx context.Context, p notice.Person) error {
	return postgres.LockedTx(ctx, w.DB, lockOf(p.UserID), func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO people (user_id, email, name, time_zone, locale, version, unsubscribe, unsubscribe_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (user_id) DO UPDATE SET email = EXCLUDED.email, name = EXCLUDED.name, time_zone = EXCLUDED.time_zone,
				locale = EXCLUDED.locale, version = EXCLUDED.version
			WHERE people.version < EXCLUDED.version AND NOT people.gone`,
			p.UserID, p.Email, p.Name, p.Zone, p.Locale, p.Version,
			w.Seal.Seal([]byte(p.Unsubscribe), "people/"+p.UserID), notice.HashSecret(p.Unsubscribe)); err != nil {
			return fmt.Errorf("keep person: %w", err)
		}
		return nil
	})
}

// Forget removes everything of a person, and remembers only that they are gone, so that an
// event or a token that comes late brings nothing back.
func (w *Work) Forget(ctx context.Context, userID string) error {
	return postgres.LockedTx(ctx, w.DB, lockOf(userID), func(tx postgres.Tx) error {
		for _, statement := range []string{
			`DELETE FROM deliveries WHERE user_id = $1`,
			`DELETE FROM notices WHERE user_id = $1`,
			`DELETE FROM webhooks WHERE user_id = $1`,
			`DELETE FROM push_subscriptions WHERE user_id = $1`,
			`DELETE FROM preferences WHERE user_id = $1`,
			`DELETE FROM tasks WHERE user_id = $1`,
			`DELETE FROM answers WHERE user_id = $1`,
			`INSERT INTO people (user_id, gone) VALUES ($1, true) ON CONFLICT (user_id) DO UPDATE SET
				gone = true, email = '', name = '', time_zone = '', locale = '', unsubscribe = NULL, unsubscribe_hash = NULL`,
		} {
			if _, err := tx.ExecContext(ctx, statement, userID); err != nil {
				return fmt.Errorf("forget person: %w", err)
			}
		}
		return nil
	})
}

// StopMail takes e-mail out of the preferences of whose secret this is.
func (w *Work) StopMail(ctx context.Context, secret string) error {
	userID, err := w.Subscriber(ctx, secret)
	if err != nil {
		return err
	}
	return postgres.LockedTx(ctx, w.DB, lockOf(userID), func(tx postgres.Tx) error {
		if _, gone, err := w.person(ctx, tx, userID); err != nil || gone {
			return err
		}
		p, err := preferences(ctx, tx, userID)
		if err != nil {
			return err
		}
		p.StopMail()
		return prefer(ctx, tx, userID, p)
	})
}

// Subscriber returns whose secret this is, or notice.ErrNoSuchLink.
func (w *Work) Subscriber(ctx context.Context, secret string) (userID string, err error) {
	err = postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		err := tx.GetContext(ctx, &userID, `SELECT user_id FROM people WHERE unsubscribe_hash = $1`, notice.HashSecret(secret))
		if errors.Is(err, sql.ErrNoRows) {
			return notice.ErrNoSuchLink
		}
		return err
	})
	return userID, err
}
