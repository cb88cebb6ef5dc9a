package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
	"github.com/tickler-app/tickler/pkg/postgres"
)

// purgeEvery is how often it is looked for children that can be emptied.
const purgeEvery = 5 * time.Second

// purgeAll empties the children whose turn it is not, if all in them was sent. What
// cannot be emptied now is, later: events never wait for room, only for space on disk.
func (r *Relay) purgeAll(ctx context.Context) {
	for n := range children {
		if n == child(time.Now()) {
			continue
		}
		if err := r.purge(ctx, n); err != nil && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "purge outbox", "error", err)
		}
	}
}

// errNotYet rolls a purge back.
var errNotYet = errors.New("not yet")

// purge empties a child if every row in it stands behind its shard's cursor.
//
// TRUNCATE wants the table for itself. Writers and readers that come meanwhile wait for
// it, so it in turn waits for others only 50 ms: a writer that began before the child's
// turn ended may still have it. Once it is locked nobody has a row in it that is not yet
// visible, so the look under the lock is the last word. Rows that come after the purge
// are read like all others, whichever child they are in.
func (r *Relay) purge(ctx context.Context, child int) error {
	if worth, err := r.worthPurging(ctx, child); err != nil || !worth {
		return err
	}
	err := postgres.InTx(ctx, r.DB, func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `SET LOCAL lock_timeout = '50ms'`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`LOCK TABLE outbox_%d IN ACCESS EXCLUSIVE MODE`, child)); err != nil {
			return err
		}
		var waiting bool
		if err := tx.GetContext(ctx, &waiting, waitingIn(child)); err != nil {
			return err
		} else if waiting {
			return errNotYet
		}
		// It is noted up to where rows went: a cursor from before must not be gone on from.
		if _, err := tx.ExecContext(ctx, `
			UPDATE outbox_shards SET purged_xid = sent_xid, purged_id = sent_id
			WHERE (purged_xid, purged_id) < (sent_xid, sent_id)`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`TRUNCATE outbox_%d`, child))
		return err
	})
	if answer, ok := errors.AsType[*pq.Error](err); ok && answer.Code == "55P03" || errors.Is(err, errNotYet) {
		return nil // lock_not_available: somebody writes there still
	}
	return err
}

// worthPurging looks without a lock, so that a child that is empty, or has events that
// wait for Kafka, is let be.
func (r *Relay) worthPurging(ctx context.Context, child int) (bool, error) {
	var some bool
	if err := r.DB.GetContext(ctx, &some, fmt.Sprintf(`SELECT EXISTS (SELECT FROM outbox_%d)`, child)); err != nil || !some {
		return false, err
	}
	var waiting bool
	err := r.DB.GetContext(ctx, &waiting, waitingIn(child))
	return !waiting, err
}

// waitingIn asks whether a child has a row that is not behind its shard's cursor. Each
// shard's last row answers it.
func waitingIn(child int) string {
	return fmt.Sprintf(`
		SELECT EXISTS (
			SELECT FROM outbox_shards s
			CROSS JOIN LATERAL (
				SELECT o.xid, o.id FROM outbox_%d o WHERE o.shard = s.shard ORDER BY o.xid DESC, o.id DESC LIMIT 1) o
			WHERE (o.xid, o.id) > (s.sent_xid, s.sent_id))`, child)
}
