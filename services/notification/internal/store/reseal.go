package store

import (
	"context"
	"fmt"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// sealed are the columns that hold something sealed, and the places it is sealed for.
var sealed = []struct{ table, id, column, place string }{
	{"people", "user_id", "unsubscribe", "people/"},
	{"webhooks", "id::text", "secret", "webhooks/"},
	{"push_subscriptions", "id::text", "keys", "push_subscriptions/"},
	{"push_keys", "''", "private", "push_keys"},
}

// resealed bounds the rows of one transaction.
const resealed = 500

// Reseal seals with the first key what is sealed with another, and returns how much that was.
// The service may run meanwhile, and be at it again later.
func (w *Work) Reseal(ctx context.Context) (n int, err error) {
	for _, at := range sealed {
		last, more := "", true
		for more {
			if err := postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
				var rows []struct{ ID, Text string }
				if err := tx.SelectContext(ctx, &rows, `SELECT `+at.id+` AS id, `+at.column+` AS text FROM `+at.table+`
					WHERE `+at.column+` IS NOT NULL AND ($1 = '' OR `+at.id+` > $1) ORDER BY 1 LIMIT $2 FOR UPDATE`, last, resealed); err != nil {
					return err
				}
				more = len(rows) == resealed
				for _, row := range rows {
					last = row.ID
					if !w.Seal.Outdated(row.Text) {
						continue
					}
					plain, err := w.Seal.Open(row.Text, at.place+row.ID)
					if err != nil {
						return err
					}
					if _, err := tx.ExecContext(ctx, `UPDATE `+at.table+` SET `+at.column+` = $2 WHERE `+at.id+` = $1`, row.ID, w.Seal.Seal(plain, at.place+row.ID)); err != nil {
						return err
					}
					n++
				}
				return nil
			}); err != nil {
				return n, fmt.Errorf("seal %s again: %w", at.table, err)
			}
		}
	}
	return n, nil
}
