package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/mcp/internal/client"
	"github.com/tickler-app/tickler/services/mcp/internal/mcp"
	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

// scopes are all that a tool may need; a caller whose token names none gets no more than these.
const scopes = auth.TasksRead + " " + auth.TasksWrite + " " + auth.AuditRead

// house is the service, wired: what answers, and what closes it.
type house struct {
	router *gin.Engine
	close  func()
}

// build wires the rooms.
func (cfg *settings) build(ctx context.Context, log *slog.Logger) (*house, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	metrics := telemetry.Registry("mcp")
	tracer, stop, err := telemetry.Tracing(ctx, "mcp", cfg.Traces)
	if err != nil {
		return nil, err
	}
	way := func(target string, timeout time.Duration) *reach.Client {
		return reach.New(reach.Config{Target: target, Timeout: timeout, Retries: 2, Metrics: metrics})
	}
	swap := &auth.Exchanger{
		URL: cfg.Identity + "/oauth/token", ID: "mcp", Secret: cfg.Secret, Type: auth.AccessToken, Audience: cfg.Auth.Audience,
		KeepFor: time.Hour, Spare: 10 * time.Second, Reach: way("exchange", 3*time.Second), Now: time.Now,
	}
	exchange := func(ctx context.Context, shown string, who auth.Principal) (string, error) {
		if who.Scopes == nil {
			return swap.Exchange(ctx, shown, scopes)
		}
		return swap.Exchange(ctx, shown, "") // no wider than the caller's
	}
	tools := &tool.Service{
		House: &client.House{API: cfg.API, Audit: cfg.Audit, ReachAPI: way("api", 10*time.Second), ReachAudit: way("audit", 10*time.Second)},
		Seal:  tool.NewSeal(cfg.Secret), Now: time.Now,
	}
	server, err := mcp.NewServer(tools, version(), metrics)
	if err != nil {
		return nil, err
	}
	router, err := httpd.New(httpd.Config{Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer})
	if err != nil {
		return nil, err
	}
	verifier := auth.New(cfg.Auth, log, metrics, cfg.Public+mcp.Path)
	door := &mcp.Door{Server: server, Public: cfg.Public, Issuer: cfg.Auth.Issuer, Origins: cfg.Origins, Verify: verifier.Verify, Exchange: exchange}
	router.Any(mcp.Path, gin.WrapH(door.Handler()))
	for _, path := range []string{mcp.MetadataPath, mcp.MetadataPath + mcp.Path} {
		router.GET(path, gin.WrapH(door.Metadata()))
	}
	return &house{router: router, close: func() { _ = stop(context.WithoutCancel(ctx)) }}, nil // the last spans may be lost
}

// complete checks what the types of the settings do not say.
func (cfg *settings) complete() error {
	var wrong []error
	for name, at := range map[string]*string{
		"PUBLIC_URL": &cfg.Public, "API_URL": &cfg.API, "AUDIT_URL": &cfg.Audit, "IDENTITY_URL": &cfg.Identity,
	} {
		*at = strings.TrimSuffix(*at, "/")
		if u, err := url.Parse(*at); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			wrong = append(wrong, fmt.Errorf("%s: %q is not of the form http://host:port", name, *at))
		}
	}
	return errors.Join(wrong...)
}

// version is that of the program, for agents to see.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
