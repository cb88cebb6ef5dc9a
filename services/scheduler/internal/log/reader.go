package log

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// A reader reads the state topic anywhere. It sends its own fetches, for a consumer goes
// forward only and reads ahead more than a look at a few records is worth.
type reader struct {
	client  *kgo.Client
	topic   string
	buffers buffers
	decoder kgo.Decompressor
}

func newReader(client *kgo.Client, topic string) *reader {
	r := &reader{client: client, topic: topic}
	r.decoder = kgo.DefaultDecompressor(&r.buffers)
	return r
}

// buffers are used again and again: a restore decompresses gigabytes, and as garbage they
// would double what the process holds.
type buffers struct{ bytes, records sync.Pool }

// GetDecompressBytes implements kgo.PoolDecompressBytes.
func (b *buffers) GetDecompressBytes(compressed []byte, _ kgo.CompressionCodecType) []byte {
	if kept, ok := b.bytes.Get().(*[]byte); ok {
		return *kept
	}
	return make([]byte, 0, max(4*len(compressed), 256<<10))
}

// PutDecompressBytes implements kgo.PoolDecompressBytes.
func (b *buffers) PutDecompressBytes(used []byte) { b.bytes.Put(&used) }

// GetRecords implements kgo.PoolRecords.
func (b *buffers) GetRecords(n int) []kgo.Record {
	if kept, ok := b.records.Get().(*[]kgo.Record); ok && cap(*kept) >= n {
		return (*kept)[:n]
	}
	return make([]kgo.Record, n, max(n, 256))
}

// PutRecords implements kgo.PoolRecords.
func (b *buffers) PutRecords(used []kgo.Record) { b.records.Put(&used) }

// A place is where a partition of the state topic can be read.
type place struct {
	*reader
	name   string // of the topic
	topic  [16]byte
	leader int32
	number int32
	start  int64
}

func (r *reader) place(ctx context.Context, number int32) (*place, error) {
	admin := kadm.NewClient(r.client)
	topics, err := admin.ListTopics(ctx, r.topic)
	if err != nil {
		return nil, fmt.Errorf("where %s is: %w", r.topic, err)
	}
	topic := topics[r.topic]
	at, ok := topic.Partitions[number]
	if !ok {
		return nil, fmt.Errorf("where %s is: no partition %d", r.topic, number)
	} else if at.Err != nil {
		return nil, fmt.Errorf("where %s is: %w", r.topic, at.Err)
	}
	starts, err := admin.ListStartOffsets(ctx, r.topic)
	if err != nil {
		return nil, fmt.Errorf("start of %s: %w", r.topic, err)
	}
	start, _ := starts.Lookup(r.topic, number)
	return &place{reader: r, name: r.topic, topic: topic.ID, leader: at.Leader, number: number, start: start.Offset}, start.Err
}

// fetch returns the committed records from an offset on, about as many bytes of them as
// are asked for (of what is compressed), and where to go on. At the end there are none.
// Whoever is done with a record recycles it, and keeps no part of it.
func (p *place) fetch(ctx context.Context, offset int64, bytes int32) ([]*kgo.Record, int64, error) {
	one := kmsg.NewFetchRequestTopicPartition()
	one.Partition, one.FetchOffset, one.PartitionMaxBytes = p.number, offset, bytes
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = p.name, p.topic
	topic.Partitions = append(topic.Partitions, one)
	ask := kmsg.NewPtrFetchRequest()
	ask.MaxWaitMillis, ask.MinBytes, ask.MaxBytes, ask.IsolationLevel = 500, 1, bytes, 1
	ask.Topics = append(ask.Topics, topic)

	answer, err := p.client.Broker(int(p.leader)).RetriableRequest(ctx, ask)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", p.name, err)
	}
	fetched := answer.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(fetched.ErrorCode); err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", p.name, err)
	} else if len(fetched.Topics) != 1 || len(fetched.Topics[0].Partitions) != 1 {
		return nil, 0, fmt.Errorf("read %s: an answer without the partition", p.name)
	}
	got, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset: offset, IsolationLevel: kgo.ReadCommitted(), Topic: p.name, Partition: p.number,
		Pools: []kgo.Pool{&p.buffers},
	}, &fetched.Topics[0].Partitions[0], p.decoder, nil)
	if got.Err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", p.name, got.Err)
	}
	return got.Records, next, nil
}

// all gives each the records from the start up to and including the one at last. The next
// fetch is on its way while those of one are looked at.
func (p *place) all(ctx context.Context, last int64, each func(*kgo.Record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	type part struct {
		recs []*kgo.Record
		next int64
		err  error
	}
	parts := make(chan part, 1)
	read := func(offset int64) {
		wait.Go(func() {
			var one part
			one.recs, one.next, one.err = p.fetch(ctx, offset, 1<<20)
			parts <- one
		})
	}
	for read(p.start); ; {
		one := <-parts
		if one.err != nil {
			return one.err
		}
		more := one.next <= last
		if more {
			read(one.next)
		}
		for _, rec := range one.recs {
			if rec.Offset > last {
				break
			}
			if err := each(rec); err != nil {
				return err
			}
			rec.Recycle()
		}
		if !more {
			return ctx.Err()
		}
	}
}

// A loaded record is one that was wanted. One without a value is no longer there.
type loaded struct {
	timer.Want
	id    string
	value []byte
}

// some reads wanted records in one pass over the partition. Where they lie close together
// it reads on; over a wide gap it jumps.
func (p *place) some(ctx context.Context, wants []timer.Want) ([]loaded, error) {
	slices.SortFunc(wants, func(a, b timer.Want) int { return int(a.Offset - b.Offset) })
	all := make([]loaded, 0, len(wants))
	for len(wants) > 0 {
		size := int32(32 << 10) // one batch
		if n := min(len(wants), 32) - 1; wants[n].Offset-wants[0].Offset < 200*int64(n) {
			size = 1 << 20
		}
		recs, next, err := p.fetch(ctx, wants[0].Offset, size)
		if err != nil {
			return nil, err
		} else if next <= wants[0].Offset {
			return nil, fmt.Errorf("read %s: nothing at %d", p.name, wants[0].Offset)
		}
		for _, rec := range recs {
			for len(wants) > 0 && wants[0].Offset < rec.Offset {
				all, wants = append(all, loaded{Want: wants[0]}), wants[1:]
			}
			if len(wants) > 0 && wants[0].Offset == rec.Offset {
				// Copies, since a record shares the memory of its batch.
				all = append(all, loaded{wants[0], string(rec.Key), slices.Clone(rec.Value)})
				wants = wants[1:]
			}
			rec.Recycle()
		}
		for len(wants) > 0 && wants[0].Offset < next {
			all, wants = append(all, loaded{Want: wants[0]}), wants[1:]
		}
	}
	return all, nil
}
