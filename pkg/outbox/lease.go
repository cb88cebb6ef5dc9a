package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// leases are the rows that say who relays which shard. All times are the database's, so
// replicas need not agree on the time.
type leases struct {
	db     *sqlx.DB
	holder string        // this replica's name
	term   time.Duration // how long a lease lasts
}

// lease is the right to try to relay a shard; its epoch is higher than any before it.
type lease struct {
	shard int
	epoch int64
}

// take takes those of the wanted leases that are free.
func (l leases) take(ctx context.Context, wanted []int) (taken []lease, err error) {
	rows, err := l.db.QueryxContext(ctx, `
		UPDATE outbox_shards
		SET holder = $1, epoch = epoch + 1, held_until = clock_timestamp() + make_interval(secs => $2)
		WHERE shard IN (
			SELECT shard FROM outbox_shards
			WHERE shard = ANY($3) AND held_until < clock_timestamp()
			ORDER BY shard FOR UPDATE SKIP LOCKED)
		RETURNING shard, epoch`, l.holder, l.term.Seconds(), pq.Array(wanted))
	if err != nil {
		return nil, fmt.Errorf("take leases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one lease
		if err := rows.Scan(&one.shard, &one.epoch); err != nil {
			return nil, fmt.Errorf("take leases: %w", err)
		}
		taken = append(taken, one)
	}
	return taken, rows.Err()
}

// renew prolongs the leases of sessions, and says how far each has sent. It returns those
// whose lease is somebody else's by now.
func (l leases) renew(ctx context.Context, sessions map[int]*session) (lost []*session, err error) {
	if len(sessions) == 0 {
		return nil, nil
	}
	all := make([]*session, 0, len(sessions))
	for _, s := range sessions {
		all = append(all, s)
	}
	kept, err := l.update(ctx, l.term, all...)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if !kept[s.shard] {
			lost = append(lost, s)
		}
	}
	return lost, nil
}

// release gives a session's lease back, so that the next holder need not wait.
func (l leases) release(ctx context.Context, s *session) error {
	_, err := l.update(ctx, 0, s)
	return err
}

func (l leases) update(ctx context.Context, term time.Duration, sessions ...*session) (kept map[int]bool, err error) {
	var shards []int
	var epochs, ids []int64
	var xids []string
	for _, s := range sessions {
		xid, id := "", int64(0) // it has not read its cursor yet: what is written there stays
		if sent := s.sent.Load(); sent != nil {
			xid, id = sent.xidText(), sent.ID
		}
		shards, epochs, xids, ids = append(shards, s.shard), append(epochs, s.epoch), append(xids, xid), append(ids, id)
	}
	var found []int
	if err := l.db.SelectContext(ctx, &found, `
		UPDATE outbox_shards s
		SET held_until = clock_timestamp() + make_interval(secs => $1),
		    sent_xid = CASE WHEN h.xid = '' THEN s.sent_xid ELSE h.xid::xid8 END,
		    sent_id  = CASE WHEN h.xid = '' THEN s.sent_id  ELSE h.id END
		FROM unnest($2::smallint[], $3::bigint[], $4::text[], $5::bigint[]) AS h(shard, epoch, xid, id)
		WHERE s.shard = h.shard AND s.epoch = h.epoch AND s.holder = $6
		RETURNING s.shard`,
		term.Seconds(), pq.Array(shards), pq.Array(epochs), pq.Array(xids), pq.Array(ids), l.holder); err != nil {
		return nil, fmt.Errorf("renew leases: %w", err)
	}
	kept = map[int]bool{}
	for _, shard := range found {
		kept[shard] = true
	}
	return kept, nil
}
