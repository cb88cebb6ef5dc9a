package postgres

import (
	"github.com/jmoiron/sqlx"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Measure shows a service's two pools, of which one may be nil: how many connections are in use, how many there may
// be, and how long was waited for one. The label db_name is the role.
func Measure(metrics prometheus.Registerer, app, work *sqlx.DB) {
	for role, db := range map[string]*sqlx.DB{"app": app, "work": work} {
		if db == nil {
			continue
		}
		metrics.MustRegister(collectors.NewDBStatsCollector(db.DB, role))
	}
}
