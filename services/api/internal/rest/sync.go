package rest

import (
	"context"
	"strconv"

	"github.com/tickler-app/tickler/pkg/fault"
)

// GetChanges answers what changed since a sync token, which is the person's sequence.
func (s *server) GetChanges(ctx context.Context, request GetChangesRequestObject) (GetChangesResponseObject, error) {
	var since *int64
	if token := request.Params.SyncToken; token != nil && *token != "" {
		seq, err := strconv.ParseInt(*token, 10, 64)
		if err != nil {
			return nil, fault.Fields(fault.Field{Name: "sync_token", Code: "unknown", Detail: "was not given out for these tasks"})
		}
		since = &seq
	}
	delta, err := s.tasks.Since(ctx, author(ctx, nil), since, limit(request.Params.Limit))
	if err != nil {
		return nil, err
	}
	return GetChanges200JSONResponse{
		Full: delta.Full, Tasks: views(delta.Tasks, delta.Zone), SyncToken: strconv.FormatInt(delta.Token, 10), HasMore: delta.HasMore,
	}, nil
}
