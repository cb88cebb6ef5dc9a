package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// defaultOccurrences is how many dates are shown unless more are asked for.
const defaultOccurrences = 5

// SkipTask leaves an occurrence out.
func (s *server) SkipTask(ctx context.Context, request SkipTaskRequestObject) (SkipTaskResponseObject, error) {
	answer, err := act(ctx, s.tasks.Skip, action{"skip", request.Id, ActionParams(request.Params), nil})
	return SkipTask200JSONResponse{answer}, err
}

// ListOccurrences answers the next dates of a task's rule.
func (s *server) ListOccurrences(ctx context.Context, request ListOccurrencesRequestObject) (ListOccurrencesResponseObject, error) {
	id, err := taskID(request.Id)
	if err != nil {
		return nil, err
	}
	dates, err := s.tasks.Occurrences(ctx, author(ctx, nil), id, occurrences(request.Params.Count))
	if err != nil {
		return nil, err
	}
	return ListOccurrences200JSONResponse{OccurrencesJSONResponse{Body: datesOf(dates)}}, nil
}

// PreviewRecurrence answers the dates of a rule that no task has yet.
func (s *server) PreviewRecurrence(ctx context.Context, request PreviewRecurrenceRequestObject) (PreviewRecurrenceResponseObject, error) {
	rule, err := ruleSpec(request.Body.RecurrenceRule)
	if err != nil {
		return nil, err
	}
	asked := task.Preview{Rule: *rule, Due: request.Body.DueDate, Count: occurrences(request.Body.Count)}
	if zone := cleared(request.Body.TimeZone); zone != nil {
		asked.TimeZone = *zone
	}
	once, err := once(ctx, "preview", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, request.Body)
	if err != nil {
		return nil, err
	}
	who := author(ctx, nil)
	return s.answer(ctx, who, once, func() (any, error) {
		dates, err := s.tasks.Preview(ctx, who, asked)
		return datesOf(dates), err
	})
}

func datesOf(dates task.Dates) Occurrences {
	return Occurrences{Occurrences: append([]string{}, dates.Dates...), Text: dates.Text}
}

func occurrences(count *int) int {
	if count == nil {
		return defaultOccurrences
	}
	return *count
}

// ruleSpec reads a rule: a text or the simple form; null is none.
func ruleSpec(raw json.RawMessage) (*task.RuleSpec, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	if isText(raw) {
		var text string
		err := json.Unmarshal(raw, &text)
		return &task.RuleSpec{Text: text}, err
	}
	var form recurrence.Simple
	if err := json.Unmarshal(raw, &form); err != nil {
		return nil, fmt.Errorf("read a rule: %w", err) // the document allows nothing that fails
	}
	return &task.RuleSpec{Simple: &form}, nil
}
