package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// held is a transaction that holds a person's lock, and of which many writes are part.
type held struct {
	tx    postgres.Tx
	who   *person
	notes map[string]noted // under the keys that the writes have
	made  []noted          // what they left, still to be kept
	until time.Time        // how long that is kept
}

// ahead is what many writes of one transaction need to know, read at once before the first, and
// what they tell, appended at once after the last. Its zero value is of a single write.
type ahead struct {
	tasks map[uuid.UUID]*task.Task // as they are; nil of one that is not there
	many  bool
	out   []outbox.Event // of many, what they tell
}

// Together runs f with a store whose writes for the author are one transaction: they have their
// effect together or not at all. What f will look up is read before it, and what it tells and
// keeps is written after it, since each round trip holds the person's lock longer.
func (s *Tasks) Together(ctx context.Context, author task.Author, looks task.Lookups, f func(task.Store) error) error {
	err := s.enter(ctx, &author, func(tx postgres.Tx, who *person) (err error) {
		h := &held{tx: tx, who: who}
		if h.notes, err = notes(ctx, tx, author.UserID, looks.Keys); err != nil {
			return err
		}
		if err := who.look(ctx, tx, author.UserID, looks.IDs); err != nil {
			return err
		}
		if err := f(&Tasks{DB: s.DB, held: h}); err != nil {
			return err
		}
		if err := who.tell(ctx, tx, author.UserID); err != nil {
			return err
		}
		return byParts(h.made, func(part []noted) error { return remember(ctx, tx, author.UserID, h.until, part...) })
	})
	if err == nil && s.Committed != nil {
		s.Committed()
	}
	return err
}

// locked runs f under the author's lock: in a transaction of its own, or in the one that is held.
func (s *Tasks) locked(ctx context.Context, author *task.Author, f func(postgres.Tx, *person) error) error {
	if s.held != nil {
		return admitted(s.held.tx, s.held.who, author, f)
	}
	return s.enter(ctx, author, f)
}

// enter runs f in a transaction behind the author's lock.
func (s *Tasks) enter(ctx context.Context, author *task.Author, f func(postgres.Tx, *person) error) error {
	var who person
	return postgres.LockedRow(ctx, s.DB, author.UserID, lockOf(author.UserID), whoIs, &who, func(tx postgres.Tx) error {
		return admitted(tx, &who, author, f)
	})
}

// read runs f in a transaction of queries alone.
func (s *Tasks) read(ctx context.Context, author *task.Author, f func(postgres.Tx, *person) error) error {
	var who person
	return postgres.ReadRowAs(ctx, s.DB, author.UserID, whoIs, &who, func(tx postgres.Tx) error {
		return admitted(tx, &who, author, f)
	})
}

// admitted runs f for an author who is known and let in.
func admitted(tx postgres.Tx, who *person, author *task.Author, f func(postgres.Tx, *person) error) error {
	if err := who.admit(author); err != nil {
		return err
	}
	return f(tx, who)
}

// replayed is replay, or what is known already in a transaction that is held.
func (s *Tasks) replayed(ctx context.Context, tx postgres.Tx, userID string, once task.Once) (task.Result, error) {
	if s.held == nil {
		return replay(ctx, tx, userID, once)
	}
	if n, known := s.held.notes[once.Key]; known {
		return n.read(ctx, tx, userID, once)
	}
	return task.Result{}, nil
}

// remember keeps a result under its key, with others where a transaction is held.
func (s *Tasks) remember(ctx context.Context, tx postgres.Tx, userID string, once task.Once, result task.Result) error {
	n, err := note(once, result)
	if err != nil {
		return err
	}
	until := time.Now().Add(once.Window)
	if s.held == nil {
		return remember(ctx, tx, userID, until, n)
	}
	s.held.notes[once.Key], s.held.made, s.held.until = n, append(s.held.made, n), until
	return nil
}

// notes reads what lies under keys.
func notes(ctx context.Context, tx postgres.Tx, userID string, keys []string) (map[string]noted, error) {
	var rows []noted
	if err := tx.SelectContext(ctx, &rows, `
		SELECT key, print, result FROM idempotency_keys WHERE user_id = $1 AND key = ANY($2) AND expires_at > now()`,
		userID, pq.Array(keys)); err != nil {
		return nil, fmt.Errorf("look for keys: %w", err)
	}
	found := map[string]noted{}
	for _, n := range rows {
		found[n.Key] = n
	}
	return found, nil
}

// look reads the tasks that many writes will be about. From then on what they tell waits for tell.
func (p *person) look(ctx context.Context, tx postgres.Tx, userID string, ids []uuid.UUID) error {
	found, err := there(ctx, tx, userID, task.Batch{IDs: ids})
	if err != nil {
		return err
	}
	p.many, p.tasks = true, map[uuid.UUID]*task.Task{}
	for _, id := range ids {
		p.tasks[id] = nil
	}
	for i := range found {
		p.tasks[found[i].ID] = &found[i]
	}
	return nil
}

// find returns a task of the person, as it is after the writes so far.
func (p *person) find(ctx context.Context, tx postgres.Tx, userID string, id uuid.UUID) (task.Task, error) {
	t, known := p.tasks[id]
	switch {
	case !known:
		return find(ctx, tx, userID, id)
	case t == nil:
		return task.Task{}, task.ErrNotFound
	}
	return *t, nil
}

// saved writes a change, and tells it: with it, or of many writes in the end.
func (p *person) saved(ctx context.Context, tx postgres.Tx, t task.Task, args []any, out []outbox.Event) error {
	with := "WITH "
	if !p.many {
		insert, more, err := outbox.Insert(t.UserID, len(args), out...)
		if err != nil {
			return err
		}
		with, args = "WITH told AS ("+insert+"),", append(args, more...)
	}
	if _, err := tx.ExecContext(ctx, with+saveTask, args...); err != nil {
		return err
	}
	if p.many {
		p.tasks[t.ID], p.out = &t, append(p.out, out...)
	}
	return nil
}

// tell appends what many writes tell.
func (p *person) tell(ctx context.Context, tx postgres.Tx, userID string) error {
	return byParts(p.out, func(part []outbox.Event) error { return outbox.Append(ctx, tx, userID, part...) })
}

// byParts calls f with all of a list, in parts whose lengths are powers of two: a statement has a
// row for each, its text is kept prepared on its connection, and there is room for few.
func byParts[T any](list []T, f func([]T) error) error {
	for n := 64; n > 0; n /= 2 {
		for ; len(list) >= n; list = list[n:] {
			if err := f(list[:n]); err != nil {
				return err
			}
		}
	}
	return nil
}
