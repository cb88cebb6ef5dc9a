package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// lease locks a conversation and returns the turn that runs in it, or Nil. One whose lease is
// over is settled first: its service has died, and its answer says so.
func (s *Store) lease(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (uuid.UUID, error) {
	var held struct {
		Turn uuid.NullUUID `db:"turn_id"`
		Over bool          `db:"over"`
	}
	if err := tx.GetContext(ctx, &held, `
		SELECT turn_id, coalesce(turn_until < now(), true) AS over FROM conversations WHERE user_id = $1 AND id = $2 FOR UPDATE`, userID, id); err != nil {
		return uuid.Nil, missing(err)
	}
	if !held.Turn.Valid {
		return uuid.Nil, nil
	}
	if !held.Over {
		return held.Turn.UUID, nil
	}
	var text []byte
	if err := tx.GetContext(ctx, &text, `SELECT parts FROM messages WHERE id = $1`, held.Turn.UUID); err != nil {
		return uuid.Nil, fmt.Errorf("read an answer that was interrupted: %w", err)
	}
	parts, err := parse(text)
	if err != nil {
		return uuid.Nil, err
	}
	return uuid.Nil, finish(ctx, tx, held.Turn.UUID, conversation.Interrupted(parts), conversation.Broken)
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
	err = postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		err := tx.GetContext(ctx, &stop, `
			UPDATE conversations SET turn_until = now() + $3 * interval '1 second'
			WHERE user_id = $1 AND turn_id = $2 RETURNING turn_stop`, userID, turn, s.Lease.Seconds())
		if errors.Is(missing(err), conversation.ErrNotFound) {
			return conversation.ErrLost
		}
		if err != nil || parts == nil {
			return err
		}
		text, err := print(parts)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE messages SET parts = $2 WHERE id = $1`, turn, text)
		return err
	})
	return stop, err
}

// End implements conversation.Turns.
func (s *Store) End(ctx context.Context, userID string, turn uuid.UUID, end conversation.End) error {
	return postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		var id uuid.UUID
		err := tx.GetContext(ctx, &id, `SELECT id FROM conversations WHERE user_id = $1 AND turn_id = $2 FOR UPDATE`, userID, turn)
		if errors.Is(missing(err), conversation.ErrNotFound) {
			return conversation.ErrLost
		} else if err != nil {
			return err
		}
		var pending any
		if end.Pending != nil {
			if pending, err = json.Marshal(end.Pending); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE conversations SET memory = coalesce($2, memory), pending = $3, updated_at = $4 WHERE id = $1`,
			id, nullable(end.Memory), pending, end.Now); err != nil {
			return fmt.Errorf("keep what the planner knows: %w", err)
		}
		if end.Decided != nil {
			if err := decided(ctx, tx, id, turn, *end.Decided); err != nil {
				return err
			}
		}
		return finish(ctx, tx, turn, end.Parts, end.Status)
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
		running, err := s.lease(ctx, tx, userID, id)
		if err != nil || running == uuid.Nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE conversations SET turn_stop = true WHERE id = $1`, id)
		return err
	})
}

// Running implements conversation.Turns.
func (s *Store) Running(ctx context.Context, userID string, id uuid.UUID) (turn uuid.UUID, err error) {
	err = postgres.As(ctx, s.DB, userID, func(tx postgres.Tx) error {
		turn, err = s.lease(ctx, tx, userID, id)
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
