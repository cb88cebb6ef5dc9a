package rest

import "context"

// ListTags answers the person's tags.
func (s *server) ListTags(ctx context.Context, _ ListTagsRequestObject) (ListTagsResponseObject, error) {
	list, err := s.tagList(ctx)
	return ListTags200JSONResponse(list), err
}

// RenameTag renames a tag in every task that has it.
func (s *server) RenameTag(ctx context.Context, request RenameTagRequestObject) (RenameTagResponseObject, error) {
	body := request.JSONBody
	if body == nil {
		body = request.ApplicationMergePatchPlusJSONBody
	}
	if err := s.tasks.RenameTag(ctx, author(ctx, request.Params.XTicklerClient), request.Tag, body.Tag); err != nil {
		return nil, err
	}
	list, err := s.tagList(ctx)
	return RenameTag200JSONResponse(list), err
}

// RemoveTag takes a tag away from every task that has it.
func (s *server) RemoveTag(ctx context.Context, request RemoveTagRequestObject) (RemoveTagResponseObject, error) {
	if err := s.tasks.RemoveTag(ctx, author(ctx, request.Params.XTicklerClient), request.Tag); err != nil {
		return nil, err
	}
	return RemoveTag204Response{}, nil
}

func (s *server) tagList(ctx context.Context) (TagList, error) {
	counts, err := s.tasks.Tags(ctx, author(ctx, nil))
	if err != nil {
		return TagList{}, err
	}
	var list TagList
	list.Tags = make([]struct {
		Open  int    `json:"open"`
		Tag   string `json:"tag"`
		Total int    `json:"total"`
	}, len(counts))
	for i, c := range counts {
		list.Tags[i].Tag, list.Tags[i].Open, list.Tags[i].Total = c.Tag, c.Open, c.Total
	}
	return list, nil
}
