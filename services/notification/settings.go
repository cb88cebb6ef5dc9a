package main

import (
	"errors"
	"net/url"
	"strings"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type settings struct {
	Addr   string `env:"ADDR" default:":8003" about:"where to listen"`
	Public string `env:"PUBLIC_URL" form:"url" about:"the house as people see it, e.g. https://todo.example: links in mail"`
	httpd.Settings
	Database postgres.Settings
	Kafka    kafka.Settings
	Auth     auth.Settings
	Traces   telemetry.Settings

	SecretKey string `env:"SECRET_KEY" secret:"true" about:"seals what people entrust: ID:KEY a line, KEY 32 bytes in base64 or hex; the first line seals, the others only open"`

	SMTPURL  string `env:"SMTP_URL" default:"" secret:"true" about:"mail server, smtp://user:password@host:587?tls=required or smtps://…; empty: no mail, unless SENDGRID_API_KEY is set"`
	SMTPFrom string `env:"SMTP_FROM" default:"Tickler <tickler@localhost>" about:"sender of mail"`
	GridKey  string `env:"SENDGRID_API_KEY" default:"" secret:"true" about:"sends mail by SendGrid's API instead"`
	GridBase string `env:"SENDGRID_BASE_URL" form:"url" default:"https://api.sendgrid.com" about:"where that API is"`

	TwilioAccount string `env:"TWILIO_ACCOUNT_SID" default:"" about:"account at Twilio; empty: no text messages"`
	TwilioToken   string `env:"TWILIO_AUTH_TOKEN" default:"" secret:"true" about:"of that account"`
	TwilioFrom    string `env:"TWILIO_FROM" default:"" about:"number that text messages come from, or a messaging service (MG…)"`
	TwilioBase    string `env:"TWILIO_BASE_URL" form:"url" default:"https://api.twilio.com" about:"where the API is"`

	VAPIDPublic  string `env:"VAPID_PUBLIC_KEY" default:"" about:"key for web push in base64url; empty: the service makes a pair and keeps it"`
	VAPIDPrivate string `env:"VAPID_PRIVATE_KEY" default:"" secret:"true" about:"of VAPID_PUBLIC_KEY"`
	VAPIDSubject string `env:"VAPID_SUBJECT" default:"" about:"whom push services may write to, mailto:… or https:…; empty: the address in SMTP_FROM"`

	AllowPrivate []string `env:"WEBHOOK_ALLOW_PRIVATE" default:"" about:"hosts or networks inside that webhooks and push subscriptions may lead to all the same"`
}

// check says what cannot be.
func (cfg *settings) check() error {
	var wrong []error
	u, err := url.Parse(cfg.Public)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		wrong = append(wrong, errors.New("PUBLIC_URL is not of the form https://host"))
	}
	cfg.Public = strings.TrimRight(cfg.Public, "/")
	if (cfg.VAPIDPublic == "") != (cfg.VAPIDPrivate == "") {
		wrong = append(wrong, errors.New("VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY go together"))
	}
	if cfg.TwilioAccount != "" && (cfg.TwilioToken == "" || cfg.TwilioFrom == "") {
		wrong = append(wrong, errors.New("TWILIO_ACCOUNT_SID needs TWILIO_AUTH_TOKEN and TWILIO_FROM"))
	}
	return errors.Join(wrong...)
}
