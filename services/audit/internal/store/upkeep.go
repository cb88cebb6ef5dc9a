package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// Upkeep makes the months to come and drops those whose time is over.
type Upkeep struct {
	DB        *sqlx.DB // as audit_work
	Log       *slog.Logger
	Retention time.Duration // how long an entry is kept
	Every     time.Duration
}

// Run keeps the trail's partitions until ctx ends. What fails is tried again the next time:
// there are months for it before anything is missing.
func (u *Upkeep) Run(ctx context.Context) error {
	ticker := time.NewTicker(u.Every)
	defer ticker.Stop()
	for {
		if err := u.Once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			u.Log.WarnContext(ctx, "upkeep", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// maxRemoved is how many rows one transaction removes.
const maxRemoved = 5000

// Once does what is to be done at a time.
func (u *Upkeep) Once(ctx context.Context, now time.Time) error {
	for n := maxRemoved; n == maxRemoved; {
		if err := u.DB.GetContext(ctx, &n, `SELECT upkeep($1, $2)`, now.Add(-u.Retention), maxRemoved); err != nil {
			return postgres.Fault(fmt.Errorf("keep partitions: %w", err))
		}
	}
	return nil
}
