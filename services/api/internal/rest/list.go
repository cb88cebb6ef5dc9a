package rest

import (
	"context"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// defaultLimit is how much a page has unless it is told.
const defaultLimit = 50

// ListTasks answers a page of a list. What "today" is, and when the list was as it is
// shown, are settled with the first page and go along in the cursor.
func (s *server) ListTasks(ctx context.Context, request ListTasksRequestObject) (ListTasksResponseObject, error) {
	params := request.Params
	at := cursor{Now: s.tasks.Now(), Print: printOf(params)}
	if params.Cursor != nil {
		var err error
		if at, err = parseCursor(*params.Cursor, at.Print); err != nil {
			return nil, err
		}
	}
	query, err := query(params, at.Now)
	if err != nil {
		return nil, err
	}
	listed, err := s.tasks.List(ctx, author(ctx, nil), task.Page{Query: query, After: at.After, AsOf: at.AsOf, Limit: limit(params.Limit)})
	if err != nil {
		return nil, err
	}
	answer := ListTasks200JSONResponse{Tasks: views(listed.Tasks, listed.Zone), Total: nullable.NewNullNullable[int](), NextCursor: nullable.NewNullNullable[string]()}
	if listed.Next != nil {
		at.After, at.AsOf = listed.Next.After, listed.Next.AsOf
		answer.NextCursor.Set(at.String())
	}
	if params.Cursor == nil {
		answer.Total.Set(listed.Total)
		if most := task.MaxTotal; listed.Total > most {
			answer.Total.SetNull()
			answer.TotalAtLeast = &most
		}
	}
	return answer, nil
}

func limit(given *int) int {
	if given == nil {
		return defaultLimit
	}
	return *given
}

// query reads what a list is asked for.
func query(params ListTasksParams, now time.Time) (task.Query, error) {
	q := task.Query{Now: now, Status: task.All, Sort: task.ByDue}
	if params.Status != nil {
		q.Status = task.Status(*params.Status)
	}
	for _, word := range each(params.Priority) {
		priority, _ := task.ParsePriority(string(word)) // the document allows no other
		q.Priorities = append(q.Priorities, priority)
	}
	for _, tag := range each(params.Tag) {
		q.Tags = append(q.Tags, task.FoldTag(tag))
	}
	if params.Due != nil {
		q.Due = task.Span(*params.Due)
	}
	var wrong []fault.Field
	q.Since = bound("due_from", params.DueFrom, &wrong)
	q.Til = bound("due_to", params.DueTo, &wrong)
	if params.Q != nil {
		q.Search = task.ParseSearch(*params.Q)
	}
	if params.Sort != nil {
		q.Sort = task.Sort(*params.Sort)
	}
	if q.Sort == task.ByRelevance && q.Search.None() { // there is nothing to be relevant to
		q.Sort = task.ByDue
	}
	q.Descending = q.Sort != task.ByDue && q.Sort != task.ByTitle
	if params.Order != nil {
		q.Descending = *params.Order == Desc
	}
	if wrong != nil {
		return q, fault.Fields(wrong...)
	}
	return q, nil
}

func bound(name string, given *string, wrong *[]fault.Field) string {
	if given == nil {
		return ""
	}
	if due, err := task.ParseDue(*given, time.UTC); err != nil || due.None() {
		*wrong = append(*wrong, fault.Field{Name: name, Code: "format", Detail: "is no date or date-time of the years 1970 to 9999"})
	}
	return *given
}

func each[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}
