package store

import (
	"context"
	"fmt"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

var errToken = fault.Fields(fault.Field{Name: "sync_token", Code: "unknown", Detail: "was not given out for these tasks"})

// Since returns the tasks that were changed after a point in the person's sequence, each
// once, in the order of its last change. A task that changes while somebody reads on moves
// behind them and is met again: the order can never pass one over.
func (s *Tasks) Since(ctx context.Context, author task.Author, token *task.Token, limit int) (delta task.Delta, err error) {
	err = s.read(ctx, &author, func(tx postgres.Tx, who *person) error {
		delta = task.Delta{Full: token == nil, Zone: author.Zone, Token: task.Token{Seq: who.Seq}}
		from, within := int64(0), token == nil // a full answer
		switch {
		case token == nil:
		case token.Seq > who.Seq || token.Forgotten > who.Forgotten:
			return errToken
		case token.Forgotten == who.Forgotten && token.Forgotten > 0:
			from, within = token.Seq, true
		case token.Seq < who.Forgotten: // what is gone for ever since cannot be told
			delta.Full, within = true, true
		default:
			from = token.Seq
		}
		var rows []row
		if err := tx.SelectContext(ctx, &rows, `
			SELECT `+columns+` FROM tasks t
			WHERE t.user_id = $1 AND t.seq > $2 AND (NOT $3 OR t.deleted_at IS NULL)
			ORDER BY t.seq LIMIT $4`, author.UserID, from, delta.Full, limit+1); err != nil {
			return fmt.Errorf("read changes: %w", err)
		}
		if delta.HasMore = len(rows) > limit; delta.HasMore {
			rows = rows[:limit]
			delta.Token.Seq = rows[limit-1].Seq
			if within && delta.Token.Seq < who.Forgotten {
				delta.Token.Forgotten = who.Forgotten
			}
		}
		delta.Tasks, err = tasks(rows)
		return err
	})
	return delta, err
}

// Tags counts the person's tags.
func (s *Tasks) Tags(ctx context.Context, author task.Author) (counts []task.TagCount, err error) {
	err = postgres.ReadAs(ctx, s.DB, author.UserID, func(tx postgres.Tx) error {
		counts, err = tags(ctx, tx, author.UserID)
		return err
	})
	return counts, err
}

// tags counts tags by name. Of several spellings the most common is shown.
func tags(ctx context.Context, tx postgres.Tx, userID string) (counts []task.TagCount, err error) {
	if err := tx.SelectContext(ctx, &counts, `
		SELECT mode() WITHIN GROUP (ORDER BY tag) AS tag, count(*) FILTER (WHERE t.completed_at IS NULL) AS open, count(*) AS total
		FROM tasks t, unnest(t.tags) tag
		WHERE t.user_id = $1 AND t.deleted_at IS NULL
		GROUP BY lower(tag) ORDER BY lower(tag) COLLATE "C"`, userID); err != nil {
		return nil, fmt.Errorf("count tags: %w", err)
	}
	return counts, nil
}
