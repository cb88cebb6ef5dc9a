package events

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
)

// Header is one header of a record.
type Header struct{ Key, Value string }

// Record is a message ready for the outbox: one record of the same bytes on each topic.
type Record struct {
	Topics  []string
	Key     string
	Headers []Header
	Value   []byte
}

// Encode makes the record of an event. Source is the service that tells it, as "/tickler/api";
// traceparent may be empty. Topics are those of TopicsOf: who passes an event on names others.
func Encode(ev Event, source, traceparent string) (Record, error) {
	if err := check(ev); err != nil {
		return Record{}, err
	}
	value, err := proto.Marshal(ev)
	if err != nil {
		return Record{}, fmt.Errorf("encode %s: %w", Type(ev), err)
	}
	return Record{
		Topics:  TopicsOf(Type(ev)),
		Key:     ev.GetUserId(),
		Headers: Headers(ev, source, traceparent),
		Value:   value,
	}, nil
}

// Headers are the event's CloudEvents attributes, in the binary mode of the Kafka binding.
func Headers(ev Event, source, traceparent string) []Header {
	subject := ev.GetUserId()
	if of, ok := ev.(interface{ GetTaskId() string }); ok && of.GetTaskId() != "" {
		subject = of.GetTaskId()
	}
	h := attributes(ev, attribute{
		id: ev.GetEventId(), kind: Type(ev), source: source, at: ev.GetTime().AsTime(),
		subject: subject, key: ev.GetUserId(), traceparent: traceparent,
	})
	return append(h, Header{"ce_aggversion", strconv.FormatInt(ev.GetVersion(), 10)})
}

// attribute holds what differs between records.
type attribute struct {
	id, kind, source, subject, key, traceparent string
	at                                          time.Time // zero: the record says no time
}

func attributes(m proto.Message, a attribute) []Header {
	all := []Header{
		{"ce_specversion", "1.0"},
		{"ce_id", a.id},
		{"ce_type", a.kind},
		{"ce_source", a.source},
		{"ce_subject", a.subject},
		// The package ends in the version: tickler.task.v1.TaskCreated.
		{"ce_dataschema", string(m.ProtoReflect().Descriptor().FullName())},
		{"ce_partitionkey", a.key},
		{"content-type", "application/protobuf"},
	}
	if !a.at.IsZero() {
		all = append(all, Header{"ce_time", a.at.UTC().Format(time.RFC3339Nano)})
	}
	if a.traceparent != "" {
		all = append(all, Header{"traceparent", a.traceparent})
	}
	return all
}

// Decode reads an event. The error is ErrUnknownType for a type that this build does not know, and
// ErrMalformed for bytes that are not the type's message or lack what all of them have.
func Decode(ceType string, value []byte) (Event, error) {
	ev, err := empty(ceType)
	if err != nil {
		return nil, err
	}
	if err := proto.Unmarshal(value, ev); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, ceType, err)
	}
	if err := check(ev); err != nil {
		return nil, err
	}
	return ev, nil
}

// check says what an event lacks that its readers rely on. Bytes of something else often parse
// as a message whose fields are all missing.
func check(ev Event) error {
	var lacks []string
	if ev.GetEventId() == "" {
		lacks = append(lacks, "event_id")
	}
	if ev.GetUserId() == "" {
		lacks = append(lacks, "user_id")
	}
	if !ev.GetTime().IsValid() {
		lacks = append(lacks, "time")
	}
	lacks = append(lacks, lacksContent(ev)...)
	if len(lacks) > 0 {
		return fmt.Errorf("%w: %s without %s", ErrMalformed, Type(ev), strings.Join(lacks, ", "))
	}
	return nil
}
