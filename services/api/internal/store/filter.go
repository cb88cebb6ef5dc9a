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
	terms []string
	args  []any
}

// own narrows tasks, or what is searched of them, to those of the person, who is always the first
// argument.
const own = "t.user_id = $1"

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

// filter says in SQL what task.Query.Matches says in Go, but for what is searched; of tasks or of
// task_search, as t.
func filter(userID string, q *task.Query) *conditions {
	c := &conditions{args: []any{userID}, terms: []string{own}}
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
	return c
}

// looks reports whether a list is narrowed to what stands in task_search.
func looks(q *task.Query) bool { return len(q.Tags) > 0 || !q.Search.None() }

// search says which rows of task_search, by their alias, a list is narrowed to.
func (c *conditions) search(alias string, q *task.Query) string {
	terms := []string{}
	if len(q.Tags) > 0 {
		terms = append(terms, alias+".tags && "+c.arg(pq.Array(q.Tags))+"::text[]")
	}
	for _, word := range q.Search.Words {
		terms = append(terms, alias+".text LIKE "+c.arg("%"+pattern(word)+"%"))
	}
	for _, word := range q.Search.Not {
		terms = append(terms, alias+".text NOT LIKE "+c.arg("%"+pattern(word)+"%"))
	}
	return strings.Join(terms, " AND ")
}

// relevance is task.Search.Relevance in SQL.
func (c *conditions) relevance(search task.Search) string {
	terms := []string{"0"}
	for _, word := range search.Words {
		word = escape.Replace(word)
		terms = append(terms, fmt.Sprintf("CASE WHEN t.title_key LIKE %s THEN %d WHEN t.title_key LIKE %s THEN %d WHEN t.title_key LIKE %s THEN %d ELSE %d END",
			c.arg(word+"%"), task.BeginsTitle, c.arg("% "+word+"%"), task.BeginsWord, c.arg("%"+word+"%"), task.WithinTitle, task.ElsewhereOnly))
	}
	return "(" + strings.Join(terms, " + ") + ")"
}
