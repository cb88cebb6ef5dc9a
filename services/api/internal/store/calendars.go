package store

import (
	"context"
	"fmt"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

var _ task.CalendarStore = (*Tasks)(nil)

// Publish puts the hash of a secret in the place of the person's last one.
func (s *Tasks) Publish(ctx context.Context, author task.Author, once task.Once, hash [32]byte, sealed []byte) (task.Result, error) {
	return s.write(ctx, author, once, func(tx postgres.Tx, _ *person, author task.Author) (task.Result, error) {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO calendars (user_id, hash) VALUES ($1, $2)
			ON CONFLICT (user_id) DO UPDATE SET hash = EXCLUDED.hash, at = now()`, author.UserID, hash[:]); err != nil {
			return task.Result{}, fmt.Errorf("keep a calendar: %w", err)
		}
		return task.Result{Found: task.Found{Zone: author.Zone}, Sealed: sealed}, nil
	})
}

// Revoke forgets the person's secret.
func (s *Tasks) Revoke(ctx context.Context, author task.Author) error {
	_, err := s.write(ctx, author, task.Once{}, func(tx postgres.Tx, _ *person, author task.Author) (task.Result, error) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM calendars WHERE user_id = $1`, author.UserID); err != nil {
			return task.Result{}, fmt.Errorf("forget a calendar: %w", err)
		}
		return task.Result{}, nil
	})
	return err
}

// Owner finds whose a secret is. The transaction sees nobody's rows until calendar_of has said
// whose, and from there on that person's alone.
func (s *Tasks) Owner(ctx context.Context, hash [32]byte) (author task.Author, seq int64, err error) {
	err = postgres.ReadAs(ctx, s.DB, "", func(tx postgres.Tx) error {
		if err := tx.GetContext(ctx, &author.UserID, `
			SELECT set_config('app.user_id', coalesce(calendar_of($1), ''), true)`, hash[:]); err != nil {
			return fmt.Errorf("look a calendar up: %w", err)
		}
		if author.UserID == "" {
			return task.ErrNoCalendar
		}
		who, err := load(ctx, tx, &author)
		if err != nil {
			return err
		}
		seq = who.Seq
		return nil
	})
	return author, seq, err
}
