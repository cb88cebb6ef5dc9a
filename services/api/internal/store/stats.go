package store

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Stats counts a person's tasks, the trash left out. Its days are those of the person's zone.
func (s *Tasks) Stats(ctx context.Context, author task.Author, now time.Time) (stats task.Stats, err error) {
	err = s.read(ctx, &author, func(tx postgres.Tx, _ *person) error {
		bounds := task.Days(now, author.Zone, task.StatsDays)
		if err := counts(ctx, tx, author.UserID, now, bounds, &stats); err != nil {
			return err
		}
		if stats.ByDay, err = days(ctx, tx, author.UserID, bounds); err != nil {
			return err
		}
		stats.CompletedToday = stats.ByDay[len(stats.ByDay)-1].Completed
		if stats.ByTag, err = tags(ctx, tx, author.UserID); err != nil {
			return err
		}
		return nil
	})
	return stats, err
}

func counts(ctx context.Context, tx postgres.Tx, userID string, now time.Time, bounds []time.Time, stats *task.Stats) error {
	var rows []struct {
		Priority int
		Open     int
		Overdue  int
		Today    int
	}
	if err := tx.SelectContext(ctx, &rows, `
		SELECT priority, count(*) AS open, count(*) FILTER (WHERE due_at < $2) AS overdue,
			count(*) FILTER (WHERE due_at >= $2 AND due_at < $3) AS today
		FROM tasks WHERE user_id = $1 AND deleted_at IS NULL AND completed_at IS NULL GROUP BY priority`,
		userID, now, bounds[len(bounds)-1]); err != nil {
		return fmt.Errorf("count tasks: %w", err)
	}
	stats.ByPriority = map[string]int{}
	for p := task.Low; p <= task.Critical; p++ {
		stats.ByPriority[p.String()] = 0
	}
	for _, r := range rows {
		stats.Open += r.Open
		stats.Overdue += r.Overdue
		stats.DueToday += r.Today
		stats.ByPriority[task.Priority(r.Priority).String()] = r.Open
	}
	return nil
}

// days counts what was created and completed on each day. width_bucket is the number of the
// day whose bounds an instant lies in, from 1.
func days(ctx context.Context, tx postgres.Tx, userID string, bounds []time.Time) ([]task.DayCount, error) {
	byDay := make([]task.DayCount, len(bounds)-1)
	edges := make([]string, len(bounds))
	for i, at := range bounds {
		edges[i] = at.Format(time.RFC3339)
		if i < len(byDay) {
			byDay[i].Date = at.Format(time.DateOnly)
		}
	}
	for column, of := range map[string]func(*task.DayCount) *int{
		"created_at":   func(d *task.DayCount) *int { return &d.Created },
		"completed_at": func(d *task.DayCount) *int { return &d.Completed },
	} {
		var rows []struct{ Day, N int }
		if err := tx.SelectContext(ctx, &rows, `
			SELECT width_bucket(`+column+`, $2::timestamptz[]) AS day, count(*) AS n FROM tasks
			WHERE user_id = $1 AND deleted_at IS NULL AND `+column+` >= $3 AND `+column+` < $4 GROUP BY 1`,
			userID, pq.Array(edges), bounds[0], bounds[len(bounds)-1]); err != nil {
			return nil, fmt.Errorf("count days: %w", err)
		}
		for _, r := range rows {
			*of(&byDay[r.Day-1]) = r.N
		}
	}
	return byDay, nil
}
