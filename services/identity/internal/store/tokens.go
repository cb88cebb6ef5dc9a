package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Tokens implements token.Store. Its pool is the app role's.
type Tokens struct{ DB *sqlx.DB }

var _ token.Store = (*Tokens)(nil)

// apiRow is an API token as its row has it.
type apiRow struct {
	token.API
	Words string `db:"scopes"`
}

func (r apiRow) token() token.API {
	r.API.Scopes = strings.Fields(r.Words)
	return r.API
}

const apiColumns = `id, user_id, name, scopes, created_at, expires_at, used_at`

// ByHash implements token.Store.
func (s *Tokens) ByHash(ctx context.Context, hash []byte, now time.Time) (t token.API, u user.User, err error) {
	err = known(ctx, s.DB, "user_of_api_token", hash, token.ErrAPIToken, func(tx postgres.Tx, id string) error {
		var row apiRow
		err := tx.GetContext(ctx, &row, `SELECT `+apiColumns+` FROM api_tokens WHERE token_hash = $1 AND expires_at > $2`, hash, now)
		if errors.Is(err, sql.ErrNoRows) {
			return token.ErrAPIToken
		} else if err != nil {
			return fmt.Errorf("load API token: %w", err)
		}
		t = row.token()
		a, err := find(ctx, tx, id)
		u = a.User
		return err
	})
	if err != nil || t.UsedAt != nil && now.Sub(*t.UsedAt) < time.Hour {
		return t, u, err
	}
	// Nobody waits for who used it when to the minute, so few uses are a write.
	return t, u, postgres.Locked(ctx, s.DB, u.ID, lock(u.ID), func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE api_tokens SET used_at = $2 WHERE id = $1`, t.ID, now)
		return err
	})
}

// Alive implements token.Store.
func (s *Tokens) Alive(ctx context.Context, userID string, of token.Source, now time.Time) (u user.User, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var alive bool
		if err := tx.GetContext(ctx, &alive, `
			SELECT ($1 = '' OR EXISTS (SELECT FROM sessions WHERE id = $1 AND expires_at > $3))
				AND ($2 = '' OR EXISTS (SELECT FROM api_tokens WHERE id::text = $2 AND user_id = $4 AND expires_at > $3))
				AND ($5 = '' OR EXISTS (SELECT FROM grants WHERE id::text = $5 AND user_id = $4))`,
			of.SessionID, of.TokenID, now, userID, of.GrantID); err != nil {
			return fmt.Errorf("look whether a token's source lives: %w", err)
		}
		a, err := find(ctx, tx, userID)
		if errors.Is(err, user.ErrNotFound) || err == nil && !alive {
			return token.ErrEnded
		}
		u = a.User
		return err
	})
	return u, err
}

// Add implements token.Store.
func (s *Tokens) Add(ctx context.Context, t token.API, hash []byte, most int, once token.Once) (kept token.Kept, err error) {
	err = postgres.Locked(ctx, s.DB, t.UserID, lock(t.UserID), func(tx postgres.Tx) error {
		if once.Key != "" {
			if kept.Before, err = repeated(ctx, tx, t, once); err != nil || kept.Before != "" {
				return err
			}
		}
		var n int
		if err := tx.GetContext(ctx, &n, `SELECT count(*) FROM api_tokens WHERE user_id = $1 AND expires_at > $2`, t.UserID, t.CreatedAt); err != nil {
			return fmt.Errorf("count API tokens: %w", err)
		}
		if n >= most {
			return token.ErrTooMany
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO api_tokens (id, user_id, name, scopes, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			t.ID, t.UserID, t.Name, strings.Join(t.Scopes, " "), hash, t.CreatedAt, t.ExpiresAt); err != nil {
			return fmt.Errorf("add API token: %w", err)
		}
		if once.Key == "" {
			return nil
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO idempotency_keys (user_id, key, request, answer, expires_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, key) DO UPDATE SET request = EXCLUDED.request, answer = EXCLUDED.answer, expires_at = EXCLUDED.expires_at`,
			t.UserID, once.Key, once.Request, once.Answer, once.Until)
		return err
	})
	return kept, err
}

// repeated returns the answer that the Idempotency-Key had before, if it had one and that still
// counts.
func repeated(ctx context.Context, tx postgres.Tx, t token.API, once token.Once) (string, error) {
	var before struct {
		Request []byte `db:"request"`
		Answer  string `db:"answer"`
	}
	err := tx.GetContext(ctx, &before, `
		SELECT request, answer FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND expires_at > $3`, t.UserID, once.Key, t.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("load idempotency key: %w", err)
	}
	if !bytes.Equal(before.Request, once.Request) {
		return "", token.ErrReused
	}
	return before.Answer, nil
}

// List implements token.Store.
func (s *Tokens) List(ctx context.Context, userID, after string, limit int) (found []token.API, err error) {
	var rows []apiRow
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		return tx.SelectContext(ctx, &rows, `
			SELECT `+apiColumns+` FROM api_tokens
			WHERE user_id = $1 AND ($2 = '' OR id < nullif($2, '')::uuid) ORDER BY id DESC LIMIT $3`, userID, after, limit)
	})
	for _, row := range rows {
		found = append(found, row.token())
	}
	return found, err
}

// Remove implements token.Store.
func (s *Tokens) Remove(ctx context.Context, userID, id string) error {
	if !isID(id) {
		return token.ErrNotFound
	}
	return postgres.Locked(ctx, s.DB, userID, lock(userID), func(tx postgres.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM api_tokens WHERE user_id = $1 AND id = $2`, userID, id)
		if err != nil {
			return fmt.Errorf("remove API token: %w", err)
		}
		if n, _ := result.RowsAffected(); n == 0 { // lib/pq always knows
			return token.ErrNotFound
		}
		return nil
	})
}

// isID tells an id from other text, also from what uuid takes beside it and PostgreSQL does not.
func isID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }
