package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/web/internal/client"
	"github.com/tickler-app/tickler/services/web/internal/page"
	"github.com/tickler-app/tickler/services/web/internal/rest"
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// house is the service, wired: what answers on either port.
type house struct{ public, admin http.Handler }

// headersWithin is how long a service may take until its answer begins.
const headersWithin = 30 * time.Second

// build wires the rooms.
func (cfg *settings) build(log *slog.Logger) (*house, error) {
	metrics := telemetry.Registry("web")
	services, err := cfg.services()
	if err != nil {
		return nil, err
	}
	ways := map[string]http.RoundTripper{}
	for name := range services {
		ways[name] = reach.New(reach.Config{Target: name, Timeout: headersWithin, Retries: 2, Metrics: metrics, Proxy: true})
	}
	app, err := page.New()
	if err != nil {
		return nil, err
	}
	identity := &client.Identity{URL: cfg.Identity, Secret: cfg.Secret, Now: time.Now,
		Reach: reach.New(reach.Config{Target: "exchange", Timeout: 3 * time.Second, Metrics: metrics})}
	merged := &rest.Merged{Services: services, Reach: ways, Log: log}
	origin := rest.New(rest.Config{
		Services: services, Reach: ways, Exchange: identity.Exchange, Page: app, Docs: merged.Handler(),
		Secure: strings.HasPrefix(cfg.Public, "https://"), Log: log,
	})
	admin, err := httpd.New(httpd.Config{Log: log, Metrics: metrics, Quiet: true})
	if err != nil {
		return nil, err
	}
	answers := func(r *http.Request) string { return route.Of(r.URL.Path) }
	return &house{public: httpd.Observe(log, metrics, answers, origin), admin: admin}, nil
}

// services reads where each service is; one without an address is not part of this house.
func (cfg *settings) services() (map[string]*url.URL, error) {
	at := map[string]*url.URL{}
	for name, address := range map[string]string{
		route.API: cfg.API, route.Audit: cfg.Audit, route.Identity: cfg.Identity, route.Realtime: cfg.Realtime,
		route.Notification: cfg.Notification, route.Chat: cfg.Chat, route.MCP: cfg.MCP,
	} {
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("%s_URL: %q is not of the form http://host:port", strings.ToUpper(name), address)
		}
		at[name] = u
	}
	return at, nil
}
