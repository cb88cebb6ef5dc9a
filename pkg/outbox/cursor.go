package outbox

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// CursorTopic is compacted; each shard of each service keeps there, under its own key, how
// far it was sent.
const CursorTopic = "outbox-cursors"

// What only a person can mend. The relay stops before it would skip or send anything.
var (
	// ErrForeign: the rows are not those that the cursor speaks of.
	ErrForeign = errors.New("the relay's cursor in Kafka is not of this database, which is another one, was emptied, or was restored from a backup: " +
		"bring the right database back, or, if this one is meant, run `topics reset-cursor` for this service, after which all that is in its outbox is sent, once more where it was sent before")
	// ErrGone: the cursor stands before rows that are no longer there.
	ErrGone = errors.New("the relay's cursor in Kafka is missing or older than what the outbox still holds, so Kafka has lost records: " +
		"bring those back, or, if their loss is accepted, run `topics reset-cursor` for this service (and where that finds no cursor, as on a new broker, " +
		"set purged_xid and purged_id of its table outbox_shards to 0), after which all that is in its outbox is sent")
)

// errLost: the shard's lease is somebody else's by now.
var errLost = errors.New("the shard's lease was lost")

// position is a place in a shard's order of events. An id alone would not do: transactions
// commit in another order than they take ids, and rows that appear behind are lost.
type position struct {
	Xid uint64 `json:"xid,string"`
	ID  int64  `json:"id"`
	At  int64  `json:"at"` // of the row, in Unix milliseconds: tells it from another one with its xid and id
}

func (p position) xidText() string { return strconv.FormatUint(p.Xid, 10) }

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p.Xid, q.Xid), cmp.Compare(p.ID, q.ID))
}

// cursor is the last event that was sent, and of whose life it is.
type cursor struct {
	position
	Epoch  string `json:"epoch"`  // of the outbox: names this database's tables
	System string `json:"system"` // of the server: xids of another one mean nothing
	Lease  int64  `json:"lease"`  // of the relay that sent it, for whoever looks into the topic
}

func cursorKey(service string, shard int) string { return fmt.Sprintf("%s/%d", service, shard) }

// resume finds where to go on: where the cursor in Kafka says, if these are its rows. The
// session's producer must have its id by now: taking it ended the transaction of the
// session before, so that the cursor read here is its last word.
func (s *session) resume(ctx context.Context) (cursor, error) {
	at := cursor{Lease: s.epoch}
	last, reset, err := lastWord(ctx, s.Kafka, CursorTopic, cursorKey(s.Service, s.shard))
	if err != nil {
		return at, fmt.Errorf("read cursor: %w", err)
	}
	var found cursor
	if last != nil {
		if err := json.Unmarshal(last, &found); err != nil {
			return at, fmt.Errorf("read cursor: %w", err)
		}
	}
	at.position = found.position
	var gone, there bool
	// Where Kafka has lost its newest records, sent goes back to what Kafka has, before a
	// purge can take the rows in between. It never goes forward by a cursor unchecked.
	row := s.DB.QueryRowxContext(ctx, `
		UPDATE outbox_shards s
		SET sent_xid   = CASE WHEN (s.sent_xid, s.sent_id) > ($4::xid8, $5) THEN $4::xid8 ELSE s.sent_xid END,
		    sent_id    = CASE WHEN (s.sent_xid, s.sent_id) > ($4::xid8, $5) THEN $5 ELSE s.sent_id END,
		    purged_xid = CASE WHEN $7 THEN '0' ELSE s.purged_xid END,
		    purged_id  = CASE WHEN $7 THEN 0 ELSE s.purged_id END
		FROM outbox_epoch e, pg_control_system() c
		WHERE s.shard = $1 AND s.holder = $2 AND s.epoch = $3
		RETURNING e.epoch, c.system_identifier::text,
		          (s.purged_xid, s.purged_id) > ($4::xid8, $5),
		          (s.purged_xid, s.purged_id) = ($4::xid8, $5) OR EXISTS (
		              SELECT FROM outbox o
		              WHERE o.shard = s.shard AND o.xid = $4::xid8 AND o.id = $5 AND `+unixMilli+` = $6)`,
		s.shard, s.holder, s.epoch, at.xidText(), at.ID, at.At, reset)
	if err := row.Scan(&at.Epoch, &at.System, &gone, &there); errors.Is(err, sql.ErrNoRows) {
		return at, errLost
	} else if err != nil {
		return at, fmt.Errorf("check cursor: %w", err)
	}
	switch {
	case last != nil && (found.Epoch != at.Epoch || found.System != at.System):
		return at, ErrForeign
	case gone:
		return at, ErrGone
	case last != nil && !there:
		// Rows go only behind sent, so the one at a cursor after purged must be there: this
		// database has forgotten it, and may give its xid away again.
		return at, ErrForeign
	}
	return at, nil
}

// unixMilli is a row's time as the cursor and Kafka's records have it.
const unixMilli = `floor(date_part('epoch', o.at) * 1000)::bigint`

// firstWindow is how many records before the end lastWord reads at first.
const firstWindow = 1000

// lastWord returns the last committed value of key in a compacted topic, nil if it has
// none, and whether that is because somebody deleted it. It reads backwards: the wanted
// one is mostly near the end.
func lastWord(ctx context.Context, opts []kgo.Opt, topic, key string) (value []byte, deleted bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	// Control records are kept because the last record mostly is one: a transaction's end.
	client, err := kgo.NewClient(slices.Concat(opts, []kgo.Opt{
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())})...)
	if err != nil {
		return nil, false, err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err := errors.Join(err, starts.Error()); err != nil {
		return nil, false, err
	}
	// To the very end, not to the last stable offset: behind somebody else's open
	// transaction our own committed value may stand, so we wait until that one ends.
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err := errors.Join(err, ends.Error()); err != nil {
		return nil, false, err
	}
	partition := int32(kgo.StickyKeyPartitioner(nil).ForTopic(topic).
		Partition(&kgo.Record{Key: []byte(key)}, len(ends[topic])))
	start, end := starts[topic][partition].Offset, ends[topic][partition].Offset
	for from, window := end, int64(firstWindow); from > start; window *= 8 {
		from = max(start, from-window)
		client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(from)}})
		if value, found, err := lastOf(ctx, client, key, from, end); err != nil || found {
			return value, found && value == nil, err
		}
		client.PurgeTopicsFromConsuming(topic)
	}
	return nil, false, nil
}

// lastOf reads from an offset to the end and returns the last value of key.
func lastOf(ctx context.Context, client *kgo.Client, key string, from, end int64) (value []byte, found bool, err error) {
	for at := from; at < end; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, false, err
		}
		fetches.EachRecord(func(rec *kgo.Record) {
			at = rec.Offset + 1
			if !rec.Attrs.IsControl() && string(rec.Key) == key {
				value, found = rec.Value, true
			}
		})
	}
	return value, found, nil
}
