package testkit

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Partitions of each topic that Broker and VirtualBroker make: as in development.
const Partitions = 8

// Broker starts a broker for this test alone, on a free port of loopback, with these
// topics. Its address, for kafka.Settings, is ListenAddrs; a missing topic is an error,
// as in a real house.
func Broker(t testing.TB, topics ...string) *kfake.Cluster {
	t.Helper()
	return broker(t, topics)
}

// VirtualBroker is Broker for a test inside synctest.Test, where hours pass in
// milliseconds. Every client needs the dialer, as the last of its options.
func VirtualBroker(t testing.TB, topics ...string) (*kfake.Cluster, kgo.Opt) {
	t.Helper()
	var network kfake.VirtualNetwork
	// The port is of the bubble's own network, so it may be the same in every test.
	return broker(t, topics, kfake.ListenFn(network.Listen), kfake.Ports(9092)), kgo.Dialer(network.DialContext)
}

func broker(t testing.TB, topics []string, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1), kfake.SeedTopics(Partitions, topics...))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}
