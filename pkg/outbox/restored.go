package outbox

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Restored makes the outboxes of services fit the server that a dump was read into. A row's
// xid is of the server that it was dumped from and means nothing here: one that this server
// has not reached would wait, and hold back all that come. What was sent before the dump is
// left out; the rest has one new xid, and so goes in the order of its ids, which for each
// person is the order in which it happened. A cursor from before is not this database's:
// the relay waits until `topics reset-cursor` forgets it. A schema with a function restored()
// has more that others have gone beyond, and mends it there.
//
// It needs a superuser or the owners, must run before the services do, and may be run again.
func Restored(ctx context.Context, db *sqlx.DB, services ...string) error {
	for _, service := range services {
		if err := restored(ctx, db, pq.QuoteIdentifier(service)); err != nil {
			return fmt.Errorf("outbox of %s: %w", service, err)
		}
	}
	return nil
}

func restored(ctx context.Context, db *sqlx.DB, schema string) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for child := range 3 {
		table := fmt.Sprintf("%s.outbox_%d", schema, child)
		for _, statement := range []string{
			`DELETE FROM ` + table + ` o USING ` + schema + `.outbox_shards s WHERE o.shard = s.shard AND (o.xid, o.id) <= (s.sent_xid, s.sent_id)`,
			`UPDATE ` + table + ` SET xid = pg_current_xact_id()`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE `+schema+`.outbox_shards
		SET holder = '', held_until = '-infinity', sent_xid = '0', sent_id = 0, purged_xid = '0', purged_id = 0`)
	if err != nil {
		return err
	}
	// Another life has another name, also where it goes on in the same server.
	if _, err := tx.ExecContext(ctx, `UPDATE `+schema+`.outbox_epoch SET epoch = gen_random_uuid()`); err != nil {
		return err
	}
	var more bool
	if err := tx.GetContext(ctx, &more, `SELECT to_regprocedure($1) IS NOT NULL`, schema+`.restored()`); err != nil {
		return err
	}
	if more {
		if _, err := tx.ExecContext(ctx, `SELECT `+schema+`.restored()`); err != nil {
			return err
		}
	}
	return tx.Commit()
}
