// Command audit keeps the trail: who did what and when, with what was there before.
package main

import (
	"context"
	"log/slog"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/audit/internal/inbox"
	"github.com/tickler-app/tickler/services/audit/internal/store"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

type settings struct {
	Addr      string        `env:"ADDR" default:":8002" about:"where to listen"`
	Retention time.Duration `env:"AUDIT_RETENTION" default:"8760h" about:"how long an entry is kept"`
	httpd.Settings
	Database postgres.Settings
	Kafka    kafka.Settings
	Auth     auth.Settings
	Traces   telemetry.Settings
}

func main() {
	var cfg settings
	run.Main(run.Service{
		Name: "audit", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve, Migrate: cfg.migrate,
		Commands: map[string]run.Command{"rebuild": cfg.rebuild},
	})
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
	return postgres.Migrate(ctx, cfg.Database.MigrateURL, store.Migrations())
}

// rebuild writes what is on the log and not on the trail. The service may run meanwhile.
func (cfg *settings) rebuild(ctx context.Context, log *slog.Logger, _ []string) error {
	work, err := postgres.Open(cfg.Database.WorkURL)
	if err != nil {
		return err
	}
	defer work.Close()
	service := &trail.Service{Store: &store.Entries{Work: work}, Now: postgres.Now, Retention: cfg.Retention}
	return inbox.Rebuild(ctx, cfg.Kafka.Opts(log, nil), service, log)
}
