// Package rest is the HTTP door: it turns requests into calls of task.Service. The requests
// and answers are those of openapi.yaml, which has been held against them before they come
// here.
package rest

//go:generate env GOWORK=off go tool -modfile=../../../../scripts/tools/go.mod oapi-codegen -config oapi.yaml ../../openapi.yaml

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Routes adds the calls of the document to r.
func Routes(r gin.IRouter, part Parts) {
	options := StrictGinServerOptions{RequestErrorHandlerFunc: malformed, HandlerErrorFunc: fail, ResponseErrorHandlerFunc: httpd.Fail}
	handler := NewStrictHandlerWithOptions(&server{part.Tasks, part.Porter, part.Calendars, part.Public}, []StrictMiddlewareFunc{scoped}, options)
	RegisterHandlersWithOptions(r, handler, GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { malformed(c, err) },
	})
}

// Parts are what the door calls. Public is the origin that people see, of the addresses that they
// are given.
type Parts struct {
	Tasks     *task.Service
	Porter    *task.Porter
	Calendars *task.Calendars
	Public    string
}

// server implements StrictServerInterface.
type server struct {
	tasks     *task.Service
	porter    *task.Porter
	calendars *task.Calendars
	public    string
}

var _ StrictServerInterface = (*server)(nil)

func malformed(c *gin.Context, err error) {
	httpd.Fail(c, fault.Wrap(fault.Malformed, err, "the request cannot be read"))
}

// fail answers an error; one about a stale version shows what is there instead.
func fail(c *gin.Context, err error) {
	if stale, ok := errors.AsType[*task.Stale](err); ok {
		c.Header("ETag", etag(stale.Current.Task.Version))
		httpd.FailWith(c, err, view(stale.Current))
		return
	}
	httpd.Fail(c, err)
}

// scoped lets a token do what its scopes name: reading or writing tasks, and parsing writes
// nothing. The call gets a copy of gin's context: gin uses its own again once the answer is
// out, while database/sql may still listen to it.
func scoped(next StrictHandlerFunc, operation string) StrictHandlerFunc {
	return func(c *gin.Context, request any) (any, error) {
		needed := []string{auth.TasksWrite}
		switch {
		case operation == "GetCalendar": // it has a secret of its own
			needed = nil
		case c.Request.Method == "GET" || c.Request.Method == "HEAD" || operation == "ParseTask":
			needed = []string{auth.TasksRead}
		case operation == "SyncCommands" || operation == "PublishCalendar": // they write, and show all tasks
			needed = []string{auth.TasksWrite, auth.TasksRead}
		}
		for _, scope := range needed {
			if !auth.From(c.Request.Context()).May(scope) {
				return nil, fault.New(fault.Forbidden, "the token lacks the scope %s", scope)
			}
		}
		return next(c.Copy(), request)
	}
}

func view(found task.Found) Task { return events.View(found.Task.Message(found.Zone)) }

func views(tasks []task.Task, zone *time.Location) []Task {
	shown := make([]Task, len(tasks))
	for i := range tasks {
		shown[i] = view(task.Found{Task: tasks[i], Zone: zone})
	}
	return shown
}

// GetTask answers a task, also one in the trash.
func (s *server) GetTask(ctx context.Context, request GetTaskRequestObject) (GetTaskResponseObject, error) {
	id, err := taskID(request.Id)
	if err != nil {
		return nil, err
	}
	found, err := s.tasks.Find(ctx, author(ctx, nil), id)
	if err != nil {
		return nil, err
	}
	if header := request.Params.IfNoneMatch; header != nil && matches(*header, true)(found.Task.Version) {
		return unchanged{GetTask304Response{}, etag(found.Task.Version)}, nil
	}
	return GetTask200JSONResponse{shown(task.Result{Found: found})}, nil
}

// unchanged is a 304, which says of what (RFC 9110, section 15.4.5).
type unchanged struct {
	GetTask304Response
	tag string
}

// VisitGetTaskResponse writes it.
func (u unchanged) VisitGetTaskResponse(w http.ResponseWriter) error {
	w.Header().Set("ETag", u.tag)
	return u.GetTask304Response.VisitGetTaskResponse(w)
}

// CreateTask adds a task.
func (s *server) CreateTask(ctx context.Context, request CreateTaskRequestObject) (CreateTaskResponseObject, error) {
	once, err := once(ctx, "create", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, request.Body)
	if err != nil {
		return nil, err
	}
	fields, err := patch(request.Body)
	if err != nil {
		return nil, err
	}
	who := trial(ctx, request.Params.XTicklerClient, request.Params.DryRun)
	result, err := s.tasks.Create(ctx, who, once, fields)
	if err != nil {
		return nil, err
	}
	if who.DryRun {
		return CreateTask200JSONResponse(view(result.Found)), nil
	}
	answer := shown(result)
	location := "/api/" + result.Task.UserID + "/tasks/" + result.Task.ID.String()
	return CreateTask201JSONResponse{Body: answer.Body, Headers: CreateTask201ResponseHeaders{
		ETag: answer.Headers.ETag, IdempotencyReplayed: answer.Headers.IdempotencyReplayed, Location: &location,
	}}, nil
}

// UpdateTask merges fields into a task.
func (s *server) UpdateTask(ctx context.Context, request UpdateTaskRequestObject) (UpdateTaskResponseObject, error) {
	id, err := taskID(request.Id)
	if err != nil {
		return nil, err
	}
	body := request.JSONBody
	if body == nil {
		body = request.ApplicationMergePatchPlusJSONBody
	}
	fields, err := patch(body)
	if err != nil {
		return nil, err
	}
	params := request.Params
	once, err := once(ctx, "edit", request.Id, params.IdempotencyKey, params.IdempotencyWindow, body)
	if err != nil {
		return nil, err
	}
	result, err := s.tasks.Edit(ctx, trial(ctx, params.XTicklerClient, params.DryRun), once, id, fields, must(params.IfMatch))
	if err != nil {
		return nil, err
	}
	return UpdateTask200JSONResponse{shown(result)}, nil
}

// DeleteTask puts a task into the trash.
func (s *server) DeleteTask(ctx context.Context, request DeleteTaskRequestObject) (DeleteTaskResponseObject, error) {
	id, err := taskID(request.Id)
	if err != nil {
		return nil, err
	}
	params := request.Params
	once, err := once(ctx, "delete", request.Id, params.IdempotencyKey, params.IdempotencyWindow, nil)
	if err != nil {
		return nil, err
	}
	who := trial(ctx, params.XTicklerClient, params.DryRun)
	result, err := s.tasks.Delete(ctx, who, once, id, must(params.IfMatch))
	if err != nil {
		return nil, err
	}
	if who.DryRun || params.Prefer != nil && strings.Contains(strings.ToLower(*params.Prefer), "return=representation") {
		return DeleteTask200JSONResponse{shown(result)}, nil
	}
	return DeleteTask204Response{}, nil
}

// CompleteTask marks a task done.
func (s *server) CompleteTask(ctx context.Context, request CompleteTaskRequestObject) (CompleteTaskResponseObject, error) {
	answer, err := act(ctx, s.tasks.Complete, action{"complete", request.Id, ActionParams(request.Params), nil})
	return CompleteTask200JSONResponse{answer}, err
}

// ReopenTask marks a task as to be done again.
func (s *server) ReopenTask(ctx context.Context, request ReopenTaskRequestObject) (ReopenTaskResponseObject, error) {
	answer, err := act(ctx, s.tasks.Reopen, action{"reopen", request.Id, ActionParams(request.Params), nil})
	return ReopenTask200JSONResponse{answer}, err
}

// RestoreTask takes a task out of the trash.
func (s *server) RestoreTask(ctx context.Context, request RestoreTaskRequestObject) (RestoreTaskResponseObject, error) {
	answer, err := act(ctx, s.tasks.Restore, action{"restore", request.Id, ActionParams(request.Params), nil})
	return RestoreTask200JSONResponse{answer}, err
}
