package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/run"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/realtime/internal/feed"
	"github.com/tickler-app/tickler/services/realtime/internal/inbox"
	"github.com/tickler-app/tickler/services/realtime/internal/ws"
	"github.com/twmb/franz-go/pkg/kgo"
)

// sessionsBack is how far back the ends of sessions are read: further than the longest
// life of a token, for one of an ended session must not open the feed.
const sessionsBack = time.Hour

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

// build wires the rooms. Reading waits until the topics are there, and readiness until all
// that they hold of the last minutes is read: before that every client would have to sync.
func (cfg *settings) build(ctx context.Context, log *slog.Logger) (h *house, err error) {
	h = &house{}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	public, err := url.Parse(cfg.Public)
	if err != nil || public.Host == "" {
		return h, fmt.Errorf("PUBLIC_URL is not of the form https://host")
	}
	metrics := telemetry.Registry("realtime")
	tracer, stop, err := telemetry.Tracing(ctx, "realtime", cfg.Traces)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, func() { _ = stop(context.WithoutCancel(ctx)) }) // the last spans may be lost
	broker := cfg.Kafka.Opts(log, metrics)
	admin, err := kgo.NewClient(broker...)
	if err != nil {
		return h, err
	}
	h.closes = append(h.closes, admin.Close)

	changes := &feed.Feed{Window: cfg.Window, Bytes: int(cfg.Bytes), Now: time.Now}
	gate := &kafka.Gate{Client: admin, Want: kafka.Want(events.Needs("realtime")), Rights: kafka.Rights(events.AccessOf("realtime")), Log: log}
	updates := &kafka.Broadcast{Opts: broker, Topics: []string{events.TaskUpdates}, Back: cfg.Window, Log: log, Metrics: metrics, Handle: inbox.Updates(changes, log)}
	users := &kafka.Broadcast{Opts: broker, Topics: []string{events.UserEvents}, Back: sessionsBack, Log: log, Metrics: metrics, Handle: inbox.Users(changes, log)}
	door := ws.New(ws.Config{
		Feed: changes, Tokens: auth.New(cfg.Auth, log, metrics), Log: log, Metrics: metrics, Tracer: tracer,
		Origins: append([]string{public.Scheme + "://" + public.Host}, cfg.Origins...),
	})
	h.router, err = httpd.New(httpd.Config{
		Settings: cfg.Settings, Log: log, Metrics: metrics, Tracer: tracer,
		Ready: map[string]httpd.Check{"topics": gate.Ready, "feed": updates.Ready, "sessions": users.Ready},
	})
	if err != nil {
		return h, err
	}
	h.router.GET("/ws", gin.WrapH(door))
	h.parts = []run.Part{changes.Run, door.Run, gate.Then(updates.Run), gate.Then(users.Run)}
	return h, nil
}
