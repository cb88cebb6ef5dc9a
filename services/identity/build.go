package main

import (
	"context"
	_ "embed"
	"log/slog"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jmoiron/sqlx"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/internal/client"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
	"github.com/tickler-app/tickler/services/identity/internal/key"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/mail"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/rest"
	"github.com/tickler-app/tickler/services/identity/internal/store"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
	"github.com/twmb/franz-go/pkg/kgo"
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

// build wires the rooms.
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
	metrics := telemetry.Registry("identity")
	tracer, stop, err := telemetry.Tracing(ctx, "identity", cfg.Traces)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = stop(context.WithoutCancel(ctx)) }) // the last spans may be lost
	app, work, err := cfg.pools(h)
	if err != nil {
		return h, err
	}
	postgres.Measure(metrics, app, work)
	ring, err := cfg.ring(work, log)
	if err != nil {
		return h, err
	}
	metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tickler_auth_key_age_seconds", Help: "Age of the key that signs.",
	}, func() float64 { return ring.Age().Seconds() }))
	broker := cfg.Kafka.Opts(log, metrics)
	gate, err := h.gate(broker, log)
	if err != nil {
		return h, err
	}
	relay := &outbox.Relay{Service: "identity", DB: work, Kafka: broker, Log: log, Metrics: metrics, Tracer: tracer}
	door, postman, err := cfg.door(app, work, ring, relay, log, metrics)
	if err != nil {
		return h, err
	}
	h.router, err = httpd.New(httpd.Config{
		Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer, Spec: spec, Formats: rest.Formats(), Guard: rest.Guard(door.Tokens),
		Ready: map[string]httpd.Check{"database": postgres.Fit(app, work, outbox.Migrations, store.Migrations), "keys": ring.Ready, "outbox": relay.Ready, "topics": gate.Ready},
	})
	if err != nil {
		return h, err
	}
	door.Routes(h.router)
	h.parts = []run.Part{ring.Run, gate.Then(relay.Run), door.Users.Pool.Run, (&store.Work{DB: work, Log: log}).Run}
	if postman != nil {
		h.parts = append(h.parts, postman.Run)
	}
	return h, nil
}

// gate is what the relay waits at.
func (h *house) gate(broker []kgo.Opt, log *slog.Logger) (*kafka.Gate, error) {
	admin, err := kgo.NewClient(broker...)
	if err != nil {
		return nil, err
	}
	h.closes = append(h.closes, admin.Close)
	return &kafka.Gate{Client: admin, Want: kafka.Want(events.Needs("identity")), Rights: kafka.Rights(events.AccessOf("identity")), Log: log}, nil
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

func (cfg *settings) ring(work *sqlx.DB, log *slog.Logger) (*key.Ring, error) {
	keys, err := seal.Parse(cfg.SecretKey)
	if err != nil {
		return nil, err
	}
	return &key.Ring{
		Store: &store.Keys{DB: work, Seal: keys}, Now: postgres.Now, Life: max(cfg.TokenTTL, token.LongestLife), MaxAge: cfg.KeyMaxAge,
		Failed: func(err error) { log.Error("signing keys not loaded", "error", err) },
	}, nil
}

// door wires what answers, and what sends the letters that it leaves; nil without a mail server.
func (cfg *settings) door(app, work *sqlx.DB, ring *key.Ring, relay *outbox.Relay, log *slog.Logger, metrics prometheus.Registerer) (*rest.Door, *mail.Postman, error) {
	keys, err := seal.Parse(cfg.SecretKey)
	if err != nil {
		return nil, nil, err
	}
	clients, err := token.NewClients(cfg.Clients, cfg.Audience, cfg.Public+"/mcp")
	if err != nil {
		return nil, nil, err
	}
	links := user.Links{Secret: []byte(cfg.Secret)}
	postman, err := cfg.postman(work, links, log, metrics)
	if err != nil {
		return nil, nil, err
	}
	people := &store.People{DB: app, Hint: func() {
		relay.Hint()
		if postman != nil {
			postman.Hint()
		}
	}}
	limits := &limit.Limits{
		Shared: &store.Limits{DB: app}, Local: limit.NewMemory(), Now: postgres.Now,
		Address: slices.Contains(cfg.Limits, "address"), Account: slices.Contains(cfg.Limits, "account"),
	}
	grants := &store.Grants{DB: app}
	tokens := &token.Service{
		Store: &store.Tokens{DB: app}, Signer: ring, Now: postgres.Now,
		Issuer: cfg.Issuer, Audience: cfg.Audience, Life: cfg.TokenTTL, Clients: clients,
	}
	return &rest.Door{
		Users: &user.Service{
			Store: people, Sessions: people, Pool: cfg.hashers(metrics), Rules: password.NewRules(cfg.Common == "on"), Limits: limits, Links: links,
			Now: postgres.Now, SessionLife: cfg.SessionTTL, Mail: postman != nil, RequireVerify: cfg.VerifyEmail,
		},
		Tokens: tokens,
		Grants: &grant.Service{Clients: grants, Store: grants, Documents: client.New(metrics), Tokens: tokens, Now: postgres.Now, Audience: cfg.Public + "/mcp"},
		Ring:   ring, Limits: limits, Seal: keys, Public: cfg.Public, Origins: cfg.Origins, Secret: []byte(cfg.Secret),
		Attempts: rest.NewAttempts(metrics),
	}, postman, nil
}

func (cfg *settings) postman(work *sqlx.DB, links user.Links, log *slog.Logger, metrics prometheus.Registerer) (*mail.Postman, error) {
	if cfg.SMTPURL == "" {
		return nil, nil
	}
	server, err := mail.NewServer(cfg.SMTPURL, cfg.SMTPFrom, metrics)
	if err != nil {
		return nil, err
	}
	return mail.New(mail.Postman{
		Tray: &store.Work{DB: work, Log: log}, Server: server, Links: links, Public: cfg.Public, Now: postgres.Now, Log: log,
	}, metrics), nil
}

func (cfg *settings) hashers(metrics prometheus.Registerer) *password.Pool {
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "tickler_auth_password_hash_seconds", Help: "Time to hash a password, without waiting for a turn.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1},
	})
	metrics.MustRegister(seconds)
	return password.NewPool(cfg.Hashers, hashWithin, func(took time.Duration) { seconds.Observe(took.Seconds()) })
}

// hashWithin is how long somebody waits for their turn to have a password hashed.
const hashWithin = 10 * time.Second
