package notice

import (
	"context"
	"time"
)

// Due finds tasks that went overdue.
type Due interface {
	// Overdue returns tasks that were due before now, whose people want to hear of it and were
	// not told yet. Of the others it remembers that there is nothing to tell.
	Overdue(ctx context.Context, now time.Time, n int) ([]Task, error)
}

// Lookout tells people what went overdue, where they asked for that. Any number may run.
type Lookout struct {
	Due      Due
	Clerk    *Clerk
	Every    time.Duration
	Troubled func(err error)
}

// lookAt is how many tasks are told of in one look.
const lookAt = 100

// Run looks now and then until ctx ends.
func (l *Lookout) Run(ctx context.Context) error {
	for {
		n, err := l.Look(ctx)
		if err != nil && ctx.Err() == nil {
			l.Troubled(err)
		}
		if n == lookAt && ctx.Err() == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(l.Every):
		}
	}
}

// Look tells of what is overdue, and returns of how many tasks.
func (l *Lookout) Look(ctx context.Context) (int, error) {
	tasks, err := l.Due.Overdue(ctx, l.Clerk.Now(), lookAt)
	if err != nil {
		return 0, err
	}
	for _, t := range tasks {
		if err := l.Clerk.Overdue(ctx, t.UserID, t.ID); err != nil {
			return 0, err
		}
	}
	return len(tasks), nil
}

// Overdue tells that a task is overdue, once for each time that it is due. One that has been so
// for more than a day, such as an imported one, is no news.
func (c *Clerk) Overdue(ctx context.Context, userID, taskID string) error {
	return c.Store.Change(ctx, About{UserID: userID, TaskID: taskID}, func(known *Known) (Effects, error) {
		t, now := known.Task, c.Now()
		if t == nil || t.ClosedAt != nil || t.DueAt == nil || t.DueAt.After(now) || t.OverdueTold != nil && t.OverdueTold.Equal(*t.DueAt) {
			return Effects{}, nil
		}
		t.OverdueTold = t.DueAt
		if now.Sub(*t.DueAt) > tooLate {
			return Effects{Task: t}, nil
		}
		effects, err := Plan(Occasion{
			Kind: Overdue, UserID: userID, TaskID: taskID, Title: t.Title, Due: t.Due, Urgent: t.Urgent, Source: "scheduler",
		}, known, now)
		effects.Task = t
		return effects, err
	})
}
