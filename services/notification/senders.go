package main

import (
	"errors"
	"net"
	"net/http"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/notification/internal/address"
	letters "github.com/tickler-app/tickler/services/notification/internal/mail"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/push"
	"github.com/tickler-app/tickler/services/notification/internal/sms"
	"github.com/tickler-app/tickler/services/notification/internal/webhook"
)

// senders are those of every channel that leaves the house; one that was not set up refuses.
func (cfg *settings) senders(calls *outside, keys push.Keys, metrics prometheus.Registerer) (map[notice.Channel]notice.Sender, *push.Sender, error) {
	post, err := cfg.post(metrics)
	if err != nil {
		return nil, nil, err
	}
	browsers, err := cfg.browsers(calls, keys)
	if err != nil {
		return nil, nil, err
	}
	all := map[notice.Channel]notice.Sender{
		notice.Email: post, notice.Push: browsers, notice.SMS: notice.Off("SMS"), notice.Webhook: &webhook.Sender{Calls: calls, Now: postgres.Now},
	}
	if cfg.TwilioAccount != "" {
		all[notice.SMS] = &sms.Twilio{
			Calls: reach.New(reach.Config{Target: "twilio", Timeout: callWithin, Metrics: metrics}), Base: strings.TrimRight(cfg.TwilioBase, "/"),
			Account: cfg.TwilioAccount, Token: cfg.TwilioToken, From: cfg.TwilioFrom, Public: cfg.Public, Now: postgres.Now,
		}
	}
	return all, browsers, nil
}

// post sends mail: by SendGrid's API if there is a key for it, else by a mail server.
func (cfg *settings) post(metrics prometheus.Registerer) (notice.Sender, error) {
	switch {
	case cfg.GridKey != "":
		return &letters.SendGrid{
			Calls: reach.New(reach.Config{Target: "sendgrid", Timeout: callWithin, Metrics: metrics}), Base: strings.TrimRight(cfg.GridBase, "/"),
			Key: cfg.GridKey, From: cfg.SMTPFrom, Public: cfg.Public, Now: postgres.Now,
		}, nil
	case cfg.SMTPURL != "":
		return letters.NewServer(cfg.SMTPURL, cfg.SMTPFrom, cfg.Public, metrics)
	}
	return notice.Off("e-mail"), nil
}

// browsers send web push.
func (cfg *settings) browsers(calls *outside, keys push.Keys) (*push.Sender, error) {
	subject := cfg.VAPIDSubject
	if subject == "" {
		from, err := mail.ParseAddress(cfg.SMTPFrom)
		if err != nil {
			return nil, errors.New("SMTP_FROM is no address")
		}
		subject = from.Address
	}
	s := &push.Sender{Calls: calls, Keys: keys, Subject: subject, Now: postgres.Now}
	if cfg.VAPIDPublic == "" {
		return s, nil
	}
	return s, s.Use(cfg.VAPIDPublic, cfg.VAPIDPrivate)
}

// callWithin bounds a call to a provider.
const callWithin = 10 * time.Second

// outside makes calls to addresses that people gave. Each host has a breaker of its own: one
// that is away must not cut off the others.
type outside struct {
	guard   *address.Guard
	metrics prometheus.Registerer

	mu    sync.Mutex
	hosts map[string]*reach.Client
}

// mostHosts bounds what is remembered of hosts; then their breakers begin anew.
const mostHosts = 1000

// Do makes a call.
func (o *outside) Do(req *http.Request) (*http.Response, error) {
	return o.of(req.URL.Host, req.URL.Hostname()).Do(req)
}

func (o *outside) of(host, name string) *reach.Client {
	o.mu.Lock()
	defer o.mu.Unlock()
	if client := o.hosts[host]; client != nil {
		return client
	}
	if o.hosts == nil || len(o.hosts) >= mostHosts {
		o.hosts = map[string]*reach.Client{}
	}
	dialer := &net.Dialer{Timeout: 3 * time.Second}
	if !o.guard.Named(name) {
		dialer.Control = o.guard.Control
	}
	client := reach.New(reach.Config{Target: "outside", Timeout: callWithin, Metrics: o.metrics, Shared: true, Transport: &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: callWithin,
		MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	}})
	o.hosts[host] = client
	return client
}
