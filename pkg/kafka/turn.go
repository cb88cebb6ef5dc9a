package kafka

import (
	"context"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A turn is what became of one poll.
type turn struct {
	mu    sync.Mutex
	done  []*kgo.Record // the last one of each partition
	waits map[partition]*wait
}

// note tells that of a partition the first n records are done with, and what it waits for.
func (t *turn) note(p kgo.FetchTopicPartition, n int, w *wait) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n > 0 {
		t.done = append(t.done, p.Records[n-1])
	}
	t.waits[partition{p.Topic, p.Partition}] = w
}

// turn handles one poll, topics and partitions side by side. It commits what is done with and
// sets back what is not, before the group may move anything.
func (c *Consumer) turn(ctx context.Context, fetches kgo.Fetches) error {
	work, cancel := outlive(ctx, c.Grace)
	defer cancel()
	unread := c.catchUp(work)
	t := &turn{waits: map[partition]*wait{}}
	var topics sync.WaitGroup
	fetches.EachTopic(func(topic kgo.FetchTopic) {
		topics.Go(func() {
			parts := filled(topic)
			if unread != nil || !c.atOnce(work, t, parts, ctx.Done()) {
				c.apart(work, t, parts, unread, ctx.Done())
			}
		})
	})
	topics.Wait()

	err := c.commit(ctx, t.done)
	// Set back even if the commit was refused: in a cooperative rebalance we may
	// still own the partition, and a later commit would skip what was not handled.
	for at, w := range t.waits {
		c.setBack(ctx, at, w)
	}
	return err
}

// filled are the partitions of a topic that brought something.
func filled(topic kgo.FetchTopic) (parts []kgo.FetchTopicPartition) {
	topic.EachPartition(func(p kgo.FetchPartition) {
		if len(p.Records) > 0 {
			parts = append(parts, kgo.FetchTopicPartition{Topic: topic.Topic, FetchPartition: p})
		}
	})
	return parts
}

// apart handles partitions side by side.
func (c *Consumer) apart(work context.Context, t *turn, parts []kgo.FetchTopicPartition, unread error, stop <-chan struct{}) {
	var group sync.WaitGroup
	for _, p := range parts {
		at := partition{p.Topic, p.Partition}
		was := c.waits[at]
		group.Go(func() {
			var n int
			var w *wait
			if unread != nil {
				w = c.again(p.Records[0], was, unread)
			} else {
				n, w = c.all(work, p.Records, was, stop)
			}
			c.gauges.progress(at, p, n)
			t.note(p, n, w)
		})
	}
	group.Wait()
}

// few is up to how many records of all partitions are one effect: a transaction for each of them
// would cost more than what it does.
const few = 200

// atOnce handles the few records of several partitions as one effect, and reports whether that
// settles them. If anything is in the way, or a record is bad, each partition goes its own way.
func (c *Consumer) atOnce(work context.Context, t *turn, parts []kgo.FetchTopicPartition, stop <-chan struct{}) bool {
	n := 0
	for _, p := range parts {
		if c.waits[partition{p.Topic, p.Partition}] != nil {
			return false
		}
		n += len(p.Records)
	}
	if len(parts) < 2 || n > few {
		return false
	}
	select {
	case <-stop:
		return false
	default:
	}
	recs := make([]*kgo.Record, 0, n)
	for _, p := range parts {
		recs = append(recs, p.Records...)
	}
	if c.free(recs) < n {
		return false
	}
	err := c.effect(work, recs)
	if err != nil && !c.away(work, err) {
		return false
	}
	for _, p := range parts {
		n, w := len(p.Records), (*wait)(nil)
		if err != nil {
			n, w = 0, c.again(p.Records[0], nil, err)
		}
		c.gauges.progress(partition{p.Topic, p.Partition}, p, n)
		t.note(p, n, w)
	}
	return true
}
