package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// held is what a conversation keeps of its turns.
type held struct {
	Turn    uuid.NullUUID `db:"turn_id"` // that runs
	Over    bool          `db:"over"`    // its lease
	Memory  []byte        `db:"memory"`
	Pending []byte        `db:"pending"`
}

// lease locks a conversation and returns the turn that runs in it, if one does. One whose lease
// is over is settled first: its service has died, and its answer says so.
func (s *Store) lease(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (h held, err error) {
	if err := tx.GetContext(ctx, &h, `
		SELECT turn_id, coalesce(turn_until < now(), true) AS over, memory, pending
		FROM conversations WHERE user_id = $1 AND id = $2 FOR UPDATE`, userID, id); err != nil {
		return h, missing(err)
	}
	if !h.Turn.Valid || !h.Over {
		return h, nil
	}
	var text []byte
	if err := tx.GetContext(ctx, &text, `SELECT parts FROM messages WHERE id = $1`, h.Turn.UUID); err != nil {
		return h, fmt.Errorf("read an answer that was interrupted: %w", err)
	}
	parts, err := parse(text)
	if err != nil {
		return h, err
	}
	err = finish(ctx, tx, h.Turn.UUID, conversation.Interrupted(parts), conversation.Broken)
	h.Turn = uuid.NullUUID{}
	return h, err
}

// finish keeps an answer for good and gives the conversation back.
func finish(ctx context.Context, tx postgres.Tx, turn uuid.UUID, parts []conversation.Part, status conversation.Status) error {
	text, err := print(parts)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE messages SET parts = $2, status = $3 WHERE id = $1`, turn, text, string(status)); err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE conversations SET turn_id = NULL, turn_until = NULL, turn_stop = false WHERE turn_id = $1`, turn); err != nil {
		return fmt.Errorf("give the conversation back: %w", err)
	}
	return nil
}

// Beat implements conversation.Turns.
func (s *Store) Beat(ctx context.Context, userID string, turn uuid.UUID, parts []conversation.Part) (stop bool, err error) {
	var text any // nil leaves what is kept
	if parts != nil {
		if text, err = print(parts); err != nil {
			return false, err
		}
	}
	err = postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		err := tx.GetContext(ctx, &stop, `
			WITH held AS (
				UPDATE conversations SET turn_until = now() + $3 * interval '1 second'
				WHERE user_id = $1 AND turn_id = $2 RETURNING turn_stop
			), said AS (
				UPDATE messages SET parts = $4 WHERE id = $2 AND $4::json IS NOT NULL AND EXISTS (SELECT FROM held)
			) SELECT turn_stop FROM held`, userID, turn, s.Lease.Seconds(), text)
		return lost(err)
	})
	return stop, err
}

// lost makes no row conversation.ErrLost.
func lost(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return conversation.ErrLost
	}
	return err
}

// End implements conversation.Turns.
func (s *Store) End(ctx context.Context, userID string, turn uuid.UUID, end conversation.End) error {
	text, err := print(end.Parts)
	if err != nil {
		return err
	}
	var pending any
	if end.Pending != nil {
		if pending, err = json.Marshal(end.Pending); err != nil {
			return err
		}
	}
	return postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var id uuid.UUID
		if err := tx.GetContext(ctx, &id, `
			WITH held AS (
				UPDATE conversations SET memory = coalesce($3, memory), pending = $4, updated_at = $5, turn_id = NULL, turn_until = NULL, turn_stop = false
				WHERE user_id = $1 AND turn_id = $2 RETURNING id
			), said AS (
				UPDATE messages SET parts = $6, status = $7 WHERE id = $2 AND EXISTS (SELECT FROM held)
			) SELECT id FROM held`,
			userID, turn, nullable(end.Memory), pending, end.Now, text, string(end.Status)); err != nil {
			return lost(err)
		}
		if end.Decided == nil {
			return nil
		}
		return decided(ctx, tx, id, turn, *end.Decided)
	})
}

// decided notes in the answer before what the person has said to it.
func decided(ctx context.Context, tx postgres.Tx, id, turn uuid.UUID, yes bool) error {
	var rows []entry
	if err := tx.SelectContext(ctx, &rows, `
		SELECT id, role, parts, '' AS request_id, created_at FROM messages
		WHERE conversation_id = $1 AND role = 'assistant' AND id <> $2 AND NOT replaced ORDER BY n DESC LIMIT 1`, id, turn); err != nil {
		return fmt.Errorf("read what was asked: %w", err)
	}
	for _, r := range rows {
		e, err := r.read()
		if err != nil {
			return err
		}
		text, err := print(conversation.Decided(e.Parts, yes))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE messages SET parts = $2 WHERE id = $1`, e.ID, text); err != nil {
			return fmt.Errorf("note the decision: %w", err)
		}
	}
	return nil
}

// Stop implements conversation.Turns.
func (s *Store) Stop(ctx context.Context, userID string, id uuid.UUID) error {
	return postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		h, err := s.lease(ctx, tx, userID, id)
		if err != nil || !h.Turn.Valid {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE conversations SET turn_stop = true WHERE id = $1`, id)
		return err
	})
}

// Running implements conversation.Turns.
func (s *Store) Running(ctx context.Context, userID string, id uuid.UUID) (turn uuid.UUID, err error) {
	err = postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		h, err := s.lease(ctx, tx, userID, id)
		turn = h.Turn.UUID // Nil where there is none
		return err
	})
	return turn, err
}

// Peek implements conversation.Turns.
func (s *Store) Peek(ctx context.Context, userID string, turn uuid.UUID) (v conversation.View, err error) {
	err = postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var r struct {
			Conversation uuid.UUID `db:"conversation_id"`
			Parts        []byte    `db:"parts"`
			Status       string    `db:"status"`
		}
		const read = `SELECT conversation_id, parts, status FROM messages WHERE user_id = $1 AND id = $2`
		if err := tx.GetContext(ctx, &r, read, userID, turn); err != nil {
			return missing(err)
		}
		if r.Status == string(conversation.Running) {
			if _, err := s.lease(ctx, tx, userID, r.Conversation); err != nil {
				return err
			}
			if err := tx.GetContext(ctx, &r, read, userID, turn); err != nil {
				return missing(err)
			}
		}
		v.Status = conversation.Status(r.Status)
		v.Parts, err = parse(r.Parts)
		return err
	})
	return v, err
}
