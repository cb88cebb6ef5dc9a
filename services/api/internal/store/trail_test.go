package store_test

import (
	"fmt"
	"testing"

	"github.com/lib/pq"
	"google.golang.org/protobuf/proto"

	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// image is what is compared of a task before a change.
type image struct {
	Event, Task, Title, Description string
	Version, Priority               int64
	Completed, Deleted              bool
	Tags                            string
}

// What undo would bring back is what the trail says was there, and what the trail says was there is
// what the event before it left.
func TestBeforeImagesAndTheTrailSayTheSame(t *testing.T) {
	b := setup(t)
	tag := func(p *task.Patch) { p.Tags = &[]string{"home", "Büro"} }
	first, second := b.add("ada", "first", tag), b.add("ada", "second", due("2030-12-31T09:00", "Europe/Berlin"), tag)
	title, text, priority := "renamed", "with words", "high"
	for _, patch := range []task.Patch{{Title: &title}, {Description: &text}, {Priority: &priority}, {Title: &title}} {
		_, err := b.Edit(t.Context(), of("ada"), task.Once{}, first.ID, patch, nil)
		b.must(err)
	}
	b.complete(first.ID)
	b.must(b.RenameTag(t.Context(), of("ada"), "home", "house"))
	b.undo(task.Which{})
	_, err := b.Delete(t.Context(), of("ada"), task.Once{}, second.ID, nil)
	b.must(err)
	b.undo(task.Which{})
	b.must(b.RemoveTag(t.Context(), of("ada"), "büro"))
	work := b.open(b.ways.WorkURL)
	var kept []struct {
		image
		Labels pq.StringArray
	}
	b.must(work.SelectContext(t.Context(), &kept, `
		SELECT c.event_id AS event, c.task_id AS task, coalesce(t.title, '') AS title, coalesce(t.description, '') AS description,
			coalesce(t.version, 0) AS version, coalesce(t.priority, 0) AS priority, t.completed_at IS NOT NULL AS completed,
			t.deleted_at IS NOT NULL AS deleted, coalesce(t.tags, '{}') AS labels
		FROM task_changes c LEFT JOIN LATERAL jsonb_populate_record(NULL::tasks, c.before) t ON c.before IS NOT NULL ORDER BY c.seq`))
	var values [][]byte
	b.must(work.SelectContext(t.Context(), &values, `SELECT o.value FROM outbox o ORDER BY o.xid, o.id`))
	if len(kept) != len(values) || len(kept) < 12 {
		t.Fatalf("%d images, %d events", len(kept), len(values))
	}
	left := map[string]image{} // what the last event of a task left
	for i, value := range values {
		var ev taskv1.TaskUpdated // its numbers are those of every task event
		b.must(proto.Unmarshal(value, &ev))
		image := kept[i].image
		image.Tags = fmt.Sprint([]string(kept[i].Labels))
		told := imageOf(ev.GetEventId(), ev.GetTaskId(), ev.GetBefore())
		if image != told {
			t.Errorf("kept\n%+v\ntold\n%+v", image, told)
		}
		if before, ok := left[ev.GetTaskId()]; ok {
			if before.Event = ev.GetEventId(); before != told {
				t.Errorf("the event before left\n%+v\ntold\n%+v", before, told)
			}
		}
		left[ev.GetTaskId()] = imageOf("", ev.GetTaskId(), ev.GetTask())
	}
}

func imageOf(event, id string, t *taskv1.Task) image {
	priority, _ := task.ParsePriority(t.GetPriority())
	if t == nil {
		priority = 0
	}
	return image{Event: event, Task: id, Title: t.GetTitle(), Description: t.GetDescription(), Version: t.GetVersion(), Priority: int64(priority),
		Completed: t.GetCompleted(), Deleted: t.GetDeletedAt() != nil, Tags: fmt.Sprint(t.GetTags())}
}
