package kafka

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What became of a record.
const (
	effected = "applied"
	dead     = "dead_letter"
	parked   = "parked"
	replayed = "replayed"
	retried  = "failed" // a batch or a record, to be tried again
)

// gauges are the metrics of a consumer. Several in one process share them.
type gauges struct {
	group      string
	records    *prometheus.CounterVec
	batch      *prometheus.HistogramVec
	rebalances *prometheus.CounterVec
	behind     *prometheus.GaugeVec
	late       *prometheus.GaugeVec
	open       *prometheus.GaugeVec
	keys       *prometheus.GaugeVec

	mu    sync.Mutex
	known map[partition]bool // that have a gauge
}

func newGauges(reg prometheus.Registerer, of *letterbox) *gauges {
	topic, place := []string{"group", "topic"}, []string{"group", "topic", "partition"}
	gauge := func(name, help string, labels []string) *prometheus.GaugeVec {
		return registered(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tickler_consumer_" + name, Help: help}, labels))
	}
	g := &gauges{
		group: of.group, known: map[partition]bool{},
		records: registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_consumer_records_total", Help: "Records by what became of them; one that is tried again counts each time."},
			[]string{"group", "topic", "result"})),
		batch: registered(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tickler_consumer_batch_duration_seconds", Help: "Time of one effect, which is of one batch.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12), NativeHistogramBucketFactor: 1.1}, topic)),
		rebalances: registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_consumer_rebalances_total", Help: "Generations of the group that this member was in."}, []string{"group"})),
		behind: gauge("lag_records", "Records of a partition that are still to be applied.", place),
		late:   gauge("lag_seconds", "How old the last applied record was then; or is the next one, while that one waits.", place),
		open:   gauge("dead_letters", "Dead letters that nobody has replayed or dropped, as each member sees them.", topic),
		keys:   gauge("parked_keys", "Keys whose records wait behind a dead letter, as each member sees them.", topic),
	}
	of.told = g.letters
	return g
}

// registered registers a metric, or finds the one of its name that another consumer made.
func registered[C prometheus.Collector](reg prometheus.Registerer, metric C) C {
	if reg == nil {
		return metric
	}
	if before, ok := errors.AsType[prometheus.AlreadyRegisteredError](reg.Register(metric)); ok {
		return before.ExistingCollector.(C)
	}
	return metric
}

func (g *gauges) count(topic, result string, n int) {
	g.records.WithLabelValues(g.group, topic, result).Add(float64(n))
}

// letters tells how many letters a topic has, and keys that wait.
func (g *gauges) letters(topic string, open, keys int) {
	g.open.WithLabelValues(g.group, topic).Set(float64(open))
	g.keys.WithLabelValues(g.group, topic).Set(float64(keys))
}

// progress tells that of a batch the first n are done with.
func (g *gauges) progress(at partition, batch kgo.FetchTopicPartition, n int) {
	labels := g.labels(at)
	next, age := batch.Records[0].Offset, batch.Records[0].Timestamp
	if n > 0 {
		next, age = batch.Records[n-1].Offset+1, batch.Records[n-1].Timestamp
	}
	if n < len(batch.Records) {
		age = batch.Records[n].Timestamp
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known[at] = true
	g.behind.WithLabelValues(labels...).Set(float64(max(0, batch.HighWatermark-next)))
	g.late.WithLabelValues(labels...).Set(time.Since(age).Seconds())
}

// waiting tells that a partition still waits for a record.
func (g *gauges) waiting(at partition, rec *kgo.Record) {
	g.late.WithLabelValues(g.labels(at)...).Set(time.Since(rec.Timestamp).Seconds())
}

// rebalanced counts a generation, and forgets the lag of what others have now.
func (g *gauges) rebalanced(owned []partition) {
	g.rebalances.WithLabelValues(g.group).Inc()
	ours := map[partition]bool{}
	for _, at := range owned {
		ours[at] = true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for at := range g.known {
		if !ours[at] {
			g.behind.DeleteLabelValues(g.labels(at)...)
			g.late.DeleteLabelValues(g.labels(at)...)
			delete(g.known, at)
		}
	}
}

func (g *gauges) labels(at partition) []string {
	return []string{g.group, at.topic, strconv.Itoa(int(at.number))}
}

// effect calls the handler and tells how that went.
func (c *Consumer) effect(ctx context.Context, recs []*kgo.Record) error {
	began, topic := time.Now(), recs[0].Topic
	ctx, end := trace(ctx, c.letters.group, recs)
	err := c.Handle(ctx, recs)
	end(err)
	c.gauges.batch.WithLabelValues(c.letters.group, topic).Observe(time.Since(began).Seconds())
	if err == nil {
		c.gauges.count(topic, effected, len(recs))
	} else {
		c.gauges.count(topic, retried, len(recs))
	}
	return err
}
