package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Grants implements grant.Store and grant.Clients. Its pool is the app role's.
type Grants struct{ DB *sqlx.DB }

var (
	_ grant.Store   = (*Grants)(nil)
	_ grant.Clients = (*Grants)(nil)
)

// AddClient implements grant.Clients.
func (s *Grants) AddClient(ctx context.Context, c grant.Client) error {
	redirects, err := json.Marshal(c.Redirects)
	if err == nil {
		_, err = s.DB.ExecContext(ctx, `INSERT INTO clients (id, name, redirects, created_at) VALUES ($1, $2, $3, $4)`, c.ID, c.Name, string(redirects), c.CreatedAt)
	}
	if err != nil {
		return postgres.Fault(fmt.Errorf("add client: %w", err))
	}
	return nil
}

// Client implements grant.Clients.
func (s *Grants) Client(ctx context.Context, id string) (grant.Client, error) {
	var row struct {
		Name      string    `db:"name"`
		Redirects string    `db:"redirects"`
		CreatedAt time.Time `db:"created_at"`
	}
	err := s.DB.GetContext(ctx, &row, `SELECT name, redirects, created_at FROM clients WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return grant.Client{}, grant.ErrClient
	}
	c := grant.Client{ID: id, Name: row.Name, CreatedAt: row.CreatedAt}
	if err == nil {
		err = json.Unmarshal([]byte(row.Redirects), &c.Redirects)
	}
	if err != nil {
		return grant.Client{}, postgres.Fault(fmt.Errorf("load client: %w", err))
	}
	return c, nil
}

// AddCode implements grant.Store.
func (s *Grants) AddCode(ctx context.Context, p grant.Pending) error {
	return postgres.Locked(ctx, s.DB, p.UserID, lock(p.UserID), func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO codes (code_hash, user_id, grant_id, client_id, client_name, scope, audience, redirect, challenge, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			p.Hash, p.UserID, p.ID, p.ClientID, p.ClientName, p.Scope, p.Audience, p.Redirect, p.Challenge, p.CreatedAt, p.ExpiresAt); err != nil {
			return fmt.Errorf("add code: %w", err)
		}
		return nil
	})
}

// whose finds the person of a secret; what follows takes their lock and looks again.
func (s *Grants) whose(ctx context.Context, lookUp string, secret []byte) (userID string, err error) {
	err = known(ctx, s.DB, lookUp, secret, grant.ErrGrant, func(_ postgres.Tx, id string) error { userID = id; return nil })
	return userID, err
}

// Redeem implements grant.Store.
func (s *Grants) Redeem(ctx context.Context, code []byte, decide func(grant.Pending) ([]byte, time.Time, error)) (g grant.Grant, u user.User, err error) {
	userID, err := s.whose(ctx, "user_of_code", code)
	if err != nil {
		return g, u, err
	}
	reused := false
	err = postgres.Locked(ctx, s.DB, userID, lock(userID), func(tx postgres.Tx) error {
		var p struct {
			grant.Grant
			Redirect  string    `db:"redirect"`
			Challenge string    `db:"challenge"`
			ExpiresAt time.Time `db:"expires_at"`
			Used      bool      `db:"used"`
		}
		err := tx.GetContext(ctx, &p, `
			SELECT grant_id AS id, user_id, client_id, client_name, scope, audience, created_at, created_at AS used_at, redirect, challenge, expires_at, used
			FROM codes WHERE code_hash = $1`, code)
		if errors.Is(err, sql.ErrNoRows) {
			return grant.ErrGrant
		} else if err != nil {
			return fmt.Errorf("load code: %w", err)
		}
		if p.Used {
			reused = true
			return endGrant(ctx, tx, p.ID)
		}
		g = p.Grant
		refresh, until, err := decide(grant.Pending{Grant: g, Hash: code, Redirect: p.Redirect, Challenge: p.Challenge, ExpiresAt: p.ExpiresAt})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE codes SET used = true WHERE code_hash = $1`, code); err != nil {
			return fmt.Errorf("use code: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO grants (id, user_id, client_id, client_name, scope, audience, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
			g.ID, g.UserID, g.ClientID, g.ClientName, g.Scope, g.Audience, g.CreatedAt); err != nil {
			return fmt.Errorf("add grant: %w", err)
		}
		u, err = s.next(ctx, tx, g, refresh, until)
		return err
	})
	return g, u, orReused(err, reused)
}

// Turn implements grant.Store.
func (s *Grants) Turn(ctx context.Context, old []byte, now time.Time, decide func(grant.Grant) ([]byte, time.Time, error)) (g grant.Grant, u user.User, err error) {
	userID, err := s.whose(ctx, "user_of_refresh_token", old)
	if err != nil {
		return g, u, err
	}
	reused := false
	err = postgres.Locked(ctx, s.DB, userID, lock(userID), func(tx postgres.Tx) error {
		var row struct {
			grant.Grant
			ExpiresAt time.Time `db:"expires_at"`
			Used      bool      `db:"used"`
		}
		err := tx.GetContext(ctx, &row, `
			SELECT g.id, g.user_id, g.client_id, g.client_name, g.scope, g.audience, g.created_at, g.used_at, r.expires_at, r.used
			FROM refresh_tokens r JOIN grants g ON g.id = r.grant_id WHERE r.token_hash = $1`, old)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !row.Used && !now.Before(row.ExpiresAt) {
			return grant.ErrGrant
		} else if err != nil {
			return fmt.Errorf("load refresh token: %w", err)
		}
		if row.Used {
			reused = true
			return endGrant(ctx, tx, row.ID)
		}
		g = row.Grant
		refresh, until, err := decide(g)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE refresh_tokens SET used = true WHERE token_hash = $1`, old); err != nil {
			return fmt.Errorf("use refresh token: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE grants SET used_at = $2 WHERE id = $1`, g.ID, now); err != nil {
			return fmt.Errorf("use grant: %w", err)
		}
		u, err = s.next(ctx, tx, g, refresh, until)
		return err
	})
	return g, u, orReused(err, reused)
}

// orReused is the answer once the transaction that ended a grant is committed.
func orReused(err error, reused bool) error {
	if err == nil && reused {
		return grant.ErrGrant
	}
	return err
}

// next keeps a grant's new refresh token.
func (s *Grants) next(ctx context.Context, tx postgres.Tx, g grant.Grant, refresh []byte, until time.Time) (user.User, error) {
	if _, err := tx.ExecContext(ctx, `INSERT INTO refresh_tokens (token_hash, grant_id, user_id, expires_at) VALUES ($1, $2, $3, $4)`, refresh, g.ID, g.UserID, until); err != nil {
		return user.User{}, fmt.Errorf("add refresh token: %w", err)
	}
	a, err := find(ctx, tx, g.UserID)
	return a.User, err
}

func endGrant(ctx context.Context, tx postgres.Tx, id string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM grants WHERE id = $1`, id); err != nil {
		return fmt.Errorf("end grant: %w", err)
	}
	return nil
}

// Grants implements grant.Store.
func (s *Grants) Grants(ctx context.Context, userID string) (found []grant.Grant, err error) {
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		return tx.SelectContext(ctx, &found, `
			SELECT id, user_id, client_id, client_name, scope, audience, created_at, used_at FROM grants WHERE user_id = $1 ORDER BY id DESC LIMIT 1000`, userID)
	})
	return found, err
}

// End implements grant.Store.
func (s *Grants) End(ctx context.Context, userID, id string) error {
	if !isID(id) {
		return grant.ErrNotFound
	}
	return postgres.Locked(ctx, s.DB, userID, lock(userID), func(tx postgres.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM grants WHERE user_id = $1 AND id = $2`, userID, id)
		if err != nil {
			return fmt.Errorf("end grant: %w", err)
		}
		if n, _ := result.RowsAffected(); n == 0 { // lib/pq always knows
			return grant.ErrNotFound
		}
		return nil
	})
}

// EndOf implements grant.Store.
func (s *Grants) EndOf(ctx context.Context, refresh []byte) error {
	userID, err := s.whose(ctx, "user_of_refresh_token", refresh)
	if err != nil {
		return err
	}
	return postgres.Locked(ctx, s.DB, userID, lock(userID), func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM grants WHERE id IN (SELECT grant_id FROM refresh_tokens WHERE token_hash = $1)`, refresh)
		return err
	})
}
