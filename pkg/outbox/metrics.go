package outbox

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

type metrics struct {
	sent     prometheus.Counter
	failures prometheus.Counter
	batches  prometheus.Histogram
	unsent   prometheus.Gauge
	oldest   prometheus.Gauge
	held     prometheus.Gauge
	took     prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		sent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tickler_outbox_sent_total", Help: "Events that were sent."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tickler_outbox_failures_total", Help: "Times that a shard's relay failed and began anew."}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tickler_outbox_batch_events", Help: "Events in one Kafka transaction.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 7)}),
		unsent: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tickler_outbox_unsent_age_seconds", Help: "Age of the oldest event that was not sent, by whichever replica."}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tickler_postgres_oldest_transaction_seconds",
			Help: "Age of the oldest writing transaction of the whole cluster, which holds back every outbox."}),
		held: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tickler_outbox_shards_held", Help: "Shards that this replica relays; together the replicas hold all eight."}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tickler_outbox_publish_seconds", Help: "From an event's row to its committed record.",
			Buckets: append(telemetry.Buckets(), 60, 600), NativeHistogramBucketFactor: 1.1}),
	}
	if reg != nil {
		reg.MustRegister(m.sent, m.failures, m.batches, m.unsent, m.oldest, m.held, m.took)
	}
	return m
}

// published tells that a batch was committed.
func (m *metrics) published(b batch) {
	m.sent.Add(float64(b.events))
	m.batches.Observe(float64(b.events))
	now := time.Now().UnixMilli()
	for _, at := range b.at {
		m.took.Observe(float64(now-at) / 1000)
	}
}

// measureEvery is how often the database is asked what the gauges say.
const measureEvery = time.Second

// measure keeps the gauges, also while nothing can be sent.
func (r *Relay) measure(ctx context.Context) {
	for ctx.Err() == nil {
		// What goes wrong here goes wrong for the sessions too, and is said there.
		_ = r.measureWith(ctx)
		sleep(ctx, measureEvery)
	}
}

func (r *Relay) measureWith(ctx context.Context) error {
	conn, err := indexed(ctx, r.DB)
	if err != nil {
		return err
	}
	defer discard(conn)
	var horizon horizon
	for ctx.Err() == nil {
		var now struct {
			Age        float64
			Xmin, Xmax string
		}
		if err := conn.GetContext(ctx, &now, unsent); err != nil {
			return err
		}
		r.metrics.unsent.Set(now.Age)
		age, err := horizon.age(time.Now(), now.Xmin, now.Xmax)
		if err != nil {
			return err
		}
		r.metrics.oldest.Set(age.Seconds())
		sleep(ctx, measureEvery)
	}
	return nil
}

// unsent is by the cursors that the leases tell, which follow within a second or two.
const unsent = `
SELECT coalesce(max(date_part('epoch', clock_timestamp() - o.at)), 0) AS age,
       min(pg_snapshot_xmin(pg_current_snapshot())::text) AS xmin,
       min(pg_snapshot_xmax(pg_current_snapshot())::text) AS xmax
FROM outbox_shards s
LEFT JOIN LATERAL (
	SELECT o.at FROM outbox o
	WHERE o.shard = s.shard AND (o.xid, o.id) > (s.sent_xid, s.sent_id)
	ORDER BY o.xid, o.id
	LIMIT 1) o ON true`

// horizon tells how old the oldest running transaction is that has written something. The
// view pg_stat_activity would say it at once, but not to a plain role; so it remembers when
// which xid was the next to be given away.
type horizon []struct {
	at   time.Time
	next uint64
}

// age takes the bounds of a snapshot: below xmin all is over, and xmax comes next.
func (h *horizon) age(now time.Time, xmin, xmax string) (time.Duration, error) {
	oldest, err := strconv.ParseUint(xmin, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("snapshot: %w", err)
	}
	next, err := strconv.ParseUint(xmax, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("snapshot: %w", err)
	}
	for len(*h) > 0 && (*h)[0].next <= oldest {
		*h = (*h)[1:]
	}
	if oldest >= next {
		return 0, nil
	}
	if n := len(*h); n == 0 || (*h)[n-1].next < next {
		*h = append(*h, struct {
			at   time.Time
			next uint64
		}{now, next})
	}
	return now.Sub((*h)[0].at), nil
}
