package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// List reads a page of a list as it was when its first page was read: a task that was
// changed since stands where it stood then, so that each is met once, whatever is written
// meanwhile.
func (s *Tasks) List(ctx context.Context, author task.Author, page task.Page) (listed task.Listed, err error) {
	err = s.read(ctx, &author, func(tx postgres.Tx, who *person) error {
		listed.Zone = author.Zone
		page.Query.Settle(author.Zone)
		first := page.After == nil
		if first {
			page.AsOf = who.Seq
		}
		places, total, err := read(ctx, tx, author.UserID, &page, who.Seq)
		if err != nil {
			return err
		}
		listed.Total = total
		if len(places) > page.Limit {
			places = places[:page.Limit]
			next := page
			next.After = &places[page.Limit-1].key
			listed.Next = &next
		}
		for _, p := range places {
			listed.Tasks = append(listed.Tasks, p.task)
		}
		return nil
	})
	return listed, err
}

// place is a task and where it stands in the list.
type place struct {
	task task.Task
	key  task.Key
}

// read returns one more than the page's limit, if there are as many; and of a first page how many
// tasks the list has, and whether so many fit that its relevance is coarse.
func read(ctx context.Context, tx postgres.Tx, userID string, page *task.Page, seq int64) (places []place, total int, err error) {
	found, total, all := []task.Task(nil), 0, false
	page.Query.Coarse = page.After != nil && page.After.Coarse
	if looks(&page.Query) && !page.Query.Coarse {
		if found, total, all, err = fewHits(ctx, tx, userID, *page); err != nil {
			return nil, 0, err
		}
		page.Query.Coarse = !all && page.Query.Sort == task.ByRelevance
	}
	if !all {
		if total <= task.MaxTotal && page.After == nil {
			if total, err = count(ctx, tx, userID, &page.Query); err != nil {
				return nil, 0, err
			}
		}
		if found, err = walked(ctx, tx, userID, *page); err != nil {
			return nil, 0, err
		}
	}
	for _, t := range found {
		places = append(places, place{t, page.Query.Key(&t)})
	}
	if seq == page.AsOf {
		return places, total, nil
	}
	moved, err := moved(ctx, tx, userID, *page)
	if err != nil {
		return nil, 0, err
	}
	places = append(places, moved...)
	slices.SortFunc(places, func(a, b place) int { return page.Query.Compare(a.key, b.key) })
	return places[:min(len(places), page.Limit+1)], total, nil
}

// walked goes along the index of the order.
func walked(ctx context.Context, tx postgres.Tx, userID string, page task.Page) (found []task.Task, err error) {
	for _, part := range segments(page) {
		more, err := unchanged(ctx, tx, userID, page, part, page.Limit+1-len(found))
		if err != nil {
			return nil, err
		}
		if found = append(found, more...); len(found) > page.Limit {
			break
		}
	}
	return found, nil
}

// columnOf is what the orders that have an index are by.
var columnOf = map[task.Sort]string{task.ByDue: "t.due_at", task.ByPriority: "t.priority", task.ByCreated: "t.created_at",
	task.ByUpdated: "t.updated_at", task.ByTitle: "t.title_key"}

func value(sort task.Sort, key *task.Key) any {
	switch sort {
	case task.ByPriority, task.ByRelevance:
		return key.Rank
	case task.ByTitle:
		return key.Text
	}
	return key.At
}

// moved reads the tasks that were changed since the first page, at the places that they had
// then: what they were is the first before-image since. One that has come or gone since is
// left out.
func moved(ctx context.Context, tx postgres.Tx, userID string, page task.Page) ([]place, error) {
	var was, are []row
	if err := tx.SelectContext(ctx, &was, `
		SELECT `+columns+` FROM (
			SELECT DISTINCT ON (c.task_id) c.before FROM task_changes c
			WHERE c.user_id = $1 AND c.seq > $2 ORDER BY c.task_id, c.seq
		) first, jsonb_populate_record(NULL::tasks, first.before) t WHERE first.before IS NOT NULL`, userID, page.AsOf); err != nil {
		return nil, fmt.Errorf("list what was changed: %w", err)
	}
	keys := map[[16]byte]task.Key{}
	var ids []string
	before, err := tasks(was)
	if err != nil {
		return nil, err
	}
	for _, t := range before {
		key := page.Query.Key(&t)
		if page.Query.Matches(&t) && (page.After == nil || page.Query.Compare(key, *page.After) > 0) {
			keys[t.ID] = key
			ids = append(ids, t.ID.String())
		}
	}
	if err := tx.SelectContext(ctx, &are, `
		SELECT `+columns+` FROM tasks t WHERE t.user_id = $1 AND t.id = ANY($2::uuid[])`, userID, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("list what was changed: %w", err)
	}
	now, err := tasks(are)
	if err != nil {
		return nil, err
	}
	var places []place
	for _, t := range now {
		if page.Query.Matches(&t) {
			places = append(places, place{t, keys[t.ID]})
		}
	}
	return places, nil
}

// count counts a whole list, as far as anybody wants to know.
func count(ctx context.Context, tx postgres.Tx, userID string, q *task.Query) (int, error) {
	where := filter(userID, q)
	where.probe(q)
	query := `SELECT count(*) FROM (SELECT FROM tasks t WHERE ` + strings.Join(where.terms, " AND ") +
		` LIMIT ` + where.arg(task.MaxTotal+1) + `) counted`
	var counted []int // not GetContext: which plan is good depends on the person
	if err := tx.SelectContext(ctx, &counted, query, where.args...); err != nil {
		return 0, fmt.Errorf("count tasks: %w", err)
	}
	return counted[0], nil
}
