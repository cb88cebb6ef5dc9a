package main

import (
	"context"
	_ "embed"
	"fmt"
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
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/notification/internal/address"
	"github.com/tickler-app/tickler/services/notification/internal/inbox"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/rest"
	"github.com/tickler-app/tickler/services/notification/internal/store"
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
	if err := cfg.check(); err != nil {
		return h, err
	}
	metrics := telemetry.Registry("notification")
	tracer, stop, err := telemetry.Tracing(ctx, "notification", cfg.Traces)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = stop(context.WithoutCancel(ctx)) }) // the last spans may be lost
	app, work, err := cfg.pools(h)
	if err != nil {
		return h, err
	}
	postgres.Measure(metrics, app, work)
	broker := cfg.Kafka.Opts(log, metrics)
	admin, err := kgo.NewClient(broker...)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, admin.Close)
	gate := &kafka.Gate{Client: admin, Want: kafka.Want(events.Needs("notification")), Rights: kafka.Rights(events.AccessOf("notification")), Log: log}
	relay := &outbox.Relay{Service: "notification", DB: work, Kafka: broker, Log: log, Metrics: metrics, Tracer: tracer}
	h.router, err = httpd.New(httpd.Config{
		Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer, Spec: spec,
		Guard: auth.New(cfg.Auth, log, metrics).Guard,
		Ready: map[string]httpd.Check{"database": postgres.Fit(app, work, outbox.Migrations, store.Migrations()), "outbox": relay.Ready, "topics": gate.Ready},
	})
	if err != nil {
		return h, err
	}
	clerk, err := cfg.rooms(h, app, work, relay, log, metrics)
	if err != nil {
		return h, err
	}
	consumer, err := consumer(broker, work, clerk, log, metrics)
	if err != nil {
		return h, err
	}
	consumer.Tracer = tracer
	h.parts = append(h.parts, gate.Then(relay.Run), gate.Then(consumer.Run))
	return h, nil
}

// rooms wires what answers people, what takes in events, and what sends.
func (cfg *settings) rooms(h *house, app, work *sqlx.DB, relay *outbox.Relay, log *slog.Logger, metrics prometheus.Registerer) (*notice.Clerk, error) {
	keys, err := seal.Parse(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	guard, err := address.New(cfg.AllowPrivate)
	if err != nil {
		return nil, fmt.Errorf("WEBHOOK_ALLOW_PRIVATE: %w", err)
	}
	couriers := map[notice.Channel]*notice.Courier{}
	hints := store.Hints{Told: relay.Hint, Owed: func(channel notice.Channel) { couriers[channel].Hint() }}
	owed := &store.Work{DB: work, Seal: keys, Hints: hints}
	senders, browsers, err := cfg.senders(&outside{guard: guard, metrics: metrics}, owed, metrics)
	if err != nil {
		return nil, err
	}
	attempts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tickler_deliveries_total", Help: "Attempts to send by channel and what became of them: sent, retried, failed (for good), cancelled.",
	}, []string{"channel", "result"})
	metrics.MustRegister(attempts)
	for _, channel := range notice.Outgoing() {
		couriers[channel] = &notice.Courier{
			Channel: channel, Tray: owed, Store: owed, Sender: senders[channel], Now: postgres.Now,
			Noted: func(d *notice.Delivery, result string, cause error) {
				attempts.WithLabelValues(string(d.Channel), result).Inc()
				if d.Status != notice.Sent {
					log.Warn("not sent", "channel", string(d.Channel), "delivery", d.ID.String(), "result", result, "failures", d.Failures, "error", cause)
				}
			},
			Troubled: func(err error) {
				log.Warn("deliveries", "channel", string(channel), "error", err)
			},
		}
		h.parts = append(h.parts, couriers[channel].Run)
	}
	desk := &notice.Desk{Shelf: &store.Shelf{DB: app, Seal: keys}, Links: owed, Answers: &store.Answers{DB: app}, Hooks: &store.Hooks{DB: app, Seal: keys, Hints: hints}, Addresses: guard, Now: postgres.Now}
	rest.Routes(h.router, desk, browsers.PublicKey)
	clerk := &notice.Clerk{Store: owed, Now: postgres.Now}
	lookout := &notice.Lookout{Due: owed, Clerk: clerk, Every: lookEvery, Troubled: func(err error) { log.Warn("overdue tasks", "error", err) }}
	h.parts = append(h.parts, lookout.Run, (&store.Purge{DB: work, Log: log, Every: time.Hour}).Run)
	return clerk, nil
}

// lookEvery is how late somebody hears that a task is overdue, at most.
const lookEvery = 15 * time.Second

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

// gather is how long changes of tasks are gathered, most of which nobody is to hear of: an effect
// for each would take more of the database than the tasks themselves. A reminder may wait as long.
const gather = 20 * time.Millisecond

// consumer hears timers and all that others tell, in one group. What it does has no order that
// a dead letter could break: each record stands for itself.
func consumer(broker []kgo.Opt, work *sqlx.DB, clerk *notice.Clerk, log *slog.Logger, metrics prometheus.Registerer) (*kafka.Consumer, error) {
	topics := map[string]kafka.Handler{
		events.Reminders: inbox.Timers(clerk), events.TaskEvents: inbox.Tasks(clerk), events.UserEvents: inbox.People(clerk),
	}
	client, err := kgo.NewClient(slices.Concat(broker, kafka.GroupOpts("notification", slices.Collect(maps.Keys(topics))...))...)
	if err != nil {
		return nil, err
	}
	return &kafka.Consumer{Client: client, Handle: kafka.ByTopic(topics), Healthy: postgres.Ready(work), Gather: gather, Log: log, Metrics: metrics}, nil
}
