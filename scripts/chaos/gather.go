package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
)

// drained waits until the trail and every feed have all that the database has, and returns
// what is missing when ctx ends.
func (t *town) drained(ctx context.Context, db *sqlx.DB) (missing []string) {
	for {
		missing = nil
		for _, r := range t.residents {
			var stored, kept int
			if err := db.GetContext(ctx, &stored, `SELECT coalesce(max(seq), 0) FROM api.people WHERE user_id = $1`, r.ID); err != nil {
				missing = append(missing, fmt.Sprintf("the sequence of %s: %v", r.ID, err))
			}
			if err := db.GetContext(ctx, &kept, `
				SELECT count(*) FROM audit.audit_log WHERE user_id = $1 AND task_id IS NOT NULL`, r.ID); err != nil || kept < stored {
				missing = append(missing, fmt.Sprintf("the trail of %s has %d of %d (%v)", r.ID, kept, stored, err))
			}
			for i, l := range r.listeners {
				if at := l.place(); at < stored {
					missing = append(missing, fmt.Sprintf("feed %d of %s is at %d of %d", i, r.ID, at, stored))
				}
			}
		}
		if len(missing) == 0 || !pause(ctx, 100*time.Millisecond) {
			return missing
		}
	}
}

// gather reads what the house says in the end. Nothing changes any more.
func (t *town) gather(ctx context.Context, unfit []string) (*history, error) {
	h := &history{DeadLetters: map[string]int{}, Unfit: unfit}
	db, err := postgres.Open(t.house.AdminURL())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	for _, r := range t.residents {
		w, complaints, err := r.witness(ctx, db)
		if err != nil {
			return nil, err
		}
		h.People, h.Unfit = append(h.People, w), append(h.Unfit, complaints...)
	}
	for _, k := range t.keepers {
		h.Unfit = append(h.Unfit, k.unfit...)
	}
	h.Crashes = t.crashes()
	if h.Keepings, err = t.rung(ctx); err != nil {
		return nil, err
	}
	opts := t.house.Kafka().Opts(slog.New(slog.DiscardHandler), nil)
	if h.Events, err = t.records(ctx, opts, events.TaskEvents); err != nil {
		return nil, err
	}
	if h.Updates, err = t.records(ctx, opts, events.TaskUpdates); err != nil {
		return nil, err
	}
	for _, topic := range events.DeadLetters() {
		h.DeadLetters[topic.Name] = 0
		if err := kafka.Scan(ctx, opts, topic.Name, func(*kgo.Record) bool { h.DeadLetters[topic.Name]++; return true }); err != nil {
			return nil, err
		}
	}
	if h.Rebuilt, err = t.rebuild(ctx, db); err != nil {
		return nil, err
	}
	// The one that stands may still be reading.
	reading, cancel := context.WithTimeout(ctx, draining)
	defer cancel()
	for {
		if h.Trail, err = rows(ctx, db); err != nil || maps.Equal(h.Trail, h.Rebuilt) || !pause(reading, 100*time.Millisecond) {
			return h, err
		}
	}
}

// witness tells what a person and their clients know.
func (r *resident) witness(ctx context.Context, db *sqlx.DB) (w *witness, unfit []string, err error) {
	w = &witness{ID: r.ID, Versions: map[string]int{}}
	w.Changes, unfit = r.told()
	if w.Trail, err = r.Entries(ctx); err != nil {
		return nil, nil, fmt.Errorf("read the trail of %s: %w", r.ID, err)
	}
	for _, l := range r.listeners {
		w.Feeds = append(w.Feeds, l.seen)
	}
	if err := db.GetContext(ctx, &w.Seq, `SELECT coalesce(max(seq), 0) FROM api.people WHERE user_id = $1`, r.ID); err != nil {
		return nil, nil, err
	}
	var tasks []struct {
		ID      string
		Version int
	}
	err = db.SelectContext(ctx, &tasks, `SELECT id::text, version FROM api.tasks WHERE user_id = $1`, r.ID)
	for _, task := range tasks {
		w.Versions[task.ID] = task.Version
	}
	return w, unfit, err
}

// records reads the events of a topic, as one who sees only what was committed, without those
// of the keepers, which are looked at in another way.
func (t *town) records(ctx context.Context, opts []kgo.Opt, topic string) (all []record, err error) {
	var malformed error
	err = kafka.Scan(ctx, opts, topic, func(rec *kgo.Record) bool {
		ev, err := events.Decode(kafka.Header(rec, "ce_type"), rec.Value)
		if err != nil {
			malformed = fmt.Errorf("%s, partition %d, offset %d: %w", topic, rec.Partition, rec.Offset, err)
			return false
		}
		r := record{Key: string(rec.Key), Event: ev.GetEventId(), Person: ev.GetUserId(), Type: events.Type(ev),
			Request: ev.GetRequestId(), Version: int(ev.GetVersion()), Seq: int(ev.GetSeq())}
		if of, ok := ev.(events.TaskEvent); ok {
			r.Task = of.GetTaskId()
		}
		if !slices.ContainsFunc(t.keepers, func(k *keeper) bool { return k.ID == r.Person }) {
			all = append(all, r)
		}
		return true
	})
	if err == nil {
		err = malformed
	}
	return all, err
}
