package log

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an owner counts. Without a registry it counts all the same.
type metrics struct {
	owner        *Owner
	transactions prometheus.Counter
	restores     prometheus.Counter
	restored     prometheus.Histogram
	fences       prometheus.Counter
	resyncs      prometheus.Counter
	fired        prometheus.Counter
	commands     *prometheus.CounterVec
	lateness     prometheus.Histogram
	took         prometheus.Histogram
}

var (
	pendingDesc = prometheus.NewDesc("tickler_timers_pending", "Timers that wait, by partition of those owned here.", []string{"partition"}, nil)
	overdueDesc = prometheus.NewDesc("tickler_timers_overdue", "Timers that should have fired 5 s ago or earlier.", []string{"partition"}, nil)
	handDesc    = prometheus.NewDesc("tickler_timers_body_bytes", "Bytes in memory of what is soon to be delivered.", nil, nil)
)

func newMetrics(reg prometheus.Registerer, owner *Owner) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "tickler_timers_" + name, Help: help})
	}
	m := &metrics{
		owner:        owner,
		transactions: counter("transactions_total", "Transactions committed."),
		restores:     counter("restores_total", "Partitions taken over and read from the state topic."),
		fences:       counter("fences_total", "Partitions lost to another owner in the middle of the work."),
		resyncs:      counter("resyncs_wanted_total", "Partitions taken over whose commands may have been lost."),
		fired:        counter("fired_total", "Timers fired."),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_timers_commands_total", Help: "Commands by what became of them.",
		}, []string{"result"}),
		restored: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tickler_timers_restore_seconds", Help: "From the claim of a partition to its timers in memory.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2, 4, 8, 15, 30, 60},
		}),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tickler_timer_lateness_seconds", Help: "From when a timer was due to when its record was committed.",
			Buckets: []float64{.001, .002, .005, .01, .02, .03, .05, .1, .25, .5, 1, 5, 60, 3600},
		}),
	}
	m.took = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "tickler_timers_transaction_seconds", Help: "What a transaction takes, from its first record to its commit.",
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 5},
	})
	if reg != nil {
		reg.MustRegister(m, m.took, m.transactions, m.restores, m.restored, m.fences, m.resyncs, m.fired, m.commands, m.lateness)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(descs chan<- *prometheus.Desc) {
	descs <- pendingDesc
	descs <- overdueDesc
	descs <- handDesc
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(all chan<- prometheus.Metric) {
	bytes := 0
	for _, p := range m.owner.Partitions() {
		number := strconv.Itoa(int(p.Number))
		all <- prometheus.MustNewConstMetric(pendingDesc, prometheus.GaugeValue, float64(p.Pending), number)
		all <- prometheus.MustNewConstMetric(overdueDesc, prometheus.GaugeValue, float64(p.Overdue), number)
		bytes += p.Bytes
	}
	all <- prometheus.MustNewConstMetric(handDesc, prometheus.GaugeValue, float64(bytes))
}
