package store

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// manyHits is from how many on it is quicker to go along the list's own order and to look each task
// up in task_search than to gather all that fit and sort them.
const manyHits = 3400

// fewHits reads a page of a list that is narrowed to what stands in task_search, and counts it. The
// hits are gathered apart, because the policy of tasks would keep the index of the search from being
// used. It reports false where there are too many; they are more than anybody counts, then.
func fewHits(ctx context.Context, tx postgres.Tx, userID string, page task.Page) (found []task.Task, total int, few bool, err error) {
	q := &page.Query
	where := filter(userID, q)
	where.add("t.seq <= %s", page.AsOf)
	by, most := columnOf[q.Sort], manyHits
	if q.Sort == task.ByRelevance {
		by = where.relevance(q.Search)
		if page.After != nil { // it was fine for the page before
			most = math.MaxInt32
		}
	}
	where.indexed(q)
	behind, order := where.place(page)
	bound := where.arg(most)
	query := `
		WITH hits AS MATERIALIZED (
			SELECT t.task_id AS id, ` + by + ` AS place FROM task_search t WHERE ` + strings.Join(where.terms, " AND ") + ` LIMIT ` + bound + `::bigint + 1
		), met AS (SELECT count(*) FROM hits)
		SELECT (SELECT count FROM met) AS hits, ARRAY(
			SELECT f.id::text FROM hits f WHERE (SELECT count FROM met) <= ` + bound + `::bigint AND ` + behind + `
			ORDER BY ` + order + ` LIMIT ` + where.arg(page.Limit+1) + `
		) AS ids`
	var met struct {
		Hits int
		IDs  pq.StringArray `db:"ids"`
	}
	if err := tx.GetContext(ctx, &met, query, where.args...); err != nil {
		return nil, 0, false, fmt.Errorf("search tasks: %w", err)
	}
	if page.After == nil {
		total = min(met.Hits, task.MaxTotal+1)
	}
	if met.Hits > most {
		return nil, total, false, nil
	}
	found, err = inOrder(ctx, tx, userID, met.IDs)
	return found, total, true, err
}

// place says in SQL what stands behind a page's last task, and the order; tasks without a due date
// come last either way.
func (c *conditions) place(page task.Page) (behind, order string) {
	q := &page.Query
	direction, beyond := "ASC", ">"
	if q.Descending {
		direction, beyond = "DESC", "<"
	}
	order = "f.place " + direction + " NULLS LAST, f.id " + direction
	switch after := page.After; {
	case after == nil:
		return "true", order
	case after.None:
		return "f.place IS NULL AND f.id " + beyond + " " + c.arg(after.ID), order
	default:
		return "((f.place, f.id) " + beyond + " (" + c.arg(value(q.Sort, after)) + ", " + c.arg(after.ID) + ") OR f.place IS NULL)", order
	}
}

// probe looks each task up in task_search, one by one: OFFSET keeps it from becoming a join, of
// which the policy of tasks makes a bad one.
func (c *conditions) probe(q *task.Query) {
	if looks(q) {
		c.terms = append(c.terms, "EXISTS (SELECT FROM task_search s WHERE s.user_id = $1 AND s.task_id = t.id AND "+c.search("s", q)+" OFFSET 0)")
	}
}

// inOrder reads tasks by their ids, in that order.
func inOrder(ctx context.Context, tx postgres.Tx, userID string, ids []string) ([]task.Task, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []row
	if err := tx.SelectContext(ctx, &rows, `
		SELECT `+columns+` FROM tasks t WHERE t.user_id = $1 AND t.id = ANY($2::uuid[])`, userID, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	read, err := tasks(rows)
	if err != nil {
		return nil, err
	}
	byID := map[uuid.UUID]task.Task{}
	for _, t := range read {
		byID[t.ID] = t
	}
	inOrder := make([]task.Task, 0, len(ids))
	for _, id := range ids {
		if t, ok := byID[uuid.MustParse(id)]; ok {
			inOrder = append(inOrder, t)
		}
	}
	return inOrder, nil
}
