package task

import (
	"context"
	"time"
)

// StatsDays is how far back the days of Stats go.
const StatsDays = 90

// Stats are counts for badges and charts, in the person's zone.
type Stats struct {
	Open, Overdue, DueToday, CompletedToday int
	ByDay                                   []DayCount     // the last StatsDays, the oldest first, none left out
	ByPriority                              map[string]int // of open tasks
	ByTag                                   []TagCount
}

// DayCount is what happened on a day.
type DayCount struct {
	Date               string // YYYY-MM-DD
	Created, Completed int
}

// Stats counts a person's tasks.
func (s *Service) Stats(ctx context.Context, author Author) (Stats, error) {
	return s.Store.Stats(ctx, author, s.Now())
}

// Days are the bounds of the person's days up to now: each begins where the one before ends.
func Days(now time.Time, zone *time.Location, n int) []time.Time {
	y, m, d := now.In(zone).Date()
	bounds := make([]time.Time, n+1)
	for i := range bounds {
		bounds[i] = time.Date(y, m, d-n+1+i, 0, 0, 0, 0, zone)
	}
	return bounds
}
