package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

func (d *desk) replay(ctx context.Context, args []string) error {
	return d.act(ctx, args, "replayed", kafka.Replay)
}

func (d *desk) drop(ctx context.Context, args []string) error {
	return d.act(ctx, args, "dropped", kafka.Drop)
}

// act asks the group and waits for what becomes of it.
func (d *desk) act(ctx context.Context, args []string, done string, ask func(context.Context, []kgo.Opt, ...kafka.Letter) error) error {
	if len(args) == 0 {
		return errors.New("which topic? see dlq list")
	}
	letters, err := d.find(ctx, args[0], args[1:])
	if err != nil {
		return err
	}
	if err := d.first(ctx, letters); err != nil {
		return err
	}
	if err := ask(ctx, d.opts, letters...); err != nil {
		return err
	}
	return d.follow(ctx, letters, done)
}

// find returns the letters that ids, -key or -all mean. An id that is not open is an error,
// before anything is asked.
func (d *desk) find(ctx context.Context, topic string, ids []string) ([]kafka.Letter, error) {
	open, err := kafka.Letters(ctx, d.opts, topic)
	if err != nil {
		return nil, err
	}
	ways := 0
	for _, used := range []bool{len(ids) > 0, d.key != "", d.all} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return nil, errors.New("say which: ids, -key or -all, one of them")
	}
	found := slices.DeleteFunc(open, func(l kafka.Letter) bool {
		return !d.all && (d.key == "" || l.Parked != d.key) && !slices.Contains(ids, l.ID())
	})
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(l kafka.Letter) bool { return l.ID() == id }) {
			return nil, fmt.Errorf("no letter %s lies open in %s", id, topic)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no such letters lie open in %s", topic)
	}
	return found, nil
}

// first refuses letters that wait behind one which is not asked for: nothing would happen.
func (d *desk) first(ctx context.Context, letters []kafka.Letter) error {
	type place struct {
		partition int32
		key       string
	}
	heads := map[place]kafka.Letter{}
	open, err := kafka.Letters(ctx, d.opts, letters[0].Topic)
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(open) {
		heads[place{l.Record.Partition, l.Parked}] = l
	}
	for _, l := range letters {
		head := heads[place{l.Record.Partition, l.Parked}]
		if l.Parked != "" && !slices.ContainsFunc(letters, func(l kafka.Letter) bool { return l.ID() == head.ID() }) {
			return fmt.Errorf("letter %s waits behind %s: ask for that one", l.ID(), head.ID())
		}
	}
	return nil
}

// follow waits until none of the letters is still asked for, and tells how each ended.
func (d *desk) follow(ctx context.Context, letters []kafka.Letter, done string) error {
	ctx, cancel := context.WithTimeout(ctx, d.wait)
	defer cancel()
	for {
		open, err := kafka.Letters(ctx, d.opts, letters[0].Topic)
		if err != nil && ctx.Err() == nil {
			return err
		}
		now := map[string]kafka.Letter{}
		for _, l := range open {
			now[l.ID()] = l
		}
		pending := slices.ContainsFunc(letters, func(l kafka.Letter) bool { return now[l.ID()].Asked != "" })
		if err == nil && !pending {
			return d.tell(letters, now, done)
		}
		select {
		case <-ctx.Done():
			return errPending
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (d *desk) tell(letters []kafka.Letter, now map[string]kafka.Letter, done string) error {
	var failed []string
	for _, l := range letters {
		left, open := now[l.ID()]
		if !open {
			fmt.Fprintf(d.out, "%s %s\n", l.ID(), done)
			continue
		}
		fmt.Fprintf(d.out, "%s failed again: %s\n", l.ID(), left.Failed)
		failed = append(failed, l.ID())
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d stay: %s", len(failed), len(letters), strings.Join(failed, " "))
	}
	return nil
}
