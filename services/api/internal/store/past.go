package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// past is a change that was made, but for the task as it is now.
type past struct {
	task.Past
	taskID uuid.UUID
	seq    int64
}

// pastsOf reads changes and what was before them, in the order of their ids, and has their tasks
// looked up.
func pastsOf(ctx context.Context, tx postgres.Tx, who *person, userID string, ids []uuid.UUID) ([]past, error) {
	var made []struct {
		EventID uuid.UUID `db:"event_id"`
		TaskID  uuid.UUID `db:"task_id"`
		Version int64
		Seq     int64
	}
	var were []struct {
		EventID uuid.UUID `db:"event_id"`
		row
	}
	if err := tx.SelectContext(ctx, &made, `
		SELECT event_id, task_id, version, seq FROM task_changes WHERE user_id = $1 AND event_id = ANY($2::uuid[])`, userID, pq.Array(texts(ids))); err != nil {
		return nil, fmt.Errorf("load changes: %w", err)
	}
	if err := tx.SelectContext(ctx, &were, `
		SELECT c.event_id, `+columns+` FROM task_changes c, jsonb_populate_record(NULL::tasks, c.before) t
		WHERE c.user_id = $1 AND c.event_id = ANY($2::uuid[]) AND c.before IS NOT NULL`, userID, pq.Array(texts(ids))); err != nil {
		return nil, fmt.Errorf("load changes: %w", err)
	}
	byID := map[uuid.UUID]*past{}
	var about []uuid.UUID
	for _, m := range made {
		byID[m.EventID] = &past{Past: task.Past{EventID: m.EventID, Version: m.Version}, taskID: m.TaskID, seq: m.Seq}
		about = append(about, m.TaskID)
	}
	for _, w := range were {
		before, err := w.task()
		if err != nil {
			return nil, err
		}
		byID[w.EventID].Before = &before
	}
	pasts := make([]past, len(ids))
	for i, id := range ids {
		pasts[i] = *byID[id]
	}
	return pasts, who.look(ctx, tx, userID, about)
}

// followed are a person's changes after one of them.
type followed struct {
	of    map[uuid.UUID][]following // by task
	seqOf map[uuid.UUID]int64       // by event
}

type following struct {
	EventID uuid.UUID  `db:"event_id"`
	TaskID  uuid.UUID  `db:"task_id"`
	Undoes  *uuid.UUID `db:"undoes"`
	Seq     int64
	Version int64
	Undone  bool
}

// followedBy reads the changes after a point in the person's sequence, a range of the primary key.
// Those of taken are taken as undone.
func followedBy(ctx context.Context, tx postgres.Tx, userID string, seq int64, taken ...uuid.UUID) (*followed, error) {
	var rows []following
	if err := tx.SelectContext(ctx, &rows, `
		SELECT event_id, task_id, undoes, seq, version, undone OR event_id = ANY($3::uuid[]) AS undone
		FROM task_changes WHERE user_id = $1 AND seq > $2`, userID, seq, pq.Array(texts(taken))); err != nil {
		return nil, fmt.Errorf("read later changes: %w", err)
	}
	f := &followed{of: map[uuid.UUID][]following{}, seqOf: map[uuid.UUID]int64{}}
	for _, c := range rows {
		f.of[c.TaskID], f.seqOf[c.EventID] = append(f.of[c.TaskID], c), c.Seq
	}
	return f, nil
}

// leaves reports whether a task is again as a change left it, since all that came later was taken
// back: what is in force of it takes back what came after the change. A reminder's end changes no
// version, and counts for nothing.
func (f *followed) leaves(taskID uuid.UUID, version, seq int64) bool {
	for _, c := range f.of[taskID] {
		if c.Seq <= seq || c.Version <= version || c.Undone {
			continue
		}
		if c.Undoes == nil || f.seqOf[*c.Undoes] <= seq { // 0 of one that is not among them
			return false
		}
	}
	return true
}

// overtaken fails if a task of the request's changes was changed since.
func (u *undoing) overtaken(ctx context.Context, tx postgres.Tx, userID string) error {
	var later []struct {
		TaskID  uuid.UUID `db:"task_id"`
		Version int64
		Seq     int64
	}
	if err := tx.SelectContext(ctx, &later, `
		SELECT c.task_id, c.version, c.seq FROM (
			SELECT DISTINCT ON (task_id) task_id, version, seq FROM task_changes
			WHERE user_id = $1 AND request_id = $2 AND NOT undone AND ($3::uuid IS NULL OR undoes IS NULL AND batch = $3)
			ORDER BY task_id, seq DESC
		) c JOIN tasks t ON t.user_id = $1 AND t.id = c.task_id WHERE t.version <> c.version ORDER BY c.seq`,
		userID, u.which.RequestID, known(u.batch)); err != nil {
		return fmt.Errorf("look for later changes: %w", err)
	}
	if len(later) == 0 {
		return nil
	}
	since, err := followedBy(ctx, tx, userID, later[0].Seq)
	if err != nil {
		return err
	}
	for _, l := range later {
		if !since.leaves(l.TaskID, l.Version, l.Seq) {
			return task.ErrOvertaken
		}
	}
	return nil
}
