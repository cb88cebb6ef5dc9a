package outbox

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/twmb/franz-go/pkg/kgo"
)

// feed is what the reader has read of a shard and its session has not yet sent.
type feed struct {
	shard   int
	at      position // of what was read; only the reader touches it
	batches chan batch
	err     error // why batches was closed
	rouse   func()
	passed  atomic.Bool // the reader passed it by for lack of room
}

// batch is a number of events of one shard, in their order.
type batch struct {
	records []*kgo.Record
	events  int
	at      []int64 // when the events were written, in Unix milliseconds
	last    position
}

// hungry says whether there is room, and remembers if not.
func (f *feed) hungry() bool {
	f.passed.Store(true) // before looking, or room made in between would not be told
	if len(f.batches) < cap(f.batches) {
		f.passed.Store(false)
		return true
	}
	return false
}

// next waits for events, and returns all that are there. It returns an empty batch when ctx ends.
func (f *feed) next(ctx context.Context) (batch, error) {
	var all batch
	for wait := true; ; wait = false {
		var more batch
		ok := true
		if wait {
			select {
			case <-ctx.Done():
				return all, nil
			case more, ok = <-f.batches:
			}
		} else {
			select {
			case more, ok = <-f.batches:
			default:
				return all, nil
			}
		}
		if !ok {
			return all, f.err
		}
		if f.passed.CompareAndSwap(true, false) {
			f.rouse()
		}
		all.records, all.events, all.last = append(all.records, more.records...), all.events+more.events, more.last
		all.at = append(all.at, more.at...)
	}
}

// poll reads the next events of some shards. Two things keep it from passing any by.
// Rows are ordered by xid, and those of transactions that may still be open, or that one
// still open may come before, are left for later: only what is below the oldest running
// xid is complete. And it is o.xid, the column, that orders: a bare xid would be the output
// column, and as text 10 sorts before 9.
const poll = `
SELECT c.shard, o.id, o.xid::text, o.topics, o.key, o.headers, o.value, ` + unixMilli + `
FROM unnest($1::smallint[], $2::xid8[], $3::bigint[]) AS c(shard, xid, id)
CROSS JOIN LATERAL (
	SELECT * FROM outbox o
	WHERE o.shard = c.shard AND (o.xid, o.id) > (c.xid, c.id)
	  AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
	ORDER BY o.xid, o.id
	LIMIT $4) o`

// poll gives each feed its next batch, and tells how many events it found, and whether
// there may be more at once.
func (r *reader) poll(ctx context.Context, statement *sqlx.Stmt, feeds []*feed) (found int, full bool, err error) {
	shards, xids, ids := make([]int, len(feeds)), make([]string, len(feeds)), make([]int64, len(feeds))
	byShard := map[int]*feed{}
	for i, f := range feeds {
		shards[i], xids[i], ids[i] = f.shard, f.at.xidText(), f.at.ID
		byShard[f.shard] = f
	}
	limit := min(max(batchBytes/r.rowSize, 10), batchRows)
	rows, err := statement.QueryContext(ctx, pq.Array(shards), pq.Array(xids), pq.Array(ids), limit)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close()
	batches := map[*feed]*batch{}
	bytes := 0
	for rows.Next() {
		var row row
		if err := row.scan(rows); err != nil {
			return 0, false, err
		}
		f := byShard[row.shard]
		if row.at.compare(f.at) <= 0 {
			return 0, false, fmt.Errorf("event %s/%d of shard %d is not in order", row.at.xidText(), row.at.ID, f.shard)
		}
		b := batches[f]
		if b == nil {
			b = &batch{records: make([]*kgo.Record, 0, 64)}
			batches[f] = b
		}
		if b.records, err = row.appendTo(b.records, r.keys); err != nil {
			return 0, false, err
		}
		f.at, b.last = row.at, row.at
		b.at = append(b.at, row.at.At)
		b.events++
		found++
		bytes += len(row.value) + len(row.headers)
	}
	if err := rows.Err(); err != nil {
		return 0, false, err
	}
	for f, b := range batches {
		full = full || b.events == limit
		f.batches <- *b // there is room, see hungry
	}
	if found > 0 {
		r.rowSize = max(1, (r.rowSize+bytes/found)/2)
	}
	return found, full, nil
}

// row is one event as it is read.
type row struct {
	shard   int
	at      position
	key     []byte
	headers []byte
	value   []byte
	topics  string
}

// scan reads a row. What database/sql converts it converts slowly, so numbers are taken as
// the driver has them, and bytes are copied once, all into one piece.
func (r *row) scan(rows *sql.Rows) (err error) {
	var shard, id, at any
	var xid, topics, key, headers, value sql.RawBytes
	if err := rows.Scan(&shard, &id, &xid, &topics, &key, &headers, &value, &at); err != nil {
		return err
	}
	ints := [3]int64{}
	for i, column := range []any{shard, id, at} {
		var ok bool
		if ints[i], ok = column.(int64); !ok {
			return fmt.Errorf("a number is of the type %T", column)
		}
	}
	r.shard, r.at.ID, r.at.At = int(ints[0]), ints[1], ints[2]
	all := slices.Concat(key, headers, value)
	r.key, all = all[:len(key):len(key)], all[len(key):]
	r.headers, r.value = all[:len(headers):len(headers)], all[len(headers):]
	r.topics = strings.Trim(string(topics), "{}") // they need no quotes, see legal
	r.at.Xid, err = strconv.ParseUint(string(xid), 10, 64)
	return err
}

// appendTo appends the event's records, one for each topic.
func (r *row) appendTo(records []*kgo.Record, keys names) ([]*kgo.Record, error) {
	headers, err := decodeHeaders(r.headers, keys)
	if err != nil {
		return nil, fmt.Errorf("event %s/%d: %w", r.at.xidText(), r.at.ID, err)
	}
	for topic := range strings.SplitSeq(r.topics, ",") {
		records = append(records, &kgo.Record{
			Topic: topic, Key: r.key, Headers: headers, Value: r.value, Timestamp: time.UnixMilli(r.at.At),
		})
	}
	return records, nil
}
