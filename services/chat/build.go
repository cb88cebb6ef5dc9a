package main

import (
	"context"
	_ "embed"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jmoiron/sqlx"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/chat/internal/client"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
	"github.com/tickler-app/tickler/services/chat/internal/inbox"
	"github.com/tickler-app/tickler/services/chat/internal/model"
	"github.com/tickler-app/tickler/services/chat/internal/rest"
	"github.com/tickler-app/tickler/services/chat/internal/rules"
	"github.com/tickler-app/tickler/services/chat/internal/store"
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
	if err := cfg.complete(); err != nil {
		return h, err
	}
	metrics := telemetry.Registry("chat")
	tracer, stop, err := telemetry.Tracing(ctx, "chat", cfg.Traces)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = stop(context.WithoutCancel(ctx)) }) // the last spans may be lost
	app, work, err := cfg.pools(h)
	if err != nil {
		return h, err
	}
	postgres.Measure(metrics, app, work)
	gate, err := cfg.consume(h, work, log, metrics, tracer)
	if err != nil {
		return h, err
	}
	h.router, err = httpd.New(httpd.Config{
		Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer, Spec: spec,
		Guard: auth.New(cfg.Auth, log, metrics).Guard,
		Ready: map[string]httpd.Check{"database": postgres.Fit(app, work, store.Migrations()), "topics": gate.Ready},
	})
	if err != nil {
		return h, err
	}
	service := cfg.talk(app, log, metrics)
	rest.Routes(h.router, service)
	h.parts = append(h.parts, service.Run)
	return h, nil
}

// consume hears of people.
func (cfg *settings) consume(h *house, work *sqlx.DB, log *slog.Logger, metrics *prometheus.Registry, tracer trace.TracerProvider) (*kafka.Gate, error) {
	group, err := kgo.NewClient(slices.Concat(cfg.Kafka.Opts(log, metrics), kafka.GroupOpts("chat", events.UserEvents))...)
	if err != nil {
		return nil, err
	}
	h.closes = append(h.closes, func() { kafka.Leave(group) })
	gate := &kafka.Gate{Client: group, Want: kafka.Want(events.Needs("chat")), Rights: kafka.Rights(events.AccessOf("chat")), Log: log}
	people := &store.Work{DB: work}
	consumer := &kafka.Consumer{
		Client: group, Handle: inbox.People(people), Healthy: postgres.Ready(work), Log: log, Metrics: metrics, Tracer: tracer,
	}
	upkeep := &store.Upkeep{Work: people, Log: log, Every: time.Hour}
	h.parts = append(h.parts, gate.Then(consumer.Run), upkeep.Run)
	return gate, nil
}

// talk wires what answers people.
func (cfg *settings) talk(app *sqlx.DB, log *slog.Logger, metrics prometheus.Registerer) *conversation.Service {
	rate := float64(cfg.Turns)
	kept := &store.Store{DB: app, Rate: rate / 60, Burst: rate, Lease: leaseTime}
	swap := &auth.Exchanger{
		URL: cfg.Identity + "/oauth/token", ID: "chat", Secret: cfg.Secret, Type: auth.AccessToken, KeepFor: time.Hour,
		Spare: 30 * time.Second, Now: time.Now, // a turn may take long
		Reach: reach.New(reach.Config{Target: "exchange", Timeout: 3 * time.Second, Retries: 2, Metrics: metrics}),
	}
	tools := &client.Tools{
		URL: cfg.MCP, Tokens: swap, Version: version(), Now: time.Now,
		Reach: reach.New(reach.Config{Target: "mcp", Timeout: 15 * time.Second, Metrics: metrics}),
	}
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tickler_chat_turn_seconds", Help: "Time of a turn by what became of it: done, stopped by the person, limited by a guard, broken.",
		Buckets: telemetry.Buckets(),
	}, []string{"status"})
	metrics.MustRegister(took)
	planner, steps := cfg.planner(metrics)
	return &conversation.Service{
		Shelf: kept, Turns: kept, Tools: tools, Planner: planner, Now: postgres.Now, Steps: steps,
		Noted: func(ctx context.Context, status conversation.Status, d time.Duration, err error) {
			telemetry.Observe(ctx, took.WithLabelValues(string(status)), d.Seconds())
			level := slog.LevelInfo
			if err != nil {
				level = slog.LevelWarn
			}
			log.Log(ctx, level, "turn", "status", string(status), "seconds", d.Seconds(), "error", err)
		},
	}
}

// planner is who plans, and how many steps a turn of theirs may have.
func (cfg *settings) planner(metrics prometheus.Registerer) (conversation.Planner, int) {
	if cfg.LLMURL == "" {
		return rules.Planner{}, ruleSteps
	}
	asked := &model.Planner{
		URL: cfg.LLMURL, Key: cfg.LLMKey, Model: cfg.LLMModel,
		Reach: reach.New(reach.Config{Target: "model", Timeout: cfg.LLMTimeout, Retries: 2, Metrics: metrics}),
	}
	if cfg.LLMFallback {
		return conversation.Fallback{First: asked, Then: rules.Planner{}, Steps: ruleSteps}, cfg.LLMSteps
	}
	return asked, cfg.LLMSteps
}

// ruleSteps is how many steps a turn of rules may have: one for each call of a long message.
const ruleSteps = 40

// version is that of the program, for mcp to see.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
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
