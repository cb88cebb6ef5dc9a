package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Answers implements notice.Answers. DB connects as notification_app.
type Answers struct{ DB *sqlx.DB }

var _ notice.Answers = (*Answers)(nil)

// Answered implements notice.Answers.
func (s *Answers) Answered(ctx context.Context, userID, key string, now time.Time) (*notice.Kept, error) {
	var kept notice.Kept
	err := postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		return tx.GetContext(ctx, &kept, `SELECT print, answer, until FROM answers WHERE user_id = $1 AND key = $2 AND until > $3`, userID, key, now)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("look for the key: %w", err)
	}
	return &kept, nil
}

// Keep implements notice.Answers.
func (s *Answers) Keep(ctx context.Context, userID, key string, kept notice.Kept) error {
	return (&Shelf{DB: s.DB}).write(ctx, userID, func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO answers (user_id, key, print, answer, until) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (user_id, key) DO UPDATE SET print = EXCLUDED.print, answer = EXCLUDED.answer, until = EXCLUDED.until`,
			userID, key, kept.Print, kept.Answer, kept.Until); err != nil {
			return fmt.Errorf("keep an answer: %w", err)
		}
		return nil
	})
}
