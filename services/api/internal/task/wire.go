package task

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
)

// Message is the task as others may know it. zone is the person's.
func (t *Task) Message(zone *time.Location) *taskv1.Task {
	m := &taskv1.Task{
		Id: t.ID.String(), UserId: t.UserID, Title: t.Title, Description: t.Description,
		Completed: t.Completed(), CompletedAt: instant(t.CompletedAt), Priority: t.Priority.String(),
		Tags: t.Tags, DueAt: instant(t.DueAt), Version: t.Version,
		CreatedAt: timestamppb.New(t.CreatedAt), UpdatedAt: timestamppb.New(t.UpdatedAt), DeletedAt: instant(t.DeletedAt),
	}
	if !t.Due.None() {
		text := t.Due.Text(t.zone(zone))
		m.DueDate = &text
	}
	if t.TimeZone != "" {
		m.TimeZone = &t.TimeZone
	}
	return m
}

func instant(at *time.Time) *timestamppb.Timestamp {
	if at == nil {
		return nil
	}
	return timestamppb.New(*at)
}

// Differences names the fields of the wire in which the change differs from what was.
func (c *Change) Differences() []string {
	if c.Before == nil {
		return nil
	}
	return differences(c.Before, &c.After)
}

func differences(a, b *Task) (fields []string) {
	differ := func(name string, same bool) {
		if !same {
			fields = append(fields, name)
		}
	}
	differ("title", a.Title == b.Title)
	differ("description", a.Description == b.Description)
	differ("completed", a.Completed() == b.Completed())
	differ("completed_at", same(a.CompletedAt, b.CompletedAt))
	differ("priority", a.Priority == b.Priority)
	differ("tags", slices.Equal(a.Tags, b.Tags))
	differ("due_date", a.Due == b.Due)
	differ("due_at", same(a.DueAt, b.DueAt))
	differ("time_zone", a.TimeZone == b.TimeZone)
	differ("deleted_at", same(a.DeletedAt, b.DeletedAt))
	return fields
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
