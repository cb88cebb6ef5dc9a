package outbox

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// reader reads the outbox for all sessions of a relay, with one statement for all shards:
// an idle outbox costs one cheap query a poll, and a full one is read a batch ahead of
// what is being sent.
type reader struct {
	db     *sqlx.DB
	roused chan struct{} // of one: a commit, a new feed, or room in one

	mu    sync.Mutex
	feeds map[int]*feed // by shard

	// Only run's goroutine touches these.
	rowSize int // of late, in bytes
	keys    names
}

// How a batch is bounded: what a transaction takes well, and what a query of all shards
// may bring into memory.
const (
	batchRows  = 1000
	batchBytes = 2 << 20
	readAhead  = 2 // batches
)

// The pace of polling. The first event after a while is found at once; a stream of them gathers
// for pollBusy, since each poll is a query, and each shard of it a Kafka transaction. An outbox
// that was empty a hundred times is asked twenty times a second.
const (
	pollBusy  = 8 * time.Millisecond
	pollQuiet = 5 * time.Millisecond
	pollIdle  = 50 * time.Millisecond
	quiet     = 100 // polls
)

func newReader(db *sqlx.DB) *reader {
	return &reader{db: db, roused: make(chan struct{}, 1), feeds: map[int]*feed{}, rowSize: 4 << 10, keys: names{}}
}

// rouse makes the next poll come at once.
func (r *reader) rouse() {
	select {
	case r.roused <- struct{}{}:
	default:
	}
}

// open begins to read a shard after a position.
func (r *reader) open(shard int, after position) *feed {
	f := &feed{shard: shard, at: after, batches: make(chan batch, readAhead), rouse: r.rouse}
	r.mu.Lock()
	r.feeds[shard] = f
	r.mu.Unlock()
	r.rouse()
	return f
}

func (r *reader) close(f *feed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.feeds[f.shard] == f {
		delete(r.feeds, f.shard)
	}
}

// run reads until ctx ends. Sessions whose reading failed end and come back: by then the
// database may be another one, and their cursors are checked anew.
func (r *reader) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.read(ctx); err != nil && ctx.Err() == nil {
			r.fail(fmt.Errorf("read outbox: %w", err))
		}
	}
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for shard, f := range r.feeds {
		f.err = err
		close(f.batches)
		delete(r.feeds, shard)
	}
}

// read polls with one connection, until that fails.
func (r *reader) read(ctx context.Context) error {
	var feeds []*feed
	for ; len(feeds) == 0; feeds = r.hungry() {
		select { // no connection is held for nothing
		case <-ctx.Done():
			return nil
		case <-r.roused:
		}
	}
	conn, err := indexed(ctx, r.db)
	if err != nil {
		return err
	}
	defer discard(conn)
	statement, err := conn.PreparexContext(ctx, poll)
	if err != nil {
		return err
	}
	defer statement.Close()
	for empty := 0; ; feeds = r.hungry() {
		began := time.Now()
		pause := time.Duration(0) // until there is room
		if len(feeds) > 0 {
			found, full, err := r.poll(ctx, statement, feeds)
			if err != nil {
				return err
			}
			empty, pause = pace(empty, found, full)
		} else {
			pause = time.Hour
		}
		if r.rest(ctx, began, pause); ctx.Err() != nil {
			return nil
		}
	}
}

// pace says how many polls were empty by now, and how long to wait for the next.
func pace(empty, found int, full bool) (int, time.Duration) {
	switch {
	case full:
		return 0, 0
	case found > 0:
		return 0, pollBusy
	case empty < quiet:
		return empty + 1, pollQuiet
	}
	return empty, pollIdle
}

// rest waits, but not after a commit was told of: then only to the end of the busy pace,
// so that a crowd of commits is one poll.
func (r *reader) rest(ctx context.Context, began time.Time, pause time.Duration) {
	if pause == 0 {
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.roused:
		sleep(ctx, pollBusy-time.Since(began))
	}
}

// hungry are the feeds that have room for a batch.
func (r *reader) hungry() (feeds []*feed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.feeds {
		if f.hungry() {
			feeds = append(feeds, f)
		}
	}
	return feeds
}

// indexed returns a connection on which the outbox is read by its index alone. Without
// statistics, which tables that come and go never have, the planner prefers to fetch a
// whole shard and sort it (a second for a backlog of 250,000, against 8 ms).
func indexed(ctx context.Context, db *sqlx.DB) (*sqlx.Conn, error) {
	conn, err := db.Connx(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `
		SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;
		SET plan_cache_mode = force_generic_plan`); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// discard closes a connection for good: its settings are not for others of the pool.
func discard(conn *sqlx.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}
