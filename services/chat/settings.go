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
	MCP      string `env:"MCP_URL" form:"url" about:"where mcp is, e.g. http://mcp:8001"`
	Identity string `env:"IDENTITY_URL" form:"url" about:"where identity is"`
	Secret   string `env:"AUTH_CLIENT_SECRET" secret:"true" about:"of the client chat at identity, which exchanges tokens"`
	Turns    int    `env:"TURNS_PER_MINUTE" default:"120" about:"turns that a person may begin in a minute; as many at once"`

	LLMURL      string        `env:"LLM_BASE_URL" form:"url" default:"" about:"API of a model that speaks Chat Completions, e.g. http://localhost:11434/v1; empty: rules plan, without a model"`
	LLMKey      string        `env:"LLM_API_KEY" default:"" secret:"true" about:"of that API; empty: none is sent"`
	LLMModel    string        `env:"LLM_MODEL" default:"" about:"name of the model; needed with LLM_BASE_URL"`
	LLMTimeout  time.Duration `env:"LLM_TIMEOUT" default:"60s" about:"of one answer of the model, to its end"`
	LLMSteps    int           `env:"LLM_MAX_STEPS" default:"6" about:"how often a turn may ask the model"`
	LLMFallback bool          `env:"LLM_FALLBACK" default:"false" about:"rules plan, and say so, where the model is away as a turn begins"`

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
	if cfg.LLMURL != "" {
		cfg.LLMURL = strings.TrimSuffix(cfg.LLMURL, "/")
		if u, err := url.Parse(cfg.LLMURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			wrong = append(wrong, errors.New("LLM_BASE_URL is not of the form https://host/v1"))
		}
		if cfg.LLMModel == "" {
			wrong = append(wrong, errors.New("LLM_BASE_URL needs LLM_MODEL"))
		}
	}
	if cfg.LLMSteps < 1 || cfg.LLMSteps > 50 || cfg.LLMTimeout <= 0 {
		wrong = append(wrong, errors.New("LLM_MAX_STEPS is a number from 1 to 50, LLM_TIMEOUT a duration"))
	}
	if cfg.Turns < 1 {
		wrong = append(wrong, errors.New("TURNS_PER_MINUTE is not a number from 1"))
	}
	return errors.Join(wrong...)
}
