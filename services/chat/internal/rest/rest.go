// Package rest is the HTTP door: people talk here, read what was said, and follow what is being
// said. Requests and answers are those of openapi.yaml, which requests have been held against
// before they come here.
package rest

//go:generate env GOWORK=off go tool -modfile=../../../../scripts/tools/go.mod oapi-codegen -config oapi.yaml ../../openapi.yaml

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// Routes adds the calls of the document to r.
func Routes(r gin.IRouter, service *conversation.Service) {
	options := StrictGinServerOptions{RequestErrorHandlerFunc: malformed, HandlerErrorFunc: httpd.Fail, ResponseErrorHandlerFunc: httpd.Fail}
	handler := NewStrictHandlerWithOptions(&server{service}, []StrictMiddlewareFunc{scoped}, options)
	RegisterHandlersWithOptions(r, handler, GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { malformed(c, err) },
	})
}

// server implements StrictServerInterface.
type server struct{ *conversation.Service }

var _ StrictServerInterface = (*server)(nil)

func malformed(c *gin.Context, err error) {
	httpd.Fail(c, fault.Wrap(fault.Malformed, err, "the request cannot be read"))
}

type tokenKey struct{}

// scoped refuses a token that does not reach conversations: they are read with the scope that
// reads tasks, and to talk is to write them. The call gets the request's context, with the token
// that was shown, since tools act for the person with it.
func scoped(next StrictHandlerFunc, _ string) StrictHandlerFunc {
	return func(c *gin.Context, request any) (any, error) {
		person := auth.From(c.Request.Context())
		if !person.May(auth.TasksRead) {
			return nil, fault.New(fault.Forbidden, "the token lacks the scope %s", auth.TasksRead)
		}
		if c.Request.Method != http.MethodGet && !person.May(auth.TasksWrite) {
			return nil, fault.New(fault.Forbidden, "the token lacks the scope %s", auth.TasksWrite)
		}
		_, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
		copied := c.Copy() // gin uses its own again once the answer is out
		copied.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), tokenKey{}, strings.TrimSpace(token)))
		return next(copied, request)
	}
}

// defaultLimit is how much a page has unless it is told.
const defaultLimit = 50

// ListConversations answers a page of conversations.
func (s *server) ListConversations(ctx context.Context, request ListConversationsRequestObject) (ListConversationsResponseObject, error) {
	limit, after := defaultLimit, uuid.Nil
	if request.Params.Limit != nil {
		limit = *request.Params.Limit
	}
	if request.Params.Cursor != nil {
		raw, err := base64.RawURLEncoding.DecodeString(*request.Params.Cursor)
		if err == nil {
			after, err = uuid.FromBytes(raw)
		}
		if err != nil {
			return nil, fault.Fields(fault.Field{Name: "cursor", Code: "not_allowed", Detail: "was not given out for this list"})
		}
	}
	all, err := s.Shelf.List(ctx, auth.From(ctx).UserID, after, limit+1)
	if err != nil {
		return nil, err
	}
	answer := ListConversations200JSONResponse{Conversations: []Conversation{}, NextCursor: nullable.NewNullNullable[string]()}
	if len(all) > limit {
		all = all[:limit]
		answer.NextCursor.Set(base64.RawURLEncoding.EncodeToString(all[limit-1].ID[:]))
	}
	for _, c := range all {
		answer.Conversations = append(answer.Conversations, viewOf(c))
	}
	return answer, nil
}

func viewOf(c conversation.Conversation) Conversation {
	return Conversation{Id: c.ID.String(), Title: c.Title, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
}

// FindConversation answers a conversation with its messages.
func (s *server) FindConversation(ctx context.Context, request FindConversationRequestObject) (FindConversationResponseObject, error) {
	id, err := idOf(request.Id)
	if err != nil {
		return nil, err
	}
	c, err := s.Shelf.Find(ctx, auth.From(ctx).UserID, id)
	if err != nil {
		return nil, err
	}
	answer := FindConversation200JSONResponse{Id: c.ID.String(), Title: c.Title, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Messages: []Message{}}
	for _, e := range c.Entries {
		answer.Messages = append(answer.Messages, message(e))
	}
	return answer, nil
}

// RenameConversation gives a conversation another title.
func (s *server) RenameConversation(ctx context.Context, request RenameConversationRequestObject) (RenameConversationResponseObject, error) {
	id, err := idOf(request.Id)
	if err != nil {
		return nil, err
	}
	body := request.JSONBody
	if body == nil {
		body = request.ApplicationMergePatchPlusJSONBody
	}
	c, err := s.Shelf.Rename(ctx, auth.From(ctx).UserID, id, strings.TrimSpace(body.Title), s.Now())
	if err != nil {
		return nil, err
	}
	return RenameConversation200JSONResponse(viewOf(c)), nil
}

// RemoveConversation deletes a conversation. One that is gone already is no error, if it was
// ever there or not: the two look the same.
func (s *server) RemoveConversation(ctx context.Context, request RemoveConversationRequestObject) (RemoveConversationResponseObject, error) {
	id, err := idOf(request.Id)
	if err != nil {
		return nil, err
	}
	if err := s.Shelf.Remove(ctx, auth.From(ctx).UserID, id); err != nil {
		return nil, err
	}
	return RemoveConversation204Response{}, nil
}

// StopConversation stops the turn that runs.
func (s *server) StopConversation(ctx context.Context, request StopConversationRequestObject) (StopConversationResponseObject, error) {
	id, err := idOf(request.Id)
	if err != nil {
		return nil, err
	}
	if err := s.Stop(ctx, auth.From(ctx).UserID, id); err != nil {
		return nil, err
	}
	return StopConversation204Response{}, nil
}

// FollowConversation streams the answer that is being written, if one is.
func (s *server) FollowConversation(ctx context.Context, request FollowConversationRequestObject) (FollowConversationResponseObject, error) {
	id, err := idOf(request.Id)
	if err != nil {
		return nil, err
	}
	answer, turn, err := s.Follow(ctx, auth.From(ctx).UserID, id)
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return FollowConversation204Response{}, nil
	}
	return stream{ctx: ctx, conversation: id, turn: turn, answer: answer}, nil
}

// idOf reads an id; what is none belongs to nobody.
func idOf(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil, conversation.ErrNotFound
	}
	return id, nil
}
