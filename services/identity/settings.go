package main

import (
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type settings struct {
	Addr   string `env:"ADDR" default:":8007" about:"where to listen"`
	Public string `env:"PUBLIC_URL" form:"url" about:"the house as people see it, e.g. https://todo.example: links, cookies, trusted origin"`
	httpd.Settings
	Database postgres.Settings
	Kafka    kafka.Settings
	Traces   telemetry.Settings

	Issuer      string        `env:"AUTH_ISSUER" default:"" about:"iss of tokens; empty: PUBLIC_URL"`
	Audience    string        `env:"AUTH_AUDIENCE" default:"" about:"aud of people's tokens; empty: PUBLIC_URL"`
	Secret      string        `env:"AUTH_SECRET" secret:"true" about:"signs cookies and the links of letters, at least 32 characters; another one signs everybody out"`
	TokenTTL    time.Duration `env:"AUTH_TOKEN_TTL" default:"15m" about:"how long a token lives"`
	SessionTTL  time.Duration `env:"AUTH_SESSION_TTL" default:"168h" about:"how long a session lives unused"`
	VerifyEmail bool          `env:"AUTH_VERIFY_EMAIL" default:"false" about:"nobody signs in before their address is verified; needs SMTP_URL"`
	Common      string        `env:"AUTH_COMMON_PASSWORDS" default:"on" about:"on: the 1,000 most used passwords are refused; off"`
	Clients     []string      `env:"AUTH_CLIENT_SECRET" default:"" secret:"true" about:"services that exchange tokens, as web:SECRET,chat:SECRET,mcp:SECRET"`
	SecretKey   string        `env:"SECRET_KEY" secret:"true" about:"seals signing keys: ID:KEY a line, KEY 32 bytes in base64 or hex; the first line seals, the others only open"`
	KeyMaxAge   time.Duration `env:"AUTH_KEY_MAX_AGE" default:"2160h" about:"age at which a signing key is replaced without rotate-keys; 0s: never"`
	Hashers     int           `env:"AUTH_HASHERS" default:"0" about:"passwords hashed at once, 46 MiB each; 0: one a processor, at most 4"`
	Limits      []string      `env:"RATE_LIMITS" default:"address,account" about:"what is limited: address, account, both, or off"`
	SMTPURL     string        `env:"SMTP_URL" default:"" secret:"true" about:"mail server, smtp://user:password@host:587?tls=required or smtps://…; empty: no mail, no password reset"`
	SMTPFrom    string        `env:"SMTP_FROM" default:"Tickler <tickler@localhost>" about:"sender of mail"`
}

// complete fills in what follows from other settings, and says what cannot be.
func (cfg *settings) complete() error {
	var wrong []error
	u, err := url.Parse(cfg.Public)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		wrong = append(wrong, errors.New("PUBLIC_URL is not of the form https://host"))
	}
	cfg.Public = strings.TrimRight(cfg.Public, "/")
	if cfg.Issuer == "" {
		cfg.Issuer = cfg.Public
	}
	if cfg.Audience == "" {
		cfg.Audience = cfg.Public
	}
	if len(cfg.Secret) < 32 {
		wrong = append(wrong, errors.New("AUTH_SECRET is shorter than 32 characters"))
	}
	if cfg.TokenTTL < time.Minute || cfg.SessionTTL < time.Minute {
		wrong = append(wrong, errors.New("AUTH_TOKEN_TTL and AUTH_SESSION_TTL are at least a minute"))
	}
	if cfg.VerifyEmail && cfg.SMTPURL == "" {
		wrong = append(wrong, errors.New("AUTH_VERIFY_EMAIL needs SMTP_URL"))
	}
	if cfg.Common != "on" && cfg.Common != "off" {
		wrong = append(wrong, errors.New("AUTH_COMMON_PASSWORDS is on or off"))
	}
	for _, limit := range cfg.Limits {
		if !slices.Contains([]string{"address", "account", "off"}, limit) {
			wrong = append(wrong, fmt.Errorf("RATE_LIMITS: %q is not address, account or off", limit))
		}
	}
	if cfg.Hashers <= 0 {
		cfg.Hashers = min(runtime.GOMAXPROCS(0), 4)
	}
	return errors.Join(wrong...)
}
