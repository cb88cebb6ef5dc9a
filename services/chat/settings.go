package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type settings struct {
	Addr     string `env:"ADDR" default:":8008" about:"where to listen"`
	MCP      string `env:"MCP_URL" about:"where mcp is, e.g. http://mcp:8001"`
	Identity string `env:"IDENTITY_URL" about:"where identity is"`
	Secret   string `env:"AUTH_CLIENT_SECRET" secret:"true" about:"of the client chat at identity, which exchanges tokens"`
	Turns    int    `env:"TURNS_PER_MINUTE" default:"120" about:"turns that a person may begin in a minute; as many at once"`
	httpd.Settings
	Database postgres.Settings
	Kafka    kafka.Settings
	Auth     auth.Settings
	Traces   telemetry.Settings
}

// leaseTime is how long a conversation stays busy after its service has died.
const leaseTime = 6 * time.Second

// complete checks what the types of the settings do not say.
func (cfg *settings) complete() error {
	var wrong []error
	for name, at := range map[string]*string{"MCP_URL": &cfg.MCP, "IDENTITY_URL": &cfg.Identity} {
		*at = strings.TrimSuffix(*at, "/")
		if u, err := url.Parse(*at); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			wrong = append(wrong, fmt.Errorf("%s: %q is not of the form http://host:port", name, *at))
		}
	}
	if cfg.Turns < 1 {
		wrong = append(wrong, errors.New("TURNS_PER_MINUTE is not a number from 1"))
	}
	return errors.Join(wrong...)
}
