// Command chat lets people talk to their tasks.
package main

import (
	"context"
	"log/slog"
	_ "time/tzdata" // zones are the same on every machine

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/services/chat/internal/store"
)

func main() {
	var cfg settings
	run.Main(run.Service{Name: "chat", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve, Migrate: cfg.migrate})
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
