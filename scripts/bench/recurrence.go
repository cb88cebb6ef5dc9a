package main

import (
	"context"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// recurrence measures how soon the next occurrence can be listed once one was completed.
func recurrence(ctx context.Context, b *bench) ([]Row, error) {
	crowdOf, err := b.crowd(ctx, 1)
	if err != nil {
		return nil, err
	}
	ada := crowdOf[0]
	t, err := ada.Add(ctx, "", map[string]any{"title": "water", "due_date": "2030-01-01", "recurrence_rule": "every day"})
	if err != nil {
		return nil, err
	}
	var took times
	for range 50 {
		began := time.Now()
		if _, err := ada.Call(ctx, "POST", "tasks/"+t.ID+"/complete", nil, "", nil); err != nil {
			return nil, err
		}
		var open struct{ Tasks []person.Task }
		for len(open.Tasks) == 0 {
			if _, err := ada.Call(ctx, "GET", "tasks?status=pending", nil, "", &open); err != nil {
				return nil, err
			}
		}
		took.add(time.Since(began))
		t = open.Tasks[0]
	}
	return []Row{{"next occurrence after completion", "≤ 1 s", took.String(), "", ""}}, nil
}
