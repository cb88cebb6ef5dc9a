// Package broker runs the embedded broker, kfake, with its data on disk.
package broker

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// retention is how often what is older than its topic keeps is removed. kfake's own ticker
// would compact as well, and does not tick at all after a restart.
const retention = time.Hour

// Serve runs a broker on a port of loopback until ctx ends; 0 takes a free one. Its data,
// groups and transactions are in folder, and outlive it, also if it is killed: what was
// acknowledged is with the kernel by then. ready is called with its address.
func Serve(ctx context.Context, folder string, port int, ready func(address string)) error {
	cluster, err := open(folder, port)
	if err != nil {
		return fmt.Errorf("start the broker: %w", err)
	}
	defer cluster.Close() // writes what is only in memory
	ready(cluster.ListenAddrs()[0])
	ticker := time.NewTicker(retention)
	defer ticker.Stop()
	for {
		cluster.ApplyRetention()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func open(folder string, port int) (*kfake.Cluster, error) {
	return kfake.NewCluster(
		kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(folder), kfake.ClusterID("tickler"),
		// Its compaction does not respect open transactions, so it must never run by itself:
		// this is a year. See Compact.
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": fmt.Sprint((365 * 24 * time.Hour).Milliseconds())}),
	)
}
