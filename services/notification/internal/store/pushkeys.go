package store

import (
	"context"
	"fmt"

	"github.com/tickler-app/tickler/pkg/postgres"
)

// PushKeys returns the house's own key pair for web push; at first it keeps the one that fresh
// makes. Of two that come first at the same time one is kept.
func (w *Work) PushKeys(ctx context.Context, fresh func() (public, private string, err error)) (public, private string, err error) {
	public, private, err = fresh() // quick, and rarely for nothing: the pair is asked for once a start
	if err != nil {
		return "", "", fmt.Errorf("make push keys: %w", err)
	}
	err = postgres.InTx(ctx, w.DB, func(tx postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO push_keys (public, private) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			public, w.Seal.Seal([]byte(private), "push_keys")); err != nil {
			return fmt.Errorf("keep push keys: %w", err)
		}
		var row struct{ Public, Private string }
		if err := tx.GetContext(ctx, &row, `SELECT public, private FROM push_keys`); err != nil {
			return fmt.Errorf("load push keys: %w", err)
		}
		plain, err := w.Seal.Open(row.Private, "push_keys")
		public, private = row.Public, string(plain)
		return err
	})
	return public, private, err
}
