package kafka

import (
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Letters returns what lies open in the dead-letter topic of a group: nobody has replayed
// or dropped it. They come in the order of each partition. It is for operators' tools; a
// consumer knows its own.
func Letters(ctx context.Context, opts []kgo.Opt, topic string) ([]Letter, error) {
	s := newShelf(true, true)
	if err := Scan(ctx, opts, topic, func(rec *kgo.Record) bool {
		_ = s.apply(rec) // what is no letter cannot be replayed or dropped
		return true
	}); err != nil {
		return nil, err
	}
	var open []Letter
	for _, l := range s.open {
		open = append(open, *l)
	}
	slices.SortFunc(open, func(a, b Letter) int {
		if a.Partition != b.Partition {
			return int(a.Partition - b.Partition)
		}
		return int(a.Offset - b.Offset)
	})
	return open, nil
}

// Replay asks the consumers of the letters' group to handle them, each by the member that
// has the record's partition; no other group sees them. What only waits behind a letter
// follows by itself. It returns when that is asked, not when it is done: see Letters.
func Replay(ctx context.Context, opts []kgo.Opt, letters ...Letter) error {
	return ask(ctx, opts, markReplay, letters)
}

// Drop asks them to forget the letters, which lets go what waits behind. The letters stay
// in their topic until its retention ends, but nobody lists or replays them any more.
func Drop(ctx context.Context, opts []kgo.Opt, letters ...Letter) error {
	return ask(ctx, opts, markDrop, letters)
}

func ask(ctx context.Context, opts []kgo.Opt, what string, letters []Letter) error {
	client, err := kgo.NewClient(slices.Concat(opts, []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())})...)
	if err != nil {
		return err
	}
	defer client.Close()
	var marks []*kgo.Record
	for _, l := range letters {
		marks = append(marks, l.mark(what, nil))
	}
	if err := client.ProduceSync(ctx, marks...).FirstErr(); err != nil {
		return fmt.Errorf("ask to %s: %w", what, err)
	}
	return nil
}
