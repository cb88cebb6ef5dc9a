package log

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// names are those on the broker: of topics, of the consumer group, and what transactional
// ids begin with, as the service's rights there have it.
type names struct{ commands, state, letters, group string }

func namesOf(prefix string) names {
	n := names{commands: prefix + events.TimerCommands, state: prefix + events.TimerState, group: prefix + "scheduler"}
	n.letters = kafka.DeadLetterTopic(n.commands, n.group)
	return n
}

// A batch collects the records of one transaction.
type batch struct {
	names   names
	number  int32 // of the partition
	tracer  trace.TracerProvider
	recs    []*kgo.Record
	letters int
	spans   []trace.Span // of what is delivered
}

func (b *batch) letter(rec *kgo.Record, err error) {
	b.letters++
	b.recs = append(b.recs, kafka.DeadLetter(rec, b.names.group, kafka.Failure{Err: err, Attempts: 1, First: time.Now()}))
}

func (b *batch) deliver(d timer.Delivery) {
	rec := &kgo.Record{Topic: d.Topic, Key: d.Key, Value: d.Value}
	for _, h := range d.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	b.fires(rec, d.Trace)
	b.recs = append(b.recs, rec)
}

func (b *batch) state(changes []timer.Change) []*kgo.Record {
	from := len(b.recs)
	for _, c := range changes {
		b.recs = append(b.recs, &kgo.Record{Topic: b.names.state, Partition: b.number, Key: []byte(c.ID), Value: c.Value})
	}
	return b.recs[from:]
}

func (b *batch) cursor(next int64) error {
	value, err := timer.Cursor(next)
	b.recs = append(b.recs, &kgo.Record{Topic: b.names.state, Partition: b.number, Key: []byte(cursorKey), Value: value})
	return err
}

// recordOf is a command as it would stand on its topic.
func (b *batch) recordOf(r events.Record) *kgo.Record {
	rec := &kgo.Record{Topic: b.names.commands, Partition: b.number, Offset: -1, Key: []byte(r.Key), Value: r.Value, Timestamp: time.Now()}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: h.Key, Value: []byte(h.Value)})
	}
	return rec
}
