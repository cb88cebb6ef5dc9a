package rest

import (
	"context"
)

// GetChanges answers what changed since a sync token, which is the person's sequence.
func (s *server) GetChanges(ctx context.Context, request GetChangesRequestObject) (GetChangesResponseObject, error) {
	since, err := tokenOf("sync_token", request.Params.SyncToken)
	if err != nil {
		return nil, err
	}
	delta, err := s.tasks.Since(ctx, author(ctx, nil), since, limit(request.Params.Limit))
	if err != nil {
		return nil, err
	}
	return GetChanges200JSONResponse{
		Full: delta.Full, Tasks: views(delta.Tasks, delta.Zone), SyncToken: delta.Token.String(), HasMore: delta.HasMore,
	}, nil
}
