package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// conditions grow into a query. The texts are constants of this package; what a person
// gave is always an argument.
type conditions struct {
	with, join string
	terms      []string
	args       []any
}

// arg returns the placeholder of a further argument.
func (c *conditions) arg(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

// add adds a term, in which each %s stands for one of values.
func (c *conditions) add(term string, values ...any) {
	places := make([]any, len(values))
	for i, value := range values {
		places[i] = c.arg(value)
	}
	c.terms = append(c.terms, fmt.Sprintf(term, places...))
}

// filter says in SQL what task.Query.Matches says in Go.
func filter(userID string, q *task.Query) *conditions {
	c := &conditions{}
	c.add("t.user_id = %s", userID)
	if q.Status == task.Trashed {
		c.add("t.deleted_at IS NOT NULL")
	} else {
		c.add("t.deleted_at IS NULL")
	}
	if q.Status == task.Pending || q.Due == task.Overdue {
		c.add("t.completed_at IS NULL")
	}
	if q.Status == task.Done {
		c.add("t.completed_at IS NOT NULL")
	}
	if len(q.Priorities) > 0 {
		ranks := make([]int64, len(q.Priorities))
		for i, p := range q.Priorities {
			ranks[i] = int64(p)
		}
		c.add("t.priority = ANY(%s)", pq.Array(ranks))
	}
	if q.From != nil {
		c.add("t.due_at >= %s", *q.From)
	}
	if q.To != nil {
		c.add("t.due_at <= %s", *q.To)
	}
	c.search(q)
	return c
}

// search narrows the list to hits in task_search. They are gathered apart, because the
// policy of tasks would keep the index of the search from being used.
func (c *conditions) search(q *task.Query) {
	if len(q.Tags) == 0 && len(q.Words) == 0 {
		return
	}
	hits := []string{"s.user_id = $1"}
	if len(q.Tags) > 0 {
		hits = append(hits, "s.tags && "+c.arg(pq.Array(q.Tags))+"::text[]")
	}
	for _, word := range q.Words {
		hits = append(hits, "s.text LIKE "+c.arg("%"+escape.Replace(word)+"%"))
	}
	c.with = `WITH hits AS MATERIALIZED (SELECT s.task_id FROM task_search s WHERE ` + strings.Join(hits, " AND ") + `) `
	c.join = ` JOIN hits ON hits.task_id = t.id`
}

// escape makes a word stand for itself in LIKE.
var escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
