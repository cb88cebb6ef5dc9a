package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/session"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// People implements user.Store and user.SessionStore. Its pool is the app role's.
type People struct {
	DB *sqlx.DB
	// Hint wakes those who send what a write left for them: events and letters.
	Hint func()
}

var (
	_ user.Store        = (*People)(nil)
	_ user.SessionStore = (*People)(nil)
)

const accountColumns = `u.id AS user_id, u.email, u.email_verified, u.name, u.image, u.time_zone, u.locale, u.week_start,
	u.version, u.created_at, u.updated_at, coalesce(a.password, '') AS password`

// Add implements user.Store.
func (s *People) Add(ctx context.Context, a user.Account, with user.With) error {
	return s.write(ctx, a.ID, func(tx postgres.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO users (id, email, email_verified, name, image, time_zone, locale, week_start, version, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			a.ID, a.Email, a.EmailVerified, a.Name, a.Image, a.TimeZone, a.Locale, a.WeekStart, a.Version, a.CreatedAt, a.UpdatedAt)
		if err != nil {
			return taken(err)
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO accounts (user_id, id, password, created_at, updated_at) VALUES ($1, $1, $2, $3, $3)`,
			a.ID, a.Password, a.CreatedAt); err != nil {
			return fmt.Errorf("add account: %w", err)
		}
		return s.bring(ctx, tx, &a, with)
	})
}

// taken tells a taken address from other failures to write a person.
func taken(err error) error {
	if answer, ok := errors.AsType[*pq.Error](err); ok && answer.Constraint == "users_email_key" {
		return user.ErrTaken
	}
	return fmt.Errorf("write person: %w", err)
}

// Find implements user.Store.
func (s *People) Find(ctx context.Context, id string) (a user.Account, err error) {
	err = postgres.ReadAs(ctx, s.DB, id, func(tx postgres.Tx) error {
		a, err = find(ctx, tx, id)
		return err
	})
	return a, err
}

// FindByEmail implements user.Store.
func (s *People) FindByEmail(ctx context.Context, email string) (a user.Account, err error) {
	err = known(ctx, s.DB, "user_of_email", email, user.ErrNotFound, func(tx postgres.Tx, id string) error {
		a, err = find(ctx, tx, id)
		return err
	})
	return a, err
}

func find(ctx context.Context, tx postgres.Tx, id string) (a user.Account, err error) {
	err = tx.GetContext(ctx, &a, `
		SELECT `+accountColumns+` FROM users u LEFT JOIN accounts a ON a.user_id = u.id WHERE u.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return user.Account{}, user.ErrNotFound
	} else if err != nil {
		return user.Account{}, fmt.Errorf("load person: %w", err)
	}
	return a, nil
}

// Change implements user.Store.
func (s *People) Change(ctx context.Context, id string, decide user.Decision) (a user.Account, err error) {
	err = s.write(ctx, id, func(tx postgres.Tx) error {
		if a, err = find(ctx, tx, id); err != nil {
			return err
		}
		before := a
		with, err := decide(&a)
		if err != nil {
			return err
		}
		if with.Spend != nil {
			if err := spend(ctx, tx, with.Spend); err != nil {
				return err
			}
		}
		if !with.Quiet {
			if err := save(ctx, tx, before, a); err != nil {
				return err
			}
		}
		return s.bring(ctx, tx, &a, with)
	})
	return a, err
}

func save(ctx context.Context, tx postgres.Tx, before, a user.Account) error {
	if _, err := tx.ExecContext(ctx, `
		UPDATE users SET email = $2, email_verified = $3, name = $4, image = $5, time_zone = $6, locale = $7, week_start = $8,
			version = $9, updated_at = $10
		WHERE id = $1`,
		a.ID, a.Email, a.EmailVerified, a.Name, a.Image, a.TimeZone, a.Locale, a.WeekStart, a.Version, a.UpdatedAt); err != nil {
		return taken(err)
	}
	if a.Password == before.Password {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO accounts (user_id, id, password, created_at, updated_at) VALUES ($1, $1, $2, now(), now())
		ON CONFLICT (user_id) DO UPDATE SET password = EXCLUDED.password, updated_at = EXCLUDED.updated_at`,
		a.ID, a.Password); err != nil {
		return fmt.Errorf("save password: %w", err)
	}
	return nil
}

// spend uses a reset token up.
func spend(ctx context.Context, tx postgres.Tx, hash []byte) error {
	result, err := tx.ExecContext(ctx, `DELETE FROM verifications WHERE token_hash = $1`, hash)
	if err != nil {
		return fmt.Errorf("spend reset token: %w", err)
	}
	if n, _ := result.RowsAffected(); n == 0 { // lib/pq always knows
		return user.ErrToken
	}
	return nil
}

// bring writes what goes with a change. What is told of the person comes before what is told of
// their sessions.
func (s *People) bring(ctx context.Context, tx postgres.Tx, a *user.Account, with user.With) error {
	told := with.Events
	if with.End != nil {
		ended, err := end(ctx, tx, a.User, *with.End)
		if err != nil {
			return err
		}
		told = append(told, ended...)
	}
	if with.Begin != nil {
		if err := begin(ctx, tx, *with.Begin); err != nil {
			return err
		}
	}
	for _, l := range with.Letters {
		if err := post(ctx, tx, l); err != nil {
			return err
		}
	}
	return tell(ctx, tx, a.ID, told...)
}

// Remove implements user.Store. What hangs on the person goes with them.
func (s *People) Remove(ctx context.Context, id string, cause user.Cause) error {
	return s.write(ctx, id, func(tx postgres.Tx) error {
		a, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		told, err := end(ctx, tx, a.User, user.End{Reason: user.UserDeleted, Cause: cause})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM users WHERE id = $1`, id); err != nil {
			return fmt.Errorf("remove person: %w", err)
		}
		return tell(ctx, tx, id, append(told, user.Deleted(a.User, cause))...)
	})
}

// Post implements user.Store.
func (s *People) Post(ctx context.Context, l letter.Letter) error {
	err := postgres.As(ctx, s.DB, "", func(tx postgres.Tx) error { return post(ctx, tx, l) })
	if err == nil {
		s.Hint()
	}
	return err
}

func post(ctx context.Context, tx postgres.Tx, l letter.Letter) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO mails (id, kind, email, new_email, back, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
		l.ID, l.Kind, l.Email, l.NewEmail, l.Back, l.CreatedAt); err != nil {
		return fmt.Errorf("post letter: %w", err)
	}
	return nil
}

// write runs f as the person and behind their lock, and wakes the senders afterwards.
func (s *People) write(ctx context.Context, userID string, f func(postgres.Tx) error) error {
	err := postgres.Locked(ctx, s.DB, userID, lock(userID), f)
	if err == nil {
		s.Hint()
	}
	return err
}

// begin inserts a session.
func begin(ctx context.Context, tx postgres.Tx, in session.Session) error {
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO sessions (id, user_id, token_hash, ip_address, user_agent, brief, created_at, updated_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		in.ID, in.UserID, in.TokenHash, in.Address, in.Agent, in.Brief, in.CreatedAt, in.UpdatedAt, in.ExpiresAt); err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	return nil
}

// end deletes the sessions of a person that are selected, and returns the events that say so.
func end(ctx context.Context, tx postgres.Tx, u user.User, e user.End) (told []events.Event, err error) {
	var ids []string
	if err := tx.SelectContext(ctx, &ids, `
		DELETE FROM sessions
		WHERE user_id = $1 AND id <> $2 AND (token_hash = $3 OR id = $4 OR ($3::bytea IS NULL AND $4 = ''))
		RETURNING id`, u.ID, e.But, e.Token, e.ID); err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	for _, id := range ids {
		told = append(told, user.Ended(u, id, e.Reason, e.Cause))
	}
	return told, nil
}
