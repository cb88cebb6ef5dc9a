// Package store keeps notices, deliveries and what people prefer in PostgreSQL.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/seal"
	events "github.com/tickler-app/tickler/proto-events"
	noticev1 "github.com/tickler-app/tickler/proto-events/gen/notice/v1"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

//go:embed migrations
var files embed.FS

// Migrations are this service's tables.
func Migrations() postgres.Set {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return postgres.Set{Name: "notification", Files: sub}
}

// source is what events name as their origin (CloudEvents, source).
const source = "/tickler/notification"

// Work implements notice.Store and notice.Tray. DB connects as notification_work: events are
// about everybody.
type Work struct {
	DB   *sqlx.DB
	Seal *seal.Keys
	Hints
}

// Hints are called after a commit. They may be nil.
type Hints struct {
	Told func()                       // there are events to send; see outbox.Relay.Hint
	Owed func(channel notice.Channel) // there is a delivery to send
}

func (h Hints) after(effects notice.Effects) {
	if h.Told != nil && len(effects.Events) > 0 {
		h.Told()
	}
	for _, d := range effects.Deliveries {
		if h.Owed != nil && d.Status == notice.Pending && !d.Held {
			h.Owed(d.Channel)
		}
	}
}

var (
	_ notice.Store = (*Work)(nil)
	_ notice.Tray  = (*Work)(nil)
)

// lockOf names the advisory lock that every write of a person takes first.
func lockOf(userID string) string { return "notification.people/" + userID }

// Change takes the person's lock, notes what happens once, reads, decides, writes, and appends
// the events, in one transaction.
func (w *Work) Change(ctx context.Context, about notice.About, decide func(*notice.Known) (notice.Effects, error)) error {
	var effects notice.Effects
	err := postgres.LockedTx(ctx, w.DB, lockOf(about.UserID), func(tx postgres.Tx) error {
		known, gone, err := w.know(ctx, tx, about)
		if err != nil || gone {
			return err
		}
		if about.Once != "" {
			noted, err := tx.ExecContext(ctx, `INSERT INTO inbox (key) VALUES ($1) ON CONFLICT DO NOTHING`, about.Once)
			if err != nil {
				return fmt.Errorf("note what happens once: %w", err)
			}
			if n, err := noted.RowsAffected(); err != nil || n == 0 {
				return err
			}
		}
		if effects, err = decide(known); err != nil {
			return err
		}
		return write(ctx, tx, about, effects)
	})
	if err == nil {
		w.after(effects)
	}
	return err
}

// know reads what a decision may go by.
func (w *Work) know(ctx context.Context, tx postgres.Tx, about notice.About) (known *notice.Known, gone bool, err error) {
	known = &notice.Known{}
	if known.Person, gone, err = w.person(ctx, tx, about.UserID); err != nil || gone {
		return nil, gone, err
	}
	if known.Preferences, err = preferences(ctx, tx, about.UserID); err != nil {
		return nil, false, err
	}
	if known.Hooks, err = w.hooks(ctx, tx, about.UserID); err != nil {
		return nil, false, err
	}
	if about.TaskID != "" {
		if known.Task, err = task(ctx, tx, about.UserID, about.TaskID); err != nil {
			return nil, false, err
		}
	}
	if about.Delivery != uuid.Nil {
		if known.Notice, known.Deliveries, err = concerning(ctx, tx, about.UserID, about.Delivery); err != nil {
			return nil, false, err
		}
	}
	return known, false, nil
}

// person reads what is known of somebody; nothing for who was not heard of yet.
func (w *Work) person(ctx context.Context, tx postgres.Tx, userID string) (p notice.Person, gone bool, err error) {
	var row struct {
		Email, Name, Locale string
		Zone                string `db:"time_zone"`
		Version             int64
		Unsubscribe         *string
		Gone                bool
	}
	err = tx.GetContext(ctx, &row, `SELECT email, name, locale, time_zone, version, unsubscribe, gone FROM people WHERE user_id = $1`, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return notice.Person{UserID: userID}, false, nil
	} else if err != nil {
		return p, false, fmt.Errorf("load person: %w", err)
	}
	p = notice.Person{UserID: userID, Email: row.Email, Name: row.Name, Locale: row.Locale, Zone: row.Zone, Version: row.Version}
	if row.Unsubscribe != nil {
		secret, err := w.Seal.Open(*row.Unsubscribe, "people/"+userID)
		if err != nil {
			return p, false, err
		}
		p.Unsubscribe = string(secret)
	}
	return p, row.Gone, nil
}

// preferences reads how a person wants to be told.
func preferences(ctx context.Context, tx postgres.Tx, userID string) (p notice.Preferences, err error) {
	var row struct {
		Channels []byte
		From     notice.Clock `db:"quiet_from"`
		To       notice.Clock `db:"quiet_to"`
		Quiet    bool
		Phone    string
		Stopped  bool `db:"mail_stopped"`
	}
	err = tx.GetContext(ctx, &row, `SELECT channels, quiet_from, quiet_to, quiet, phone, mail_stopped FROM preferences WHERE user_id = $1`, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return notice.Preferences{Quiet: notice.StandardQuiet}, nil
	} else if err != nil {
		return p, fmt.Errorf("load preferences: %w", err)
	}
	p = notice.Preferences{Quiet: notice.Quiet{From: row.From, To: row.To, Enabled: row.Quiet}, Phone: row.Phone, MailStopped: row.Stopped}
	if err := json.Unmarshal(row.Channels, &p.Chosen); err != nil {
		return p, fmt.Errorf("read preferences: %w", err)
	}
	return p, nil
}

// prefer writes how a person wants to be told.
func prefer(ctx context.Context, tx postgres.Tx, userID string, p notice.Preferences) error {
	channels, err := json.Marshal(p.Chosen)
	if err != nil {
		return fmt.Errorf("write preferences: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO preferences (user_id, channels, quiet_from, quiet_to, quiet, phone, mail_stopped) VALUES ($1, $2::jsonb, $3, $4, $5, $6, $7)
		ON CONFLICT (user_id) DO UPDATE SET channels = EXCLUDED.channels, quiet_from = EXCLUDED.quiet_from, quiet_to = EXCLUDED.quiet_to,
			quiet = EXCLUDED.quiet, phone = EXCLUDED.phone, mail_stopped = EXCLUDED.mail_stopped`,
		userID, string(channels), int(p.Quiet.From), int(p.Quiet.To), p.Quiet.Enabled, p.Phone, p.MailStopped); err != nil {
		return fmt.Errorf("save preferences: %w", err)
	}
	return nil
}

// write keeps what a decision changes.
func write(ctx context.Context, tx postgres.Tx, about notice.About, effects notice.Effects) error {
	var records []events.Record
	if effects.Task != nil {
		if err := saveTask(ctx, tx, about.UserID, effects.Task); err != nil {
			return err
		}
	}
	if effects.Notice != nil {
		if err := saveNotice(ctx, tx, effects.Notice); err != nil {
			return err
		}
	}
	if effects.Hook != nil {
		if err := saveHook(ctx, tx, effects.Hook); err != nil {
			return err
		}
	}
	for i := range effects.Deliveries {
		d := &effects.Deliveries[i]
		if err := saveDelivery(ctx, tx, d); err != nil {
			return err
		}
		if d.WakeAt.IsZero() {
			continue
		}
		rec, err := timer(d, about.Trace)
		if err != nil {
			return fmt.Errorf("put a delivery off: %w", err)
		}
		records = append(records, rec)
	}
	for _, ev := range effects.Events {
		rec, err := events.Encode(ev, source, about.Trace)
		if err != nil {
			return fmt.Errorf("tell: %w", err)
		}
		records = append(records, rec)
	}
	if records == nil {
		return nil
	}
	outgoing := make([]outbox.Event, len(records))
	for i, rec := range records {
		outgoing[i] = outbox.Event{Topics: rec.Topics, Key: rec.Key, Value: rec.Value}
		for _, h := range rec.Headers {
			outgoing[i].Headers = append(outgoing[i].Headers, outbox.Header(h))
		}
	}
	return outbox.Append(ctx, tx, about.UserID, outgoing...)
}

// timer is the command to wake a delivery.
func timer(d *notice.Delivery, trace string) (events.Record, error) {
	schedule, err := events.Timer{ID: d.ID.String(), Rev: d.Rev, Due: d.WakeAt}.Schedule(&noticev1.DeliveryDue{DeliveryId: d.ID.String(), UserId: d.UserID})
	if err != nil {
		return events.Record{}, err
	}
	return events.EncodeCommand(schedule, source, trace)
}
