package kafka

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/telemetry"
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
	latency    *prometheus.HistogramVec
	rebalances *prometheus.CounterVec
	behind     *prometheus.GaugeVec
	late       *prometheus.GaugeVec
	open       *prometheus.GaugeVec
	keys       *prometheus.GaugeVec

	mu    sync.Mutex
	known map[partition]bool // that have a gauge
}

func newGauges(reg prometheus.Registerer, group string) *gauges {
	topic, place := []string{"group", "topic"}, []string{"group", "topic", "partition"}
	gauge := func(name, help string, labels []string) *prometheus.GaugeVec {
		return telemetry.Registered(reg, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tickler_consumer_" + name, Help: help}, labels))
	}
	g := &gauges{
		group: group, known: map[partition]bool{},
		records: telemetry.Registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_consumer_records_total", Help: "Records by what became of them; one that is tried again counts each time."},
			[]string{"group", "topic", "result"})),
		batch: telemetry.Registered(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tickler_consumer_batch_duration_seconds", Help: "Time of one effect, which is of one batch.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12), NativeHistogramBucketFactor: 1.1}, topic)),
		latency: telemetry.Registered(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tickler_consumer_latency_seconds", Help: "From when an event happened, or its record was sent, to its effect.",
			Buckets: append(telemetry.Buckets(), 60, 600), NativeHistogramBucketFactor: 1.1}, topic)),
		rebalances: telemetry.Registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tickler_consumer_rebalances_total", Help: "Generations of the group that this member was in."}, []string{"group"})),
		behind: gauge("lag_records", "Records of a partition that are still to be applied.", place),
		late:   gauge("lag_seconds", "How old the last applied record was then; or is the next one, while that one waits.", place),
		open:   gauge("dead_letters", "Dead letters that nobody has replayed or dropped, as each member sees them.", topic),
		keys:   gauge("parked_keys", "Keys whose records wait behind a dead letter, as each member sees them.", topic),
	}
	return g
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
	g.keep(owned)
}

// keep forgets the lag of all partitions but these.
func (g *gauges) keep(owned []partition) {
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

// applied tells that records of one topic had their effect.
func (g *gauges) applied(recs []*kgo.Record) {
	g.count(recs[0].Topic, effected, len(recs))
	latency, now := g.latency.WithLabelValues(g.group, recs[0].Topic), time.Now()
	for i, rec := range recs {
		since := now.Sub(happened(rec)).Seconds()
		if i < maxLinks { // exemplars are few, and to look for a trace costs more than to count
			telemetry.ObserveIn(spanOf(rec), latency, since)
			continue
		}
		latency.Observe(since)
	}
}

// happened is when what a record tells was so, by its CloudEvents attribute.
func happened(rec *kgo.Record) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, Header(rec, "ce_time")); err == nil {
		return at
	}
	return rec.Timestamp
}

// effect calls the handler and tells how that went.
func (c *Consumer) effect(ctx context.Context, recs []*kgo.Record) error {
	began, topic := time.Now(), recs[0].Topic
	ctx, end := Process(ctx, c.Tracer, c.letters.group, recs)
	err := c.Handle(ctx, recs)
	end(err)
	c.gauges.batch.WithLabelValues(c.letters.group, topic).Observe(time.Since(began).Seconds())
	if err == nil {
		c.gauges.applied(recs)
	} else {
		c.gauges.count(topic, retried, len(recs))
	}
	return err
}
