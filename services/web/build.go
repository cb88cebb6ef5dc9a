package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/web/internal/page"
	"github.com/tickler-app/tickler/services/web/internal/rest"
	"github.com/tickler-app/tickler/services/web/internal/route"
	"github.com/tickler-app/tickler/services/web/internal/ws"
)

// house is the service, wired: what runs, what answers on either port, and what closes it.
type house struct {
	public, admin http.Handler
	parts         []run.Part
	close         func()
}

// headersWithin is how long a service may take until its answer begins. An agent's turn in
// JSON, and a tool's call, begin when they are done.
func headersWithin(service string) time.Duration {
	if service == route.Chat || service == route.MCP {
		return 5 * time.Minute
	}
	return time.Minute
}

// build wires the rooms.
func (cfg *settings) build(ctx context.Context, log *slog.Logger) (*house, error) {
	public, err1 := address("PUBLIC_URL", cfg.Public)
	services, err2 := cfg.services()
	proxies, err3 := networks(cfg.Proxies)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	metrics := telemetry.Registry("web")
	tracer, stop, err := telemetry.Tracing(ctx, "web", cfg.Traces)
	if err != nil {
		return nil, err
	}
	ways := map[string]http.RoundTripper{}
	for name := range services {
		ways[name] = reach.New(reach.Config{Target: name, Timeout: headersWithin(name), Retries: 2, Metrics: metrics, Proxy: true})
	}
	app, err := page.New()
	if err != nil {
		return nil, err
	}
	// A revoked API token stops within a minute, so what it was swapped for is kept no longer.
	swap := &auth.Exchanger{URL: cfg.Identity + "/oauth/token", ID: "web", Secret: cfg.Secret, Type: auth.APIToken, KeepFor: 50 * time.Second, Spare: 5 * time.Second, Now: time.Now,
		Reach: reach.New(reach.Config{Target: "exchange", Timeout: 3 * time.Second, Metrics: metrics})}
	sockets := &ws.Proxy{Target: services[route.Realtime], Reach: ways[route.Realtime], Log: log}
	sockets.Register(metrics)
	docs, err := rest.Events(events.AsyncAPI, (&rest.Merged{Services: services, Reach: ways, Log: log}).Handler())
	if err != nil {
		return nil, err
	}
	origin := rest.New(rest.Config{
		Public: public, Services: services, Reach: ways, Exchange: swap.Exchange, Page: app, Docs: docs,
		Sockets: sockets, Proxies: proxies, Log: log,
	})
	admin, err := httpd.New(httpd.Config{Log: log, Metrics: metrics, Quiet: true})
	if err != nil {
		return nil, err
	}
	answers := func(r *http.Request) string { return route.Of(r.URL.EscapedPath()) }
	return &house{
		public: httpd.Observe(httpd.Config{Log: log, Metrics: metrics, Tracer: tracer}, answers, origin), admin: admin, parts: []run.Part{sockets.Run},
		close: func() { _ = stop(context.WithoutCancel(ctx)) }, // the last spans may be lost
	}, nil
}

// services reads where each service is; one without an address is not part of this house.
func (cfg *settings) services() (map[string]*url.URL, error) {
	at, wrong := map[string]*url.URL{}, []error{}
	for name, text := range map[string]string{
		route.API: cfg.API, route.Audit: cfg.Audit, route.Identity: cfg.Identity, route.Realtime: cfg.Realtime,
		route.Notification: cfg.Notification, route.Chat: cfg.Chat, route.MCP: cfg.MCP,
	} {
		if text == "" {
			continue
		}
		u, err := address(strings.ToUpper(name)+"_URL", text)
		at[name], wrong = u, append(wrong, err)
	}
	return at, errors.Join(wrong...)
}

func address(setting, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%s: %q is not of the form http://host:port", setting, text)
	}
	return u, nil
}

// networks reads addresses and networks; an address is a network of its own.
func networks(texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		network, err := netip.ParsePrefix(text)
		if alone, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(alone.Unmap(), alone.Unmap().BitLen()))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("TRUSTED_PROXIES: %q is no address and no network", text)
		}
		all = append(all, network)
	}
	return all, nil
}
