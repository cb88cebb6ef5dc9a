package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
)

// Limits implements limit.Counter for all instances together. Its pool is the app role's.
type Limits struct{ DB *sqlx.DB }

var _ limit.Counter = (*Limits)(nil)

// Hit implements limit.Counter.
func (s *Limits) Hit(ctx context.Context, key string, now time.Time, window time.Duration) (c limit.Count, err error) {
	err = s.DB.GetContext(ctx, &c, `
		INSERT INTO limits AS l (key, hits, since) VALUES ($1, 1, $2)
		ON CONFLICT (key) DO UPDATE SET
			hits  = CASE WHEN l.since <= $3 THEN 1 ELSE l.hits + 1 END,
			since = CASE WHEN l.since <= $3 THEN $2 ELSE l.since END
		RETURNING hits, since`, key, now, now.Add(-window))
	if err != nil {
		return limit.Count{}, postgres.Fault(fmt.Errorf("count a try: %w", err))
	}
	return c, nil
}

// Count implements limit.Counter.
func (s *Limits) Count(ctx context.Context, key string) (c limit.Count, err error) {
	err = s.DB.GetContext(ctx, &c, `SELECT hits, since FROM limits WHERE key = $1`, key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return limit.Count{}, postgres.Fault(fmt.Errorf("look up tries: %w", err))
	}
	return c, nil
}
