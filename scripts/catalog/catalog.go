// Package catalog is what the catalog of proto-events means for a broker.
package catalog

import (
	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
)

// Topics returns every topic of the house, dead letters too, with this many partitions and
// copies of each. A replication of -1 leaves the copies to the broker.
func Topics(partitions, replication int) []kafka.Topic {
	var all []kafka.Topic
	for _, t := range events.Topics() {
		all = append(all, kafka.Topic{Name: t.Name, Settings: t.Settings(), Partitions: partitions, Replication: replication})
	}
	return all
}
