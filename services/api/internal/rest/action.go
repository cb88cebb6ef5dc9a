package rest

import (
	"context"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// ActionParams are the headers that all actions on one task take.
type ActionParams CompleteTaskParams

// action is a POST below a task.
type action struct {
	name   string
	id     string
	params ActionParams
	body   any // for the print of the request
}

// verb is a method of task.Service that acts on one task.
type verb func(context.Context, task.Author, task.Once, uuid.UUID, task.Precondition) (task.Result, error)

func act(ctx context.Context, do verb, a action) (TaskJSONResponse, error) {
	id, err := taskID(a.id)
	if err != nil {
		return TaskJSONResponse{}, err
	}
	once, err := once(ctx, a.name, a.id, a.params.IdempotencyKey, a.params.IdempotencyWindow, a.body)
	if err != nil {
		return TaskJSONResponse{}, err
	}
	result, err := do(ctx, trial(ctx, a.params.XTicklerClient, a.params.DryRun), once, id, must(a.params.IfMatch))
	if err != nil {
		return TaskJSONResponse{}, err
	}
	return shown(result), nil
}

// shown is the answer that a task is.
func shown(result task.Result) TaskJSONResponse {
	tag := etag(result.Task.Version)
	answer := TaskJSONResponse{Body: view(result.Found), Headers: TaskResponseHeaders{ETag: &tag}}
	if result.Replayed {
		yes := "true"
		answer.Headers.IdempotencyReplayed = &yes
	}
	return answer
}
