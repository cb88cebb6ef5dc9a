package kafka

import (
	"errors"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kprom"
)

// clients counts what all clients of one registry do, under tickler_kafka_…. kprom alone
// would panic at a process's second client, whose metrics have the same names, and forget
// the counts of one that was closed, as a relay's is after every error.
type clients struct {
	*kprom.Metrics
	once     sync.Once
	counters *parts

	mu   sync.Mutex
	open map[*kgo.Client]bool
}

var (
	clientsDesc = prometheus.NewDesc("tickler_kafka_clients", "Clients that are open.", nil, nil)
	fetchedDesc = prometheus.NewDesc("tickler_kafka_buffered_fetch_records", "Records fetched but not yet polled.", nil, nil)
	producedDec = prometheus.NewDesc("tickler_kafka_buffered_produce_records", "Records to be sent, or on their way.", nil, nil)
)

// clientsOn returns the counts on reg, the same ones for each call.
func clientsOn(reg prometheus.Registerer) *clients {
	c := &clients{counters: &parts{}, open: map[*kgo.Client]bool{}}
	c.Metrics = kprom.NewMetrics("tickler_kafka", kprom.Registerer(c.counters),
		kprom.FetchAndProduceDetail(kprom.ByTopic, kprom.Records, kprom.UncompressedBytes, kprom.ConsistentNaming))
	if before, ok := errors.AsType[prometheus.AlreadyRegisteredError](reg.Register(c)); ok {
		return before.ExistingCollector.(*clients)
	}
	return c
}

// OnNewClient is a hook of kgo.
func (c *clients) OnNewClient(client *kgo.Client) {
	c.once.Do(func() { c.Metrics.OnNewClient(client) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[client] = true
}

// OnClientClosed is a hook of kgo.
func (c *clients) OnClientClosed(client *kgo.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, client)
}

// Describe names only what is there before the first client; kprom's own come with that.
func (c *clients) Describe(descs chan<- *prometheus.Desc) {
	descs <- clientsDesc
	descs <- fetchedDesc
	descs <- producedDec
}

// Collect implements prometheus.Collector.
func (c *clients) Collect(metrics chan<- prometheus.Metric) {
	c.mu.Lock()
	var fetched, produced int64
	for client := range c.open {
		fetched += client.BufferedFetchRecords()
		produced += client.BufferedProduceRecords()
	}
	open := len(c.open)
	c.mu.Unlock()
	gauge := func(desc *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	gauge(clientsDesc, float64(open))
	gauge(fetchedDesc, float64(fetched))
	gauge(producedDec, float64(produced))
	c.counters.collect(metrics)
}

// parts is the registry that kprom sees. It keeps the counters, and leaves out gauges,
// which are of the first client alone.
type parts struct {
	mu   sync.Mutex
	kept []prometheus.Collector
}

func (p *parts) Register(c prometheus.Collector) error {
	p.MustRegister(c)
	return nil
}

func (p *parts) MustRegister(collectors ...prometheus.Collector) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range collectors {
		if _, gauge := c.(prometheus.GaugeFunc); !gauge {
			p.kept = append(p.kept, c)
		}
	}
}

func (p *parts) Unregister(prometheus.Collector) bool { return false }

func (p *parts) collect(metrics chan<- prometheus.Metric) {
	p.mu.Lock()
	kept := p.kept
	p.mu.Unlock()
	for _, c := range kept {
		c.Collect(metrics)
	}
}
