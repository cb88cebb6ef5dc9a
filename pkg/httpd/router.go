// Package httpd serves HTTP with the house's manners: every answer has a request id, every
// request a line in the log and a place in the metrics, every failure is a problem
// (RFC 9457), and what a service's OpenAPI document does not allow never reaches its code.
package httpd

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/openapi"
	"go.opentelemetry.io/otel/trace"
)

// Settings are those of every service that answers HTTP.
type Settings struct {
	Origins []string `env:"ALLOWED_ORIGINS" default:"" about:"other origins whose pages may call (CORS), e.g. https://a.example,https://b.example"`
	Proxies []string `env:"TRUSTED_PROXIES" default:"" about:"addresses or networks whose X-Forwarded-For is believed"`
}

// Config is what New needs to know.
type Config struct {
	Settings
	Log     *slog.Logger
	Metrics *prometheus.Registry
	Ready   map[string]Check     // asked by /readyz, by name
	Tracer  trace.TracerProvider // nil: no spans

	// Quiet leaves requests out of log and metrics, for a port that only has probes.
	Quiet bool
	// Spec is the service's OpenAPI document; nil for one without calls of its own.
	Spec []byte
	// Formats are those that Spec names beside JSON Schema's own.
	Formats []openapi.Format
	// Guard runs before a request is looked at any closer; pkg/auth has the one that lets
	// only the path's own person pass.
	Guard gin.HandlerFunc
}

// Check is nil while what it looks at is well.
type Check func(context.Context) error

// New returns a router with the probes, /metrics, and where there is a Spec /openapi.json
// and /docs. Routes that are added to it are checked against the Spec, bodies too.
func New(cfg Config) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false
	r.UseRawPath, r.UnescapePathValues = true, false // see unescaped
	r.ContextWithFallback = true                     // gin's context ends when the request's does
	if err := r.SetTrustedProxies(cfg.Proxies); err != nil {
		return nil, fmt.Errorf("TRUSTED_PROXIES: %w", err)
	}
	probes(r, cfg)
	r.Use(identified, unescaped, traced(tracerOf(cfg)))
	if !cfg.Quiet {
		r.Use(logged(cfg.Log), measured(cfg.Metrics))
	}
	r.Use(recovered, cors(cfg.Origins))
	r.NoRoute(func(c *gin.Context) { Fail(c, fault.New(fault.NotFound, "no such path")) })
	r.NoMethod(func(c *gin.Context) { Fail(c, fault.New(fault.MethodNotAllowed, "not with this method")) })
	if cfg.Guard != nil {
		r.Use(cfg.Guard)
	}
	if cfg.Spec != nil {
		doc, err := openapi.Load(cfg.Spec, cfg.Formats...)
		if err != nil {
			return nil, err
		}
		docs(r, doc.JSON)
		r.Use(validated(doc))
	}
	return r, nil
}

// recovered answers a panic as what it is: a failure of ours.
func recovered(c *gin.Context) {
	defer func() {
		switch panicked := recover(); panicked {
		case nil:
		case http.ErrAbortHandler:
			panic(panicked) // the server's own way to drop a connection
		default:
			Fail(c, fmt.Errorf("panic: %v", panicked))
		}
	}()
	c.Next()
}

func logged(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := time.Now()
		c.Next()
		level := slog.LevelInfo
		attrs := []slog.Attr{
			slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
			slog.Int("status", c.Writer.Status()), slog.Float64("seconds", time.Since(began).Seconds()),
		}
		if err := c.Errors.Last(); err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		switch status := c.Writer.Status(); {
		case status >= http.StatusInternalServerError:
			level = slog.LevelError
		case status == CallerGone:
			level = slog.LevelDebug
		}
		log.LogAttrs(c.Request.Context(), level, "request", attrs...)
	}
}
