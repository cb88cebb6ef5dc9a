package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// Begin implements conversation.Turns. It is one transaction: what is refused leaves no trace.
func (s *Store) Begin(ctx context.Context, ask conversation.Ask, now time.Time) (b conversation.Begun, err error) {
	err = postgres.As(ctx, s.DB, ask.UserID, func(tx postgres.Tx) error {
		zone, locale, err := s.admit(ctx, tx, ask.UserID, now)
		if err != nil {
			return err
		}
		if b, err = s.again(ctx, tx, ask, now); err != nil || b.Replayed {
			return err
		}
		b.Zone, b.Locale = zone, locale
		if err := s.open(ctx, tx, ask, &b, now); err != nil {
			return err
		}
		return s.write(ctx, tx, ask, &b, now)
	})
	return b, err
}

// again finds the turn that a request with the same key began.
func (s *Store) again(ctx context.Context, tx postgres.Tx, ask conversation.Ask, now time.Time) (b conversation.Begun, err error) {
	if ask.Once == "" {
		return b, nil
	}
	var was struct {
		ID           uuid.UUID `db:"id"`
		Conversation uuid.UUID `db:"conversation_id"`
		CreatedAt    time.Time `db:"created_at"`
		Print        []byte    `db:"print"`
		N            int       `db:"n"`
	}
	err = tx.GetContext(ctx, &was, `
		SELECT id, conversation_id, created_at, print, n FROM messages WHERE user_id = $1 AND once = $2`, ask.UserID, ask.Once)
	if errors.Is(err, sql.ErrNoRows) {
		return b, nil
	} else if err != nil {
		return b, fmt.Errorf("look for the key: %w", err)
	}
	if was.CreatedAt.Before(now.Add(-ask.Window)) {
		_, err := tx.ExecContext(ctx, `UPDATE messages SET once = NULL, print = NULL WHERE id = $1`, was.ID)
		return b, err
	}
	if !bytes.Equal(was.Print, ask.Print) {
		return b, conversation.ErrOnce
	}
	b = conversation.Begun{Conversation: was.Conversation, Turn: was.ID, CreatedAt: was.CreatedAt.UTC(), Replayed: true}
	b.Asked, err = asked(ctx, tx, was.Conversation, was.N)
	return b, err
}

// asked is the person's message that the answer at n is to.
func asked(ctx context.Context, tx postgres.Tx, id uuid.UUID, n int) (conversation.Entry, error) {
	var r entry
	if err := tx.GetContext(ctx, &r, `
		SELECT id, role, parts, '' AS request_id, created_at FROM messages
		WHERE conversation_id = $1 AND n < $2 AND role = 'user' ORDER BY n DESC LIMIT 1`, id, n); err != nil {
		return conversation.Entry{}, fmt.Errorf("read what was asked: %w", err)
	}
	return r.read()
}

// admit takes one turn off what the person may begin. The row's lock makes their beginnings go
// one after another, also when none has been there.
func (s *Store) admit(ctx context.Context, tx postgres.Tx, userID string, now time.Time) (zone, locale string, err error) {
	var p struct {
		Zone   string  `db:"time_zone"`
		Locale string  `db:"locale"`
		Gone   bool    `db:"gone"`
		Left   float64 `db:"allowance"`
	}
	if err := tx.GetContext(ctx, &p, `
		INSERT INTO people AS p (user_id, allowance, allowance_at) VALUES ($1, $3::float8 - 1, $2)
		ON CONFLICT (user_id) DO UPDATE SET allowance_at = greatest(p.allowance_at, $2), allowance =
			least($3, coalesce(p.allowance, $3) + $4 * greatest(0, extract(epoch FROM $2 - p.allowance_at))) - 1
		RETURNING time_zone, locale, gone, allowance`, userID, now, s.Burst, s.Rate); err != nil {
		return "", "", fmt.Errorf("look at the limit: %w", err)
	}
	if p.Gone {
		return "", "", conversation.ErrGone
	}
	if p.Left < 0 {
		wait := time.Duration(-p.Left / s.Rate * float64(time.Second))
		return "", "", &fault.Error{Kind: fault.RateLimited, Message: "too many messages at once", RetryAfter: wait}
	}
	return p.Zone, p.Locale, nil
}

// open takes the lease of the conversation, or makes a new one.
func (s *Store) open(ctx context.Context, tx postgres.Tx, ask conversation.Ask, b *conversation.Begun, now time.Time) error {
	b.Conversation, b.Turn, b.CreatedAt = ask.Conversation, uuid.Must(uuid.NewV7()), now
	if ask.Conversation == uuid.Nil {
		if ask.Again {
			return conversation.ErrNothing
		}
		b.Conversation = uuid.Must(uuid.NewV7())
		_, err := tx.ExecContext(ctx, `
			INSERT INTO conversations (id, user_id, title, created_at, updated_at, turn_id, turn_until)
			VALUES ($1, $2, $3, $4, $4, $5, now() + $6 * interval '1 second')`,
			b.Conversation, ask.UserID, conversation.TitleOf(ask.Message), now, b.Turn, s.Lease.Seconds())
		if err != nil {
			return fmt.Errorf("make a conversation: %w", err)
		}
		return nil
	}
	kept, err := s.lease(ctx, tx, ask.UserID, ask.Conversation)
	if err != nil {
		return err
	}
	if kept.Turn.Valid {
		return conversation.ErrBusy
	}
	b.Memory = kept.Memory
	if kept.Pending != nil {
		if err := json.Unmarshal(kept.Pending, &b.Pending); err != nil {
			return fmt.Errorf("read what is pending: %w", err)
		}
	}
	// What was pending is this turn's now: if it dies, nobody makes those calls again.
	if _, err := tx.ExecContext(ctx, `
		UPDATE conversations SET turn_id = $2, turn_until = now() + $3 * interval '1 second', turn_stop = false, pending = NULL, updated_at = $4
		WHERE id = $1`, b.Conversation, b.Turn, s.Lease.Seconds(), now); err != nil {
		return fmt.Errorf("take the lease: %w", err)
	}
	return nil
}

// write adds what the person said, and an empty answer.
func (s *Store) write(ctx context.Context, tx postgres.Tx, ask conversation.Ask, b *conversation.Begun, now time.Time) (err error) {
	var said any // nil where the last message is answered again
	if ask.Again {
		if err := s.replace(ctx, tx, b); err != nil {
			return err
		}
	} else {
		if b.History, err = entries(ctx, tx, b.Conversation, conversation.Memory); err != nil {
			return err
		}
		b.Asked = conversation.Entry{ID: uuid.Must(uuid.NewV7()), Role: conversation.User, Parts: []conversation.Part{conversation.Words(ask.Message)}, CreatedAt: now}
		if said, err = print(b.Asked.Parts); err != nil {
			return err
		}
	}
	var once *string
	if ask.Once != "" {
		once = &ask.Once
	}
	if _, err := tx.ExecContext(ctx, `
		WITH last AS (SELECT coalesce(max(n), 0) AS n FROM messages WHERE conversation_id = $1)
		INSERT INTO messages (conversation_id, user_id, created_at, id, n, role, parts, status, request_id, memory_before, once, print)
		SELECT $1::uuid, $2, $3::timestamptz, $4::uuid, n + 1, 'user', $5::json, 'done', NULL, NULL::json, NULL, NULL::bytea FROM last WHERE $5 IS NOT NULL
		UNION ALL
		SELECT $1, $2, $3, $6, n + 2, 'assistant', '[]', 'running', $7, $8, $9, $10 FROM last`,
		b.Conversation, ask.UserID, now, b.Asked.ID, said, b.Turn, ask.Request, nullable(b.Memory), once, ask.Print); err != nil {
		return fmt.Errorf("keep what was said, and open the answer: %w", err)
	}
	return nil
}

func nullable(text json.RawMessage) any {
	if len(text) == 0 {
		return nil
	}
	return []byte(text)
}

// replace takes the last answer out of sight, goes back to what the planner kept before it, and
// tells what it had done, so that it is not done again.
func (s *Store) replace(ctx context.Context, tx postgres.Tx, b *conversation.Begun) error {
	last, err := entries(ctx, tx, b.Conversation, conversation.Memory+2)
	if err != nil {
		return err
	}
	for n := len(last); n > 0 && last[n-1].Role == conversation.Assistant; n = len(last) {
		old := last[n-1]
		var memory []byte
		if err := tx.GetContext(ctx, &memory, `
			UPDATE messages SET replaced = true WHERE id = $1 RETURNING memory_before`, old.ID); err != nil {
			return fmt.Errorf("replace the answer: %w", err)
		}
		b.Memory, last = memory, last[:n-1]
	}
	if len(last) == 0 {
		return conversation.ErrNothing
	}
	b.Asked, b.History = last[len(last)-1], last[:len(last)-1]
	b.History = b.History[max(0, len(b.History)-conversation.Memory):]
	b.Before, err = s.done(ctx, tx, b)
	return err
}

// done is what all answers to the same message had done that were replaced.
func (s *Store) done(ctx context.Context, tx postgres.Tx, b *conversation.Begun) (done []conversation.Result, err error) {
	var rows [][]byte
	if err := tx.SelectContext(ctx, &rows, `
		SELECT parts FROM messages WHERE conversation_id = $1 AND replaced AND n > (SELECT n FROM messages WHERE id = $2) ORDER BY n`,
		b.Conversation, b.Asked.ID); err != nil {
		return nil, fmt.Errorf("read earlier answers: %w", err)
	}
	for _, text := range rows {
		parts, err := parse(text)
		if err != nil {
			return nil, err
		}
		done = append(done, conversation.ResultsOf(parts)...)
	}
	return done, nil
}
