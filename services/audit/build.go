package main

import (
	"context"
	_ "embed"
	"log/slog"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jmoiron/sqlx"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/audit/internal/inbox"
	"github.com/tickler-app/tickler/services/audit/internal/rest"
	"github.com/tickler-app/tickler/services/audit/internal/store"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

//go:embed openapi.yaml
var spec []byte

// house is the service, wired: what runs, what answers, and what closes it.
type house struct {
	router *gin.Engine
	parts  []run.Part
	closes []func()
}

func (h *house) close() {
	for _, f := range slices.Backward(h.closes) {
		f()
	}
}

// build wires the rooms. The consumer waits until the topics are there; requests do not.
func (cfg *settings) build(ctx context.Context, log *slog.Logger) (h *house, err error) {
	h = &house{}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	metrics := telemetry.Registry("audit")
	tracer, stop, err := telemetry.Tracing(ctx, "audit", cfg.Traces)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = stop(context.WithoutCancel(ctx)) }) // the last spans may be lost
	app, work, err := cfg.pools(h)
	if err != nil {
		return h, err
	}
	postgres.Measure(metrics, app, work)
	group, err := kgo.NewClient(slices.Concat(cfg.Kafka.Opts(log, metrics), kafka.GroupOpts("audit", inbox.Topics()...))...)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { kafka.Leave(group) })

	gate := &kafka.Gate{Client: group, Want: kafka.Want(events.Needs("audit")), Rights: kafka.Rights(events.AccessOf("audit")), Log: log}
	h.router, err = httpd.New(httpd.Config{
		Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer, Spec: spec,
		Guard: auth.New(cfg.Auth, log, metrics).Guard,
		Ready: map[string]httpd.Check{"database": postgres.Fit(app, work, store.Migrations()), "topics": gate.Ready},
	})
	if err != nil {
		return h, err
	}
	service := &trail.Service{Store: &store.Entries{App: app, Work: work}, Now: postgres.Now, Retention: cfg.Retention}
	rest.Routes(h.router, service)
	consumer := &kafka.Consumer{
		Client: group, Handle: inbox.Events(service), Healthy: postgres.Ready(work), Log: log, Metrics: metrics, Tracer: tracer, Batch: inbox.Batch,
	}
	upkeep := &store.Upkeep{DB: work, Log: log, Retention: cfg.Retention, Every: time.Hour}
	h.parts = []run.Part{gate.Then(consumer.Run), upkeep.Run}
	return h, nil
}

// pools opens the database as the two roles that serve.
func (cfg *settings) pools(h *house) (app, work *sqlx.DB, err error) {
	if app, err = postgres.Open(cfg.Database.URL); err != nil {
		return nil, nil, err
	}
	h.closes = append(h.closes, func() { _ = app.Close() })
	if work, err = postgres.Open(cfg.Database.WorkURL); err != nil {
		return nil, nil, err
	}
	h.closes = append(h.closes, func() { _ = work.Close() })
	return app, work, nil
}
