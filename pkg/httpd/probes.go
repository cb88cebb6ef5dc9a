package httpd

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/peer"
)

// readyWithin bounds all checks of one /readyz together.
const readyWithin = 3 * time.Second

// probes adds what a platform asks: /livez is whether the process answers, /readyz (and
// /health) whether it can do its work, and if not, why. They are neither logged nor
// measured, and never routed from outside.
func probes(r *gin.Engine, cfg Config) {
	r.GET("/livez", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "alive"}) })
	ready := func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), readyWithin)
		defer cancel()
		var wrong []string
		for _, name := range slices.Sorted(maps.Keys(cfg.Ready)) {
			if err := cfg.Ready[name](ctx); err != nil {
				wrong = append(wrong, name+": "+err.Error())
			}
		}
		if err := peer.From(ctx).Ready(); err != nil {
			wrong = append(wrong, "certificate: "+err.Error())
		}
		if wrong != nil {
			Fail(c, fault.New(fault.Unavailable, "not ready: %s", strings.Join(wrong, "; ")))
			return
		}
		c.JSON(http.StatusOK, gin.H{"status": "ready"})
	}
	r.GET("/readyz", ready)
	r.GET("/health", ready)
	if cfg.Metrics != nil {
		handler := promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{EnableOpenMetrics: true})
		r.GET("/metrics", gin.WrapH(handler))
	}
}
