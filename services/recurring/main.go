// Command recurring asks for the next occurrence of tasks that come again. It has no
// database: it consumes, transforms and produces.
package main

import (
	"context"
	"log/slog"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/recurring/internal/inbox"
	"github.com/tickler-app/tickler/services/recurring/internal/series"
)

type settings struct {
	Addr   string `env:"ADDR" default:":8004" about:"where probes and metrics answer"`
	Kafka  kafka.Settings
	Traces telemetry.Settings
}

func main() {
	var cfg settings
	run.Main(run.Service{Name: "recurring", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve})
}

// serve runs the service until ctx ends.
func (cfg *settings) serve(ctx context.Context, log *slog.Logger, _ []string) error {
	ln, err := httpd.Listen(cfg.Addr)
	if err != nil {
		return err
	}
	metrics := telemetry.Registry("recurring")
	tracer, stop, err := telemetry.Tracing(ctx, "recurring", cfg.Traces)
	if err != nil {
		return err
	}
	defer func() { _ = stop(context.WithoutCancel(ctx)) }() // the last spans may be lost
	broker := cfg.Kafka.Opts(log, metrics)
	admin, err := kgo.NewClient(broker...)
	if err != nil {
		return err
	}
	defer admin.Close()
	gate := &kafka.Gate{Client: admin, Want: kafka.Want(events.Needs("recurring")), Rights: kafka.Rights(events.AccessOf("recurring")), Log: log}
	transform := &inbox.Transform{Kafka: broker, Next: series.Next, Log: log, Metrics: metrics, Tracer: tracer}
	router, err := httpd.New(httpd.Config{
		Log: log, Metrics: metrics, Tracer: tracer, Ready: map[string]httpd.Check{"topics": gate.Ready, "group": transform.Ready},
	})
	if err != nil {
		return err
	}
	return run.Together(ctx, httpd.Serve(ln, router), gate.Then(transform.Run))
}
