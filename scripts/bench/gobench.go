package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// metrics are what one Go benchmark reported, by unit.
type metrics map[string]float64

// gobench runs a benchmark of the checkout once and returns what it reported, by its name.
func gobench(ctx context.Context, folder, name string) (map[string]metrics, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOWORK").Output()
	if err != nil {
		return nil, fmt.Errorf("find the checkout: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^"+name+"$", "-benchtime", "1x", "-timeout", "10m", ".")
	cmd.Dir = filepath.Join(filepath.Dir(strings.TrimSpace(string(root))), folder)
	said, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w: %s", name, folder, err, said)
	}
	found := map[string]metrics{}
	for line := range strings.Lines(string(said)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		m := metrics{}
		for i := 2; i+1 < len(fields); i += 2 {
			if m[fields[i+1]], err = strconv.ParseFloat(fields[i], 64); err != nil {
				return nil, fmt.Errorf("%s: %q: %w", name, line, err)
			}
		}
		found[strings.TrimPrefix(fields[0], "Benchmark")] = m
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s in %s reported nothing: %s", name, folder, said)
	}
	return found, nil
}

// one returns the metrics of the first benchmark whose name begins so.
func one(all map[string]metrics, name string) metrics {
	for full, m := range all {
		if strings.HasPrefix(full, name) {
			return m
		}
	}
	return metrics{}
}

func outbox(ctx context.Context, _ *bench) ([]Row, error) {
	all, err := gobench(ctx, "pkg/outbox", "BenchmarkDrain")
	if err != nil {
		return nil, err
	}
	return []Row{{"outbox relay, a backlog of 200,000", "≥ 100,000 events/s", fmt.Sprintf("%.0f events/s", one(all, "Drain/OneTopic")["events/s"]), "", ""}}, nil
}

func audit(ctx context.Context, _ *bench) ([]Row, error) {
	all, err := gobench(ctx, "services/audit/internal/inbox", "BenchmarkConsumer")
	if err != nil {
		return nil, err
	}
	return []Row{{"audit consumer, a backlog of 200,000", "≥ 60,000 events/s", fmt.Sprintf("%.0f events/s", one(all, "Consumer")["events/s"]), "", ""}}, nil
}

func sockets(ctx context.Context, _ *bench) ([]Row, error) {
	idle, err := gobench(ctx, "services/realtime", "BenchmarkIdle")
	if err != nil {
		return nil, err
	}
	frames, err := gobench(ctx, "services/realtime", "BenchmarkFrames")
	if err != nil {
		return nil, err
	}
	i, f := one(idle, "Idle"), one(frames, "Frames")
	return []Row{
		{fmt.Sprintf("WebSocket clients, %.0f idle", i["conns"]), "≤ 30 KB each at 20,000", fmt.Sprintf("%.1f KB each", i["KB/conn"]), "", ""},
		{"frames to WebSocket clients", "50,000/s", fmt.Sprintf("%.0f/s, p50 %.0f ms, p99 %.0f ms", f["frames/s"], f["p50-ms"], f["p99-ms"]), "", ""},
	}, nil
}
