package kafka

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Meter measures a loop of another shape than Consumer under the same names, so that lag,
// latency and dead letters look alike on every dashboard.
type Meter struct{ gauges *gauges }

// NewMeter returns the meter of a group; a loop without one takes a name for itself. All
// meters of a registry, nil for none, are the same metrics.
func NewMeter(reg prometheus.Registerer, group string) *Meter {
	return &Meter{newGauges(reg, group)}
}

// Applied tells that all records of a fetch had their effect.
func (m *Meter) Applied(p kgo.FetchTopicPartition) {
	if len(p.Records) == 0 {
		return
	}
	m.gauges.applied(p.Records)
	m.gauges.progress(partition{p.Topic, p.Partition}, p, len(p.Records))
}

// DeadLetters tells that records of a topic became dead letters.
func (m *Meter) DeadLetters(topic string, n int) { m.gauges.count(topic, dead, n) }

// Keep forgets the lag of partitions that the client's group gave to others.
func (m *Meter) Keep(client *kgo.Client) { m.gauges.keep(owned(client)) }
