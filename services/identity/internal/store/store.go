// Package store keeps people, sessions, tokens and signing keys in PostgreSQL.
package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/telemetry"
	events "github.com/tickler-app/tickler/proto-events"
)

//go:embed *.sql
var files embed.FS

// Migrations are the tables of this service.
var Migrations = postgres.Set{Name: "identity", Files: files}

// source is this service as the author of events.
const source = "/tickler/identity"

// lock is the name of a person's lock: all writes of one person happen one after another.
func lock(userID string) string { return "identity.people/" + userID }

// tell appends events of a person to the outbox. The person's lock must be held.
func tell(ctx context.Context, tx postgres.Tx, userID string, told ...events.Event) error {
	if len(told) == 0 {
		return nil
	}
	rows := make([]outbox.Event, len(told))
	for i, ev := range told {
		record, err := events.Encode(ev, source, telemetry.Traceparent(ctx))
		if err != nil {
			return err
		}
		rows[i] = outbox.Event{Topics: record.Topics, Key: record.Key, Value: record.Value}
		for _, h := range record.Headers {
			rows[i].Headers = append(rows[i].Headers, outbox.Header{Key: h.Key, Value: h.Value})
		}
	}
	return outbox.Append(ctx, tx, userID, rows...)
}

// known runs f for the person whom a look-up of the first migration finds for a secret, seeing
// that person's rows alone. It returns missing if the secret is nobody's.
func known(ctx context.Context, db *sqlx.DB, lookUp string, secret any, missing error, f func(tx postgres.Tx, userID string) error) error {
	return postgres.ReadAs(ctx, db, "", func(tx postgres.Tx) error {
		var userID string
		if err := tx.GetContext(ctx, &userID, `
			SELECT set_config('app.user_id', coalesce(`+lookUp+`($1), ''), true)`, secret); err != nil {
			return fmt.Errorf("look up a person: %w", err)
		}
		if userID == "" {
			return missing
		}
		return f(tx, userID)
	})
}
