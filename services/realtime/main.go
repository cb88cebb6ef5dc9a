// Command realtime tells a person's open pages what changes, over WebSockets.
package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type settings struct {
	Addr   string `env:"ADDR" default:":8005" about:"where to listen"`
	Public string `env:"PUBLIC_URL" form:"url" about:"the house as people see it, e.g. https://todo.example: its pages may connect"`
	httpd.Settings
	Kafka  kafka.Settings
	Auth   auth.Settings
	Traces telemetry.Settings

	Window time.Duration `env:"FEED_WINDOW" default:"10m" about:"how long changes are kept for clients that come back"`
	Bytes  int64         `env:"FEED_BYTES" default:"134217728" about:"how much memory the changes may take, in bytes, roughly"`
}

func main() {
	var cfg settings
	run.Main(run.Service{Name: "realtime", Settings: &cfg, Addr: &cfg.Addr, Serve: cfg.serve})
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
