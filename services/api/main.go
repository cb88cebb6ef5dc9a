// Command api keeps tasks and tells the rest of the house what happens to them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/api/internal/store"
)

type settings struct {
	Addr   string `env:"ADDR" default:":8000" about:"where to listen"`
	Public string `env:"PUBLIC_URL" form:"url" default:"" about:"the origin as people reach it, of calendars' addresses; else AUTH_AUDIENCE"`
	httpd.Settings
	Database postgres.Settings
	Kafka    kafka.Settings
	Auth     auth.Settings
	Traces   telemetry.Settings
}

func main() {
	var cfg settings
	run.Main(run.Service{Name: "api", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve, Migrate: cfg.migrate,
		Commands: map[string]run.Command{"timers": cfg.timers}})
}

// serve runs the service until ctx ends.
func (cfg *settings) serve(ctx context.Context, log *slog.Logger, _ []string) error {
	ln, err := httpd.Listen(cfg.Addr)
	if err != nil {
		return err
	}
	h, err := cfg.build(ctx, log)
	if err != nil {
		return err
	}
	defer h.close()
	return run.Together(ctx, append(h.parts, httpd.Serve(ln, h.router))...)
}

func (cfg *settings) migrate(ctx context.Context, _ *slog.Logger, _ []string) error {
	return postgres.Migrate(ctx, cfg.Database.MigrateURL, outbox.Migrations, store.Migrations())
}

// timers resync sends the timer of every pending reminder to the scheduler once more.
func (cfg *settings) timers(ctx context.Context, log *slog.Logger, args []string) error {
	if !slices.Equal(args, []string{"resync"}) {
		return errors.New("usage: api timers resync")
	}
	work, err := postgres.Open(cfg.Database.WorkURL)
	if err != nil {
		return err
	}
	defer work.Close()
	n, err := (&store.Timers{DB: work}).Resync(ctx)
	if err != nil {
		return fmt.Errorf("after %d tasks: %w", n, err)
	}
	log.InfoContext(ctx, "timers sent again", "tasks", n)
	return nil
}
