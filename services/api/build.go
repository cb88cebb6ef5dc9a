package main

import (
	"cmp"
	"context"
	_ "embed"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jmoiron/sqlx"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/api/internal/inbox"
	"github.com/tickler-app/tickler/services/api/internal/rest"
	"github.com/tickler-app/tickler/services/api/internal/store"
	"github.com/tickler-app/tickler/services/api/internal/task"
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

// build wires the rooms. The relay and the consumer wait until the topics are there;
// requests do not.
func (cfg *settings) build(ctx context.Context, log *slog.Logger) (h *house, err error) {
	h = &house{}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	metrics := telemetry.Registry("api")
	tracer, stop, err := telemetry.Tracing(ctx, "api", cfg.Traces)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = stop(context.WithoutCancel(ctx)) }) // the last spans may be lost
	app, err := postgres.Open(cfg.Database.URL)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = app.Close() })
	work, err := postgres.Open(cfg.Database.WorkURL)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = work.Close() })
	postgres.Measure(metrics, app, work)
	broker := cfg.Kafka.Opts(log, metrics)
	admin, err := kgo.NewClient(broker...)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, admin.Close)

	gate := &kafka.Gate{Client: admin, Want: kafka.Want(events.Needs("api")), Rights: kafka.Rights(events.AccessOf("api")), Log: log}
	relay := &outbox.Relay{Service: "api", DB: work, Kafka: broker, Log: log, Metrics: metrics, Tracer: tracer}
	h.router, err = httpd.New(httpd.Config{
		Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer, Spec: spec, Formats: rest.Formats(),
		Guard: auth.New(cfg.Auth, log, metrics).Guard,
		Ready: map[string]httpd.Check{"database": postgres.Fit(app, work, outbox.Migrations, store.Migrations()), "outbox": relay.Ready, "topics": gate.Ready},
	})
	if err != nil {
		return h, err
	}
	rest.Routes(h.router, cfg.door(&store.Tasks{DB: app, Committed: relay.Hint}))
	consumer, err := cfg.consumer(broker, work, relay, log, metrics)
	if err != nil {
		return h, err
	}
	consumer.Tracer = tracer
	h.parts = []run.Part{gate.Then(relay.Run), gate.Then(consumer.Run), (&store.Purge{DB: work, Log: log, Every: time.Hour}).Run,
		(&store.Timers{DB: work}).Watch(log)}
	return h, nil
}

// door is what requests are answered by.
func (cfg *settings) door(tasks *store.Tasks) rest.Parts {
	return rest.Parts{
		Tasks: &task.Service{Store: tasks, Now: postgres.Now}, Porter: &task.Porter{Store: tasks, Now: postgres.Now},
		Calendars: &task.Calendars{Store: tasks, Now: postgres.Now}, Public: cmp.Or(cfg.Public, cfg.Auth.Audience),
	}
}

// consumer hears all that others tell and ask this service, in one group.
func (cfg *settings) consumer(broker []kgo.Opt, work *sqlx.DB, relay *outbox.Relay, log *slog.Logger, metrics prometheus.Registerer) (*kafka.Consumer, error) {
	topics := map[string]kafka.Handler{
		events.UserEvents:         inbox.People(&task.Census{People: &store.People{DB: work}, Now: postgres.Now}),
		events.TaskCommands:       inbox.Commands(&task.Succession{Store: &store.Series{DB: work, Committed: relay.Hint}, Now: postgres.Now}),
		events.NotificationEvents: inbox.Outcomes(&store.Feed{DB: work, Committed: relay.Hint}),
	}
	client, err := kgo.NewClient(slices.Concat(broker, kafka.GroupOpts("api", slices.Collect(maps.Keys(topics))...))...)
	if err != nil {
		return nil, err
	}
	return &kafka.Consumer{
		Client: client, Handle: kafka.ByTopic(topics), Healthy: postgres.Ready(work), Log: log, Metrics: metrics,
		ParkBy: func(rec *kgo.Record) string { return string(rec.Key) },
	}, nil
}
