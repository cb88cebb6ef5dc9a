package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// segments splits an order by due date into the tasks with one and those without, which
// come last either way: each is a range of the index. Coarse relevance has two: the titles that begin
// with what is looked for, and the rest, each by id.
func segments(page task.Page) []segment {
	switch {
	case page.Query.Sort == task.ByRelevance:
		return coarse(page)
	case page.Query.Sort != task.ByDue:
		return []segment{whole}
	case page.After != nil && page.After.None:
		return []segment{undated}
	case page.Query.From != nil || page.Query.To != nil:
		return []segment{dated}
	}
	return []segment{dated, undated}
}

type segment int

const (
	whole segment = iota
	dated
	undated
	begins
	rest
)

func coarse(page task.Page) []segment {
	parts := []segment{begins, rest}
	if _, _, ok := page.Query.Begins(); !ok {
		parts = []segment{rest}
	}
	if !page.Query.Descending {
		slices.Reverse(parts)
	}
	if after := page.After; after != nil && (after.Rank == task.BeginsTitle) != (parts[0] == begins) {
		parts = parts[1:]
	}
	return parts
}

// unchanged reads tasks that were not changed since the first page.
func unchanged(ctx context.Context, tx postgres.Tx, userID string, page task.Page, part segment, limit int) ([]task.Task, error) {
	where := filter(userID, &page.Query)
	where.add("t.seq <= %s", page.AsOf)
	where.probe(&page.Query)
	order := where.along(page, part)
	query := `SELECT ` + columns + ` FROM tasks t WHERE ` + strings.Join(where.terms, " AND ") +
		` ORDER BY ` + order + ` LIMIT ` + where.arg(limit)
	var rows []row
	if err := tx.SelectContext(ctx, &rows, query, where.args...); err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return tasks(rows)
}

// along narrows a list to a part of it behind the page before, and says the order.
func (c *conditions) along(page task.Page, part segment) (order string) {
	q, after := &page.Query, page.After
	column := columnOf[q.Sort]
	direction, beyond := "ASC", ">"
	if q.Descending {
		direction, beyond = "DESC", "<"
	}
	within := after != nil // the page before ended in this part
	switch from, to, ok := q.Begins(); part {
	case dated:
		c.add("t.due_at IS NOT NULL")
	case undated:
		c.add("t.due_at IS NULL")
		column, within = "", within && after.None
	case begins:
		c.add("t.title_key >= %s AND t.title_key < %s", from, to)
		column, within = "", within && after.Rank == task.BeginsTitle
	case rest:
		if ok {
			c.add("NOT (t.title_key >= %s AND t.title_key < %s)", from, to)
		}
		column, within = "", within && after.Rank != task.BeginsTitle
	}
	switch {
	case column == "" && within:
		c.add("t.id "+beyond+" %s", after.ID)
	case within:
		c.add("("+column+", t.id) "+beyond+" (%s, %s)", value(q.Sort, after), after.ID)
	}
	if column != "" {
		order = column + " " + direction + ", "
	}
	return order + "t.id " + direction
}
