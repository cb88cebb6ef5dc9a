// Command notification tells people what they asked to be told, on the channels they prefer.
package main

import (
	"context"
	"fmt"
	"log/slog"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/services/notification/internal/store"
)

func main() {
	var cfg settings
	run.Main(run.Service{Name: "notification", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve, Migrate: cfg.migrate,
		Commands: map[string]run.Command{"reseal": cfg.reseal}})
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

// reseal seals what people entrusted anew, where SECRET_KEY has a new first line.
func (cfg *settings) reseal(ctx context.Context, log *slog.Logger, _ []string) error {
	keys, err := seal.Parse(cfg.SecretKey)
	if err != nil {
		return err
	}
	work, err := postgres.Open(cfg.Database.WorkURL)
	if err != nil {
		return err
	}
	defer work.Close()
	n, err := (&store.Work{DB: work, Seal: keys}).Reseal(ctx)
	if err != nil {
		return fmt.Errorf("after %d: %w", n, err)
	}
	log.InfoContext(ctx, "sealed again", "secrets", n)
	return nil
}

func (cfg *settings) migrate(ctx context.Context, _ *slog.Logger, _ []string) error {
	return postgres.Migrate(ctx, cfg.Database.MigrateURL, outbox.Migrations, store.Migrations())
}
