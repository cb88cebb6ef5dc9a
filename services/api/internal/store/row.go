package store

import (
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// columns are those of row, of a table or a record named t.
const columns = `t.user_id, t.id, t.title, t.description, t.completed_at, t.priority, t.tags, t.due_wall, t.due_timed,
	t.due_at, t.time_zone, t.version, t.seq, t.created_at, t.updated_at, t.deleted_at`

// row is a task as it lies in its table.
type row struct {
	UserID      string         `db:"user_id"`
	ID          uuid.UUID      `db:"id"`
	Title       string         `db:"title"`
	Description string         `db:"description"`
	CompletedAt *time.Time     `db:"completed_at"`
	Priority    int            `db:"priority"`
	Tags        pq.StringArray `db:"tags"`
	DueWall     *time.Time     `db:"due_wall"`
	DueTimed    bool           `db:"due_timed"`
	DueAt       *time.Time     `db:"due_at"`
	TimeZone    string         `db:"time_zone"`
	Version     int64          `db:"version"`
	Seq         int64          `db:"seq"`
	CreatedAt   time.Time      `db:"created_at"`
	UpdatedAt   time.Time      `db:"updated_at"`
	DeletedAt   *time.Time     `db:"deleted_at"`
}

func (r row) task() task.Task {
	t := task.Task{
		ID: r.ID, UserID: r.UserID, Title: r.Title, Description: r.Description, CompletedAt: utc(r.CompletedAt),
		Priority: task.Priority(r.Priority), Tags: append([]string{}, r.Tags...), TimeZone: r.TimeZone, DueAt: utc(r.DueAt),
		Version: r.Version, Seq: r.Seq, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), DeletedAt: utc(r.DeletedAt),
	}
	if r.DueWall != nil {
		t.Due.Wall = recurrence.CivilOf(*r.DueWall)
		if !r.DueTimed {
			t.Due.Wall = t.Due.Wall.Date()
		}
	}
	return t
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	in := at.UTC()
	return &in
}
