package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// agentCalls is how many new tasks are made either way.
const agentCalls = 500

// agent measures what a new task takes through MCP, and in turn what the same takes at api
// itself: what lies between is mcp's own.
func agent(ctx context.Context, b *bench) ([]Row, error) {
	crowdOf, err := b.crowd(ctx, 1)
	if err != nil {
		return nil, err
	}
	ada := crowdOf[0]
	helper := ada.Agent(b.house.URL("mcp"), ada.Token)
	var through, alone times
	for i := range agentCalls {
		fields := map[string]any{"title": fmt.Sprintf("Pay rent %d", i), "priority": "high", "tags": []string{"home"}, "due_date": "2030-12-31T09:00"}
		began := time.Now()
		var made person.Task
		if err := helper.Use(ctx, "add_task", fields, &made); err != nil {
			return nil, err
		}
		through.add(time.Since(began))
		began = time.Now()
		if _, err := ada.Add(ctx, fmt.Sprintf("bench-%d", i), fields); err != nil {
			return nil, err
		}
		alone.add(time.Since(began))
	}
	return []Row{{
		"MCP tools/call add_task, over what api itself takes", "p50 ≤ 15 ms", milli(through.at(50) - alone.at(50)),
		"through MCP " + through.String() + "; api " + alone.String(), "",
	}}, nil
}
