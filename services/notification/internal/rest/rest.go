// Package rest is the HTTP door: notices, preferences and what web push needs, and the link in
// mail that stops it. Requests and answers are those of openapi.yaml, which requests have been
// held against before they come here.
package rest

//go:generate env GOWORK=off go tool -modfile=../../../../scripts/tools/go.mod oapi-codegen -config oapi.yaml ../../openapi.yaml

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Routes adds the calls of the document to r. pushKey returns the public key for web push.
func Routes(r gin.IRouter, desk *notice.Desk, pushKey func(context.Context) (string, error)) {
	options := StrictGinServerOptions{RequestErrorHandlerFunc: malformed, HandlerErrorFunc: httpd.Fail, ResponseErrorHandlerFunc: httpd.Fail}
	s := &server{desk, pushKey}
	handler := NewStrictHandlerWithOptions(s, []StrictMiddlewareFunc{s.once, scoped}, options) // the last is the first that runs
	RegisterHandlersWithOptions(r, handler, GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { malformed(c, err) },
	})
}

// server implements StrictServerInterface.
type server struct {
	desk    *notice.Desk
	pushKey func(context.Context) (string, error)
}

var _ StrictServerInterface = (*server)(nil)

func malformed(c *gin.Context, err error) {
	httpd.Fail(c, fault.Wrap(fault.Malformed, err, "the request cannot be read"))
}

// scoped lets a token do what its scopes name, of which those of tasks count here: a notice
// tells of tasks. The link in a mail needs no token.
//
// The handlers get a copy of gin's context, which is theirs: gin gives its own to another request
// when this one ends, while database/sql may look at it a little longer.
func scoped(next StrictHandlerFunc, _ string) StrictHandlerFunc {
	return func(c *gin.Context, request any) (any, error) {
		if strings.HasPrefix(c.FullPath(), "/unsubscribe/") {
			return next(c.Copy(), request)
		}
		needed := []string{auth.TasksWrite, auth.TasksRead}
		switch {
		case c.Request.Method == "GET" || c.Request.Method == "HEAD":
			needed = []string{auth.TasksRead}
		case c.Request.Method == "DELETE" || strings.HasPrefix(c.FullPath(), "/api/:user_id/notices/"): // nobody is told more by them
			needed = []string{auth.TasksWrite}
		}
		for _, scope := range needed {
			if !auth.From(c.Request.Context()).May(scope) {
				return nil, fault.New(fault.Forbidden, "the token lacks the scope %s", scope)
			}
		}
		return next(c.Copy(), request)
	}
}

// defaultLimit is how much a page has unless it is told.
const defaultLimit = 50

// ListNotices answers a page of notices.
func (s *server) ListNotices(ctx context.Context, request ListNoticesRequestObject) (ListNoticesResponseObject, error) {
	page := notice.Page{Unread: request.Params.Unread, Limit: defaultLimit}
	if request.Params.Limit != nil {
		page.Limit = *request.Params.Limit
	}
	if request.Params.Cursor != nil {
		var err error
		if page.After, err = parseCursor(*request.Params.Cursor, page.Unread); err != nil {
			return nil, err
		}
	}
	listed, err := s.desk.List(ctx, auth.From(ctx).UserID, page)
	if err != nil {
		return nil, err
	}
	return ListNotices200JSONResponse{view(listed, page.Unread)}, nil
}

// ReadNotices marks all notices as read.
func (s *server) ReadNotices(ctx context.Context, _ ReadNoticesRequestObject) (ReadNoticesResponseObject, error) {
	listed, err := s.desk.Read(ctx, auth.From(ctx).UserID, nil, s.desk.Now())
	if err != nil {
		return nil, err
	}
	return ReadNotices200JSONResponse{view(listed, nil)}, nil
}

// ReadNotice marks a notice as read.
func (s *server) ReadNotice(ctx context.Context, request ReadNoticeRequestObject) (ReadNoticeResponseObject, error) {
	id, err := uuid.Parse(request.Id)
	if err != nil || len(request.Id) != 36 {
		return nil, notice.ErrNotFound
	}
	listed, err := s.desk.Read(ctx, auth.From(ctx).UserID, &id, s.desk.Now())
	if err != nil {
		return nil, err
	}
	return ReadNotice200JSONResponse{view(listed, nil)}, nil
}

func view(listed notice.Listed, unread *bool) NoticesJSONResponse {
	page := NoticesJSONResponse{Notices: make([]Notice, len(listed.Notices)), Unread: listed.Unread, NextCursor: nullable.NewNullNullable[string]()}
	for i := range listed.Notices {
		page.Notices[i] = events.ViewNotice(listed.Notices[i].Message())
	}
	if listed.Next != uuid.Nil {
		page.NextCursor.Set(cursor(listed.Next, unread))
	}
	return page
}

// cursor is where a list goes on, bound to its filter.
func cursor(after uuid.UUID, unread *bool) string { return filterOf(unread) + "." + after.String() }

func parseCursor(text string, unread *bool) (uuid.UUID, error) {
	filter, after, _ := strings.Cut(text, ".")
	id, err := uuid.Parse(after)
	if err != nil || filter != filterOf(unread) {
		return id, fault.Fields(fault.Field{Name: "cursor", Code: "not_allowed", Detail: "was not given out for this filter"})
	}
	return id, nil
}

func filterOf(unread *bool) string {
	switch {
	case unread == nil:
		return "a"
	case *unread:
		return "u"
	}
	return "r"
}
