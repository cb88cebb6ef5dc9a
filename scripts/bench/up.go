package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
)

// up measures a start with everything built, and what all services together weigh when they
// are idle. It takes a second house, whose state is there already.
func up(ctx context.Context, _ *bench) ([]Row, error) {
	state, err := os.MkdirTemp("", "tickler-bench-up-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(state)
	offset, free, err := house.FreeOffset()
	if err != nil {
		return nil, err
	}
	defer free()
	var took time.Duration
	var last *house.House
	var weight, all float64
	for range 2 { // the first one makes the state
		began := time.Now()
		h, halt, err := house.Start(ctx, house.Options{State: state, Offset: offset})
		if err != nil {
			return nil, err
		}
		took = time.Since(began)
		weight, all = weigh(h)
		if err := halt(); err != nil {
			return nil, err
		}
		last = h
	}
	if err := last.Reset(); err != nil {
		return nil, err
	}
	return []Row{
		{"make up with everything built", "≤ 10 s", fmt.Sprintf("%.1f s", took.Seconds()), "", ""},
		{"all services together", "≤ 400 MB", fmt.Sprintf("%.0f MB (with broker, mail and PostgreSQL's first process %.0f)", weight, all), "", ""},
	}, nil
}

// weigh adds up the resident memory of the services, and of all processes, in MB.
func weigh(h *house.House) (services, all float64) {
	for _, name := range []string{"identity", "api", "audit", "notification", "recurring", "scheduler", "realtime", "mcp", "chat", "web", "broker", "mail", "postgres"} {
		process := h.Process(name)
		if process == nil {
			continue
		}
		status, err := os.ReadFile("/proc/" + strconv.Itoa(process.Pid()) + "/status")
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		kilobytes, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if all += kilobytes / 1024; name != "broker" && name != "mail" && name != "postgres" {
			services += kilobytes / 1024
		}
	}
	return services, all
}
