// Package store keeps conversations, their messages, and the turn that runs in each, in
// PostgreSQL.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

//go:embed migrations
var files embed.FS

// Migrations are this service's tables.
func Migrations() postgres.Set {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return postgres.Set{Name: "chat", Files: sub}
}

// Store implements conversation.Shelf and conversation.Turns. DB connects as chat_app: each
// call is about one person.
type Store struct {
	DB    *sqlx.DB
	Rate  float64       // turns a second that a person may begin, in the long run
	Burst float64       // and at once
	Lease time.Duration // that a turn has without a beat
}

var (
	_ conversation.Shelf = (*Store)(nil)
	_ conversation.Turns = (*Store)(nil)
)

// shown is what a list shows of a conversation.
const shown = `id, title, created_at, updated_at`

type row struct {
	ID        uuid.UUID `db:"id"`
	Title     string    `db:"title"`
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

func (r row) conversation() conversation.Conversation {
	return conversation.Conversation{ID: r.ID, Title: r.Title, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()}
}

// List implements conversation.Shelf.
func (s *Store) List(ctx context.Context, userID string, after uuid.UUID, limit int) (all []conversation.Conversation, err error) {
	if after == uuid.Nil {
		after = uuid.Max
	}
	err = postgres.ReadAs(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var rows []row
		if err := tx.SelectContext(ctx, &rows, `
			SELECT `+shown+` FROM conversations WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, userID, after, limit); err != nil {
			return fmt.Errorf("list conversations: %w", err)
		}
		for _, r := range rows {
			all = append(all, r.conversation())
		}
		return nil
	})
	return all, err
}

// mostEntries is how many messages of a conversation are shown: the last ones.
const mostEntries = 500

// Find implements conversation.Shelf.
func (s *Store) Find(ctx context.Context, userID string, id uuid.UUID) (found conversation.Conversation, err error) {
	err = postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		if _, err := s.lease(ctx, tx, userID, id); err != nil {
			return err
		}
		var r row
		if err := tx.GetContext(ctx, &r, `SELECT `+shown+` FROM conversations WHERE user_id = $1 AND id = $2`, userID, id); err != nil {
			return missing(err)
		}
		found = r.conversation()
		found.Entries, err = entries(ctx, tx, id, mostEntries)
		return err
	})
	return found, err
}

// Rename implements conversation.Shelf.
func (s *Store) Rename(ctx context.Context, userID string, id uuid.UUID, title string, now time.Time) (conversation.Conversation, error) {
	var r row
	err := postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		return missing(tx.GetContext(ctx, &r, `
			UPDATE conversations SET title = $3, updated_at = $4 WHERE user_id = $1 AND id = $2 RETURNING `+shown, userID, id, title, now))
	})
	return r.conversation(), err
}

// Remove implements conversation.Shelf. A turn that runs in it loses its lease.
func (s *Store) Remove(ctx context.Context, userID string, id uuid.UUID) error {
	return postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM conversations WHERE user_id = $1 AND id = $2`, userID, id)
		if err != nil {
			return fmt.Errorf("remove conversation: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(conversation.ErrNotFound, err)
		}
		return nil
	})
}

// missing makes no row conversation.ErrNotFound.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return conversation.ErrNotFound
	}
	return err
}

// entry is a row of messages.
type entry struct {
	ID        uuid.UUID `db:"id"`
	Role      string    `db:"role"`
	Parts     []byte    `db:"parts"`
	Request   string    `db:"request_id"`
	CreatedAt time.Time `db:"created_at"`
}

func (e entry) read() (conversation.Entry, error) {
	parts, err := parse(e.Parts)
	return conversation.Entry{ID: e.ID, Role: e.Role, Parts: parts, Request: e.Request, CreatedAt: e.CreatedAt.UTC()}, err
}

// entries are the last messages that nobody writes any more, oldest first.
func entries(ctx context.Context, tx postgres.Tx, id uuid.UUID, most int) (all []conversation.Entry, err error) {
	var rows []entry
	if err := tx.SelectContext(ctx, &rows, `
		SELECT id, role, parts, coalesce(request_id, '') AS request_id, created_at FROM (
			SELECT * FROM messages WHERE conversation_id = $1 AND NOT replaced AND status <> 'running' ORDER BY n DESC LIMIT $2
		) AS latest ORDER BY n`, id, most); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	for _, r := range rows {
		e, err := r.read()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func parse(text []byte) (parts []conversation.Part, err error) {
	if err = json.Unmarshal(text, &parts); err != nil {
		return nil, fmt.Errorf("read the parts of a message: %w", err)
	}
	return parts, nil
}

func print(parts []conversation.Part) ([]byte, error) {
	if parts == nil {
		parts = []conversation.Part{}
	}
	return json.Marshal(parts)
}
