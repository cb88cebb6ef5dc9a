package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// columns are those of row, of a table or a record named t.
const columns = `t.user_id, t.id, t.title, t.description, t.completed_at, t.priority, t.tags, t.due_wall, t.due_timed,
	t.due_at, t.time_zone, t.reminders, t.series, t.version, t.seq, t.created_at, t.updated_at, t.deleted_at`

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
	Reminders   []byte         `db:"reminders"`
	Series      []byte         `db:"series"`
	Version     int64          `db:"version"`
	Seq         int64          `db:"seq"`
	CreatedAt   time.Time      `db:"created_at"`
	UpdatedAt   time.Time      `db:"updated_at"`
	DeletedAt   *time.Time     `db:"deleted_at"`
}

// task reads a row; the error is about what lies in the database.
func (r row) task() (task.Task, error) {
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
	if err := json.Unmarshal(r.Reminders, &t.Reminders); err != nil {
		return task.Task{}, fmt.Errorf("reminders of task %s: %w", r.ID, err)
	}
	if r.Series != nil {
		if err := json.Unmarshal(r.Series, &t.Series); err != nil {
			return task.Task{}, fmt.Errorf("series of task %s: %w", r.ID, err)
		}
	}
	return t, nil
}

// tasks reads rows.
func tasks(rows []row) ([]task.Task, error) {
	read := make([]task.Task, len(rows))
	for i, r := range rows {
		var err error
		if read[i], err = r.task(); err != nil {
			return nil, err
		}
	}
	return read, nil
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	in := at.UTC()
	return &in
}
