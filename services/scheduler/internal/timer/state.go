package timer

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	events "github.com/tickler-app/tickler/proto-events"
	timerv1 "github.com/tickler-app/tickler/proto-events/gen/timer/v1"
)

// Header is one header of a record.
type Header struct {
	Key   string
	Value []byte
}

// Delivery is the record that a timer delivers.
type Delivery struct {
	Topic   string
	Key     []byte
	Headers []Header
	Value   []byte
	Trace   string // traceparent of the command, if its trace is kept
}

// Deliver makes the record of a timer that fires at now.
func (d Due) Deliver(now int64) (Delivery, error) {
	var state timerv1.State
	if err := proto.Unmarshal(d.Body, &state); err != nil {
		return Delivery{}, fmt.Errorf("state of timer %s: %w", d.ID, err)
	}
	value, err := proto.Marshal(&timerv1.Due{
		TimerId: d.ID, Rev: d.Rev, DueMs: d.At, FiredMs: now, Payload: state.GetPayload(),
	})
	if err != nil {
		return Delivery{}, err
	}
	one := Delivery{Topic: state.GetTopic(), Key: state.GetKey(), Value: value, Trace: state.GetTraceparent()}
	for _, h := range unpack(d.ID, d.Rev, &state) {
		one.Headers = append(one.Headers, Header{h.GetKey(), h.GetValue()})
	}
	return one, nil
}

// Command is the command that would set this timer again: what a dead letter shows of one
// that can no longer be delivered.
func (d Due) Command() (events.Record, error) {
	var state timerv1.State
	if err := proto.Unmarshal(d.Body, &state); err != nil {
		return events.Record{}, fmt.Errorf("state of timer %s: %w", d.ID, err)
	}
	return events.EncodeCommand(&timerv1.Schedule{
		TimerId: d.ID, Rev: d.Rev, DueMs: d.At, Topic: state.GetTopic(), Key: state.GetKey(),
		Payload: state.GetPayload(), Headers: unpack(d.ID, d.Rev, &state),
	}, "/tickler/scheduler", state.GetTraceparent())
}

// encodeDone is the record of a timer that no longer waits: only its rev is kept.
func encodeDone(rev, at int64) []byte {
	b := protowire.AppendTag(nil, revField, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(rev))
	b = protowire.AppendTag(b, doneField, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(max(at, 1)))
}

// The fields of timerv1.State that the index needs.
const (
	revField  = 1
	dueField  = 2
	doneField = 7
)

type head struct{ rev, due, done int64 }

// decodeHead reads only what the index keeps. A restore reads millions, and the whole
// message would be most of its time.
func decodeHead(value []byte) (h head, err error) {
	for len(value) > 0 {
		number, kind, n := protowire.ConsumeTag(value)
		if n < 0 {
			return h, fmt.Errorf("state record: %w", protowire.ParseError(n))
		}
		value = value[n:]
		if kind != protowire.VarintType {
			if n = protowire.ConsumeFieldValue(number, kind, value); n < 0 {
				return h, fmt.Errorf("state record: %w", protowire.ParseError(n))
			}
			value = value[n:]
			continue
		}
		v, n := protowire.ConsumeVarint(value)
		if n < 0 {
			return h, fmt.Errorf("state record: %w", protowire.ParseError(n))
		}
		value = value[n:]
		switch number {
		case revField:
			h.rev = int64(v)
		case dueField:
			h.due = int64(v)
		case doneField:
			h.done = int64(v)
		}
	}
	return h, nil
}

// Cursor says how far the commands of a partition were applied.
func Cursor(next int64) ([]byte, error) { return proto.Marshal(&timerv1.Cursor{NextOffset: next}) }

// ReadCursor reads what Cursor wrote.
func ReadCursor(value []byte) (next int64, err error) {
	var c timerv1.Cursor
	if err := proto.Unmarshal(value, &c); err != nil {
		return 0, fmt.Errorf("cursor: %w", err)
	}
	return c.GetNextOffset(), nil
}

func ahead(now int64) int64 { return now + MaxAhead.Milliseconds() }
