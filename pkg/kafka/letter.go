package kafka

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Letter is a dead letter that nobody has settled: it was neither replayed nor dropped.
type Letter struct {
	Topic     string // the dead-letter topic
	Partition int32  // in that
	Offset    int64

	Group    string
	Error    string
	Attempts int
	First    time.Time
	Last     time.Time

	Parked string // the key that waits with it, if any
	Behind *int64 // the offset of the record that this one waits for, if it did not itself fail
	Asked  string // what an operator wants done with it: "", "replay" or "drop"
	Failed string // the error of a replay that failed since

	// Record is as the group was given it: its topic, partition, offset, timestamp and
	// headers are those from before it became a letter.
	Record *kgo.Record
}

// ID names a letter within its topic.
func (l Letter) ID() string { return fmt.Sprintf("%d/%d", l.Partition, l.Offset) }

func (l Letter) slot() slot { return slot{l.Partition, l.Offset} }

func (l Letter) origin() slot { return slot{l.Record.Partition, l.Record.Offset} }

// A slot is a place in a topic.
type slot struct {
	partition int32
	offset    int64
}

// The marks that stand in a dead-letter topic between the letters. An operator asks, the
// group's consumer does and tells. They are in that topic, and in the letter's partition,
// because there each comes after what it is about.
const (
	markReplay   = "replay"
	markDrop     = "drop"
	markReplayed = "replayed"
	markDropped  = "dropped"
	markFailed   = "failed"

	headerMark = "dlq-mark"
	headerOf   = "dlq-of" // the letter's offset
)

// mark is the record that says what about a letter. Its error goes with markFailed.
func (l Letter) mark(what string, err error) *kgo.Record {
	rec := &kgo.Record{Topic: l.Topic, Partition: l.Partition, Key: l.Record.Key, Headers: []kgo.RecordHeader{
		header(headerMark, what),
		header(headerOf, strconv.FormatInt(l.Offset, 10)),
		header(headerPartition, strconv.Itoa(int(l.Record.Partition))),
	}}
	if err != nil {
		rec.Headers = append(rec.Headers, header(headerError, clip(err.Error(), 1000)))
	}
	return rec
}

// letterOf reads a record of a dead-letter topic. What is missing of its headers is an
// error; a person may have put anything there.
func letterOf(rec *kgo.Record) (Letter, error) {
	headers, own := headersOf(rec)
	l := Letter{
		Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset,
		Group: headers[headerGroup], Error: headers[headerError], Parked: headers[headerParked],
	}
	number, err1 := strconv.ParseInt(headers[headerPartition], 10, 32)
	offset, err2 := strconv.ParseInt(headers[headerOffset], 10, 64)
	at, err3 := time.Parse(time.RFC3339Nano, headers[headerTimestamp])
	first, err4 := time.Parse(time.RFC3339Nano, headers[headerFirst])
	last, err5 := time.Parse(time.RFC3339Nano, headers[headerLast])
	attempts, err6 := strconv.Atoi(headers[headerAttempts])
	if behind, ok := headers[headerBehind]; ok {
		n, err := strconv.ParseInt(behind, 10, 64)
		err6 = cmp.Or(err6, err)
		l.Behind = &n
	}
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return l, fmt.Errorf("no dead letter at %s of %s: %w", l.ID(), l.Topic, err)
	}
	l.First, l.Last, l.Attempts = first, last, attempts
	l.Record = &kgo.Record{
		Topic: headers[headerTopic], Partition: int32(number), Offset: offset, Timestamp: at,
		Key: rec.Key, Value: rec.Value, Headers: own, LeaderEpoch: -1, Context: rec.Context,
	}
	return l, nil
}

// headersOf parts what the dead letter added from the record's own headers.
func headersOf(rec *kgo.Record) (added map[string]string, own []kgo.RecordHeader) {
	added = map[string]string{}
	for _, h := range rec.Headers {
		if strings.HasPrefix(h.Key, "dlq-") {
			added[h.Key] = string(h.Value)
		} else {
			own = append(own, h)
		}
	}
	return added, own
}
