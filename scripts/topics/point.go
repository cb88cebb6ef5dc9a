package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A log point is where the log stood when a backup began: what comes after it is not in the
// backup, and audit rebuild and a look into the topics find it there.
type logPoint struct {
	At      time.Time                  `json:"at"`
	Ends    map[string]map[int32]int64 `json:"ends"`    // the next offset, by topic and partition
	Cursors map[string]json.RawMessage `json:"cursors"` // how far each outbox was sent, by service and shard
}

// point prints the log point as JSON.
func point(ctx context.Context, client *kgo.Client, opts []kgo.Opt, out io.Writer) error {
	found := logPoint{At: time.Now().UTC(), Ends: map[string]map[int32]int64{}, Cursors: map[string]json.RawMessage{}}
	var names []string
	for _, topic := range events.Topics() {
		names = append(names, topic.Name)
	}
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, names...)
	if err := errors.Join(err, ends.Error()); err != nil {
		return err
	}
	ends.Each(func(end kadm.ListedOffset) {
		if found.Ends[end.Topic] == nil {
			found.Ends[end.Topic] = map[int32]int64{}
		}
		found.Ends[end.Topic][end.Partition] = end.Offset
	})
	if err := kafka.Scan(ctx, opts, events.OutboxCursors, func(rec *kgo.Record) bool {
		if delete(found.Cursors, string(rec.Key)); rec.Value != nil && json.Valid(rec.Value) {
			found.Cursors[string(rec.Key)] = rec.Value
		}
		return true
	}); err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(found)
}
