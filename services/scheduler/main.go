// Command scheduler is the delayed topic: it delivers a record to a topic at a time.
package main

import (
	"context"
	"log/slog"
	"runtime/debug"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/scheduler/internal/log"
	"github.com/tickler-app/tickler/services/scheduler/internal/rest"
	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

type settings struct {
	Addr   string   `env:"ADDR" default:":8006" about:"where the probes, /metrics and the operator's /timers answer"`
	Topics []string `env:"TIMER_TOPICS" default:"reminders" about:"topics that timers may deliver to, with commas"`
	Memory int      `env:"TIMER_MEMORY" default:"256" about:"MiB for what is soon to be delivered, besides about 60 bytes for each timer"`
	Pace   int      `env:"TIMER_CATCH_UP" default:"2500" about:"overdue timers that a partition fires a second, behind those that are on time"`
	kafka.Settings
	Traces telemetry.Settings
}

func main() {
	var s settings
	run.Main(run.Service{Name: "scheduler", Settings: &s, Addr: &s.Addr, Serve: s.serve})
}

func (s *settings) serve(ctx context.Context, logger *slog.Logger, _ []string) error {
	// What we hold by the million has no pointers, so a collection takes milliseconds, and
	// garbage need not double what the process takes.
	debug.SetGCPercent(30)
	registry := telemetry.Registry("scheduler")
	tracer, stop, err := telemetry.Tracing(ctx, "scheduler", s.Traces)
	if err != nil {
		return err
	}
	defer func() { _ = stop(context.WithoutCancel(ctx)) }() // the last spans may be lost
	owner := &log.Owner{
		Kafka: s.Opts(logger, registry), Log: logger, Metrics: registry,
		Rules: timer.Rules{Topics: s.Topics}, Rights: kafka.Rights(events.AccessOf("scheduler")), Tracer: tracer, Room: s.Memory << 20, Pace: s.Pace,
	}
	router, err := httpd.New(httpd.Config{
		Log: logger, Metrics: registry, Tracer: tracer,
		Ready: map[string]httpd.Check{"timers": owner.Ready},
	})
	if err != nil {
		return err
	}
	rest.Route(router, owner)
	listener, err := httpd.Listen(s.Addr)
	if err != nil {
		return err
	}
	return run.Together(ctx, httpd.Serve(listener, router), owner.Run, owner.Replays)
}
