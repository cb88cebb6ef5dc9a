package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A line is a letter as JSON.
type line struct {
	Topic       string            `json:"topic"`
	ID          string            `json:"id"`
	Group       string            `json:"group"`
	Source      string            `json:"source"` // of the record: topic/partition/offset
	Timestamp   time.Time         `json:"timestamp"`
	Type        string            `json:"type"` // its ce_type
	Error       string            `json:"error"`
	Attempts    int               `json:"attempts"`
	First       time.Time         `json:"first"`
	Last        time.Time         `json:"last"`
	ParkedKey   string            `json:"parked_key,omitempty"`
	Behind      *int64            `json:"behind,omitempty"` // the offset that it only waits for
	Asked       string            `json:"asked,omitempty"`
	ReplayError string            `json:"replay_error,omitempty"`
	Key         string            `json:"key,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	Value       any               `json:"value,omitempty"`
}

func lineOf(l kafka.Letter) line {
	return line{
		Topic: l.Topic, ID: l.ID(), Group: l.Group, Source: fmt.Sprintf("%s/%d/%d", l.Record.Topic, l.Record.Partition, l.Record.Offset),
		Timestamp: l.Record.Timestamp, Type: header(l.Record, "ce_type"), Error: l.Error, Attempts: l.Attempts, First: l.First, Last: l.Last,
		ParkedKey: l.Parked, Behind: l.Behind, Asked: l.Asked, ReplayError: l.Failed,
	}
}

// list shows what lies open in one topic, or in all that the catalog knows.
func (d *desk) list(ctx context.Context, args []string) error {
	topics := args
	if len(args) == 0 {
		for _, t := range events.DeadLetters() {
			topics = append(topics, t.Name)
		}
	}
	var all []kafka.Letter
	for _, topic := range topics {
		letters, err := kafka.Letters(ctx, d.opts, topic)
		if err != nil {
			return err
		}
		all = append(all, letters...)
	}
	if d.json {
		for _, l := range all {
			if err := d.print(lineOf(l)); err != nil {
				return err
			}
		}
		return nil
	}
	return d.table(all)
}

func (d *desk) table(letters []kafka.Letter) error {
	if len(letters) == 0 {
		_, err := fmt.Fprintln(d.out, "no dead letters")
		return err
	}
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOPIC\tID\tTYPE\tPARKED KEY\tLAST\tATTEMPTS\tWHY")
	for _, l := range letters {
		why := l.Error
		if l.Failed != "" {
			why = "replay failed: " + l.Failed
		}
		if l.Asked != "" {
			why = "(" + l.Asked + " asked) " + why
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", l.Topic, l.ID(), header(l.Record, "ce_type"), l.Parked, l.Last.Format(time.DateTime), l.Attempts, oneLine(why))
	}
	return w.Flush()
}

// show shows all of one letter.
func (d *desk) show(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("show needs a topic and an id")
	}
	letters, err := d.find(ctx, args[0], args[1:])
	if err != nil {
		return err
	}
	l := lineOf(letters[0])
	rec := letters[0].Record
	l.Key, l.Headers, l.Value = string(rec.Key), map[string]string{}, content(rec)
	for _, h := range rec.Headers {
		l.Headers[h.Key] = string(h.Value)
	}
	return d.print(l)
}

// print writes JSON: a line for programs, spread out for people.
func (d *desk) print(l line) error {
	encoder := json.NewEncoder(d.out)
	encoder.SetEscapeHTML(false)
	if !d.json {
		encoder.SetIndent("", "  ")
	}
	return encoder.Encode(l)
}

// content is what a record says, if that can be told; else its bytes, in base64.
func content(rec *kgo.Record) any {
	kind := header(rec, "ce_type")
	var message proto.Message
	if ev, err := events.Decode(kind, rec.Value); err == nil {
		message = ev
	} else if cmd, err := events.DecodeCommand(kind, rec.Value); err == nil {
		message = cmd
	}
	if message != nil {
		if text, err := protojson.Marshal(message); err == nil {
			return json.RawMessage(text)
		}
	}
	if utf8.Valid(rec.Value) {
		return string(rec.Value)
	}
	return rec.Value
}

func header(rec *kgo.Record, key string) string {
	for _, h := range rec.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

func oneLine(text string) string {
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:100]) + "…"
	}
	return strings.Join(strings.Fields(text), " ")
}
