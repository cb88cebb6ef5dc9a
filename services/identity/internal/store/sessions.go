package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/identity/internal/session"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

const sessionColumns = `s.id AS session_id, s.user_id, s.token_hash, s.ip_address, s.user_agent, s.brief,
	s.created_at AS session_created_at, s.updated_at AS session_updated_at, s.expires_at`

// SignedIn implements user.SessionStore.
func (s *People) SignedIn(ctx context.Context, tokenHash []byte) (in user.Present, err error) {
	err = known(ctx, s.DB, "user_of_session", tokenHash, user.ErrNobody, func(tx postgres.Tx, id string) error {
		var row struct {
			user.Account
			session.Session
		}
		err := tx.GetContext(ctx, &row, `
			SELECT `+sessionColumns+`, `+accountColumns+`
			FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN accounts a ON a.user_id = u.id
			WHERE s.token_hash = $1`, tokenHash)
		if errors.Is(err, sql.ErrNoRows) {
			return user.ErrNobody
		} else if err != nil {
			return fmt.Errorf("load session: %w", err)
		}
		in = user.Present{User: row.Account.User, Session: row.Session}
		in.User.ID, in.Session.UserID = id, id
		return nil
	})
	return in, err
}

// List implements user.SessionStore.
func (s *People) List(ctx context.Context, userID string, now time.Time) (found []session.Session, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		return tx.SelectContext(ctx, &found, `
			SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = $1 AND s.expires_at > $2
			ORDER BY s.created_at DESC, s.id LIMIT 1000`, userID, now)
	})
	return found, err
}

// Prolong implements user.SessionStore.
func (s *People) Prolong(ctx context.Context, in session.Session) error {
	return s.write(ctx, in.UserID, func(tx postgres.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE sessions SET updated_at = $2, expires_at = $3 WHERE id = $1`, in.ID, in.UpdatedAt, in.ExpiresAt)
		if err != nil {
			return fmt.Errorf("prolong session: %w", err)
		}
		if n, _ := result.RowsAffected(); n == 0 { // lib/pq always knows
			return user.ErrNobody
		}
		return nil
	})
}

// FindReset implements user.SessionStore.
func (s *People) FindReset(ctx context.Context, tokenHash []byte, now time.Time) (userID string, err error) {
	err = known(ctx, s.DB, "user_of_verification", tokenHash, user.ErrToken, func(tx postgres.Tx, id string) error {
		var live bool
		err := tx.GetContext(ctx, &live, `SELECT expires_at > $2 FROM verifications WHERE token_hash = $1`, tokenHash, now)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !live {
			return user.ErrToken
		} else if err != nil {
			return fmt.Errorf("load reset token: %w", err)
		}
		userID = id
		return nil
	})
	return userID, err
}
