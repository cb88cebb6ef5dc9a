// Command web is the browser's one origin: the page, and the way to every service.
package main

import (
	"context"
	"log/slog"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type settings struct {
	Addr    string   `env:"ADDR" default:":3000" about:"where the public origin answers"`
	Admin   string   `env:"ADMIN_ADDR" default:":3080" about:"where probes and metrics answer, never routed from outside"`
	Public  string   `env:"PUBLIC_URL" form:"url" about:"the origin as people reach it, e.g. https://todo.example"`
	Proxies []string `env:"TRUSTED_PROXIES" default:"" about:"addresses or networks in front of this whose X-Forwarded-For, -Host and -Proto are believed"`
	Secret  string   `env:"AUTH_CLIENT_SECRET" secret:"true" about:"of the client web at identity, which swaps API tokens"`

	API          string `env:"API_URL" form:"url" about:"where api is, e.g. http://api:8000"`
	Audit        string `env:"AUDIT_URL" form:"url" about:"where audit is"`
	Identity     string `env:"IDENTITY_URL" form:"url" about:"where identity is"`
	Realtime     string `env:"REALTIME_URL" form:"url" about:"where realtime is"`
	Notification string `env:"NOTIFICATION_URL" form:"url" default:"" about:"where notification is; empty: 503"`
	Chat         string `env:"CHAT_URL" form:"url" default:"" about:"where chat is; empty: 503"`
	MCP          string `env:"MCP_URL" form:"url" default:"" about:"where mcp is; empty: 503"`

	Traces telemetry.Settings
}

func main() {
	var cfg settings
	run.Main(run.Service{Name: "web", Settings: &cfg, Addr: &cfg.Admin, Plain: true, Serve: cfg.serve})
}

// serve runs the service until ctx ends.
func (cfg *settings) serve(ctx context.Context, log *slog.Logger, _ []string) error {
	public, err := httpd.Listen(cfg.Addr)
	if err != nil {
		return err
	}
	admin, err := httpd.Listen(cfg.Admin)
	if err != nil {
		return err
	}
	h, err := cfg.build(ctx, log)
	if err != nil {
		return err
	}
	defer h.close()
	return run.Together(ctx, append(h.parts, httpd.Serve(httpd.Public(public), h.public), httpd.Serve(httpd.Public(admin), h.admin))...)
}
