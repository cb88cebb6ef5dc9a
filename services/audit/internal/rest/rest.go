// Package rest is the HTTP door: it shows a person their trail. Requests and answers are those
// of openapi.yaml, which requests have been held against before they come here.
package rest

//go:generate env GOWORK=off go tool -modfile=../../../../scripts/tools/go.mod oapi-codegen -config oapi.yaml ../../openapi.yaml

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/audit/internal/trail"
)

// Routes adds the calls of the document to r.
func Routes(r gin.IRouter, service *trail.Service) {
	options := StrictGinServerOptions{RequestErrorHandlerFunc: malformed, HandlerErrorFunc: httpd.Fail, ResponseErrorHandlerFunc: httpd.Fail}
	handler := NewStrictHandlerWithOptions(&server{service}, []StrictMiddlewareFunc{scoped}, options)
	RegisterHandlersWithOptions(r, handler, GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { malformed(c, err) },
	})
}

// server implements StrictServerInterface.
type server struct{ trail *trail.Service }

var _ StrictServerInterface = (*server)(nil)

func malformed(c *gin.Context, err error) {
	httpd.Fail(c, fault.Wrap(fault.Malformed, err, "the request cannot be read"))
}

// scoped refuses a token that does not reach the trail. The call gets a copy of gin's context:
// gin uses its own again once the answer is out, while database/sql may still listen to it.
func scoped(next StrictHandlerFunc, _ string) StrictHandlerFunc {
	return func(c *gin.Context, request any) (any, error) {
		if !auth.From(c.Request.Context()).May(auth.AuditRead) {
			return nil, fault.New(fault.Forbidden, "the token lacks the scope %s", auth.AuditRead)
		}
		return next(c.Copy(), request)
	}
}

// defaultLimit is how much a page has unless it is told.
const defaultLimit = 50

// ListAuditLogs answers a page of the person's trail.
func (s *server) ListAuditLogs(ctx context.Context, request ListAuditLogsRequestObject) (ListAuditLogsResponseObject, error) {
	person, params := auth.From(ctx), request.Params
	filter, err := filter(params, zone(person))
	if err != nil {
		return nil, err
	}
	page := trail.Page{Filter: filter, Limit: defaultLimit}
	if params.Limit != nil {
		page.Limit = *params.Limit
	}
	print := printOf(filter)
	if params.Cursor != nil {
		if page.After, err = parseCursor(*params.Cursor, print); err != nil {
			return nil, err
		}
	}
	listed, err := s.trail.List(ctx, person.UserID, page)
	if err != nil {
		return nil, err
	}
	answer := ListAuditLogs200JSONResponse{AuditLogs: make([]AuditLog, len(listed.Entries)), NextCursor: nullable.NewNullNullable[string]()}
	for i, e := range listed.Entries {
		if answer.AuditLogs[i], err = view(e); err != nil {
			return nil, err
		}
	}
	if listed.Next != nil {
		answer.NextCursor.Set(cursor{print, *listed.Next}.String())
	}
	return answer, nil
}

// zone is the person's, in which a date without a time is meant.
func zone(person auth.Principal) *time.Location {
	if at, err := time.LoadLocation(person.TimeZone); err == nil {
		return at
	}
	return time.UTC
}

func filter(params ListAuditLogsParams, zone *time.Location) (f trail.Filter, err error) {
	if params.TaskId != nil {
		if f.TaskID, err = uuid.Parse(*params.TaskId); err != nil {
			return f, fault.Fields(fault.Field{Name: "task_id", Code: "format", Detail: "is no UUID"})
		}
	}
	if params.EventType != nil {
		f.Types = *params.EventType
	}
	var wrong []fault.Field
	f.From, _ = bound("from", params.From, zone, &wrong)
	to, day := bound("to", params.To, zone, &wrong)
	if f.To = to; day {
		f.To = to.AddDate(0, 0, 1).Add(-time.Microsecond) // all of that day
	}
	if wrong != nil {
		return f, fault.Fields(wrong...)
	}
	return f, nil
}

// bound reads a date, which is a day, or a date-time. Zero means that there is none.
func bound(name string, given *string, zone *time.Location, wrong *[]fault.Field) (at time.Time, day bool) {
	if given == nil {
		return time.Time{}, false
	}
	if at, err := time.ParseInLocation(time.DateOnly, *given, zone); err == nil && inRange(at) {
		return at, true
	}
	at, err := time.Parse(time.RFC3339, *given)
	if err != nil || !inRange(at) {
		*wrong = append(*wrong, fault.Field{Name: name, Code: "format", Detail: "is no date or date-time of the years 1970 to 9999"})
	}
	return at, false
}

func inRange(at time.Time) bool { return at.Year() >= 1970 && at.Year() <= 9999 }
