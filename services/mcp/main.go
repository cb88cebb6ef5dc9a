// Command mcp lets agents work on a person's tasks, over the Model Context Protocol.
package main

import (
	"context"
	"log/slog"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type settings struct {
	Addr     string `env:"ADDR" default:":8001" about:"where to listen"`
	Public   string `env:"PUBLIC_URL" form:"url" about:"the house as agents reach it, e.g. https://todo.example: tokens for its /mcp are taken"`
	API      string `env:"API_URL" form:"url" about:"where api is, e.g. http://api:8000"`
	Audit    string `env:"AUDIT_URL" form:"url" about:"where audit is"`
	Identity string `env:"IDENTITY_URL" form:"url" about:"where identity is"`
	Secret   string `env:"AUTH_CLIENT_SECRET" secret:"true" about:"of the client mcp at identity, which exchanges tokens; confirmations are made with it, too"`
	httpd.Settings
	Auth   auth.Settings
	Traces telemetry.Settings
}

func main() {
	var cfg settings
	run.Main(run.Service{Name: "mcp", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve})
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
	return run.Together(ctx, httpd.Serve(ln, h.router))
}
