// Command identity signs people in, and signs the tokens that say who they are.
package main

import (
	"context"
	"fmt"
	"log/slog"
	_ "time/tzdata" // a person's zone must be known wherever this runs

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/services/identity/internal/store"
)

func main() {
	var cfg settings
	run.Main(run.Service{
		Name: "identity", Settings: &cfg, Addr: &cfg.Addr,
		Serve: cfg.serve, Migrate: cfg.migrate,
		Commands: map[string]run.Command{"rotate-keys": cfg.rotateKeys, "replay-users": cfg.replayUsers},
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
	return postgres.Migrate(ctx, cfg.Database.MigrateURL, outbox.Migrations, store.Migrations)
}

// rotateKeys makes a new signing key, which signs ten minutes later, and seals all keys anew
// where SECRET_KEY has a new first line.
func (cfg *settings) rotateKeys(ctx context.Context, log *slog.Logger, _ []string) error {
	work, err := postgres.Open(cfg.Database.WorkURL)
	if err != nil {
		return err
	}
	defer work.Close()
	ring, err := cfg.ring(work, log)
	if err != nil {
		return err
	}
	resealed, err := ring.Rotate(ctx)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "signing key made", "keys_sealed_again", resealed)
	return nil
}

// replayUsers tells of everybody again, for a service that is new to user-events.
func (cfg *settings) replayUsers(ctx context.Context, log *slog.Logger, _ []string) error {
	work, err := postgres.Open(cfg.Database.WorkURL)
	if err != nil {
		return err
	}
	defer work.Close()
	n, err := (&store.Work{DB: work, Log: log}).Replay(ctx)
	if err != nil {
		return fmt.Errorf("after %d people: %w", n, err)
	}
	log.InfoContext(ctx, "people told again", "people", n)
	return nil
}
