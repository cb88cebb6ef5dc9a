package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// syncLimit is how many changed tasks an answer to commands has at most.
const syncLimit = 200

// SyncCommands applies commands in their order, then answers what changed since the token.
func (s *server) SyncCommands(ctx context.Context, request SyncCommandsRequestObject) (SyncCommandsResponseObject, error) {
	who := author(ctx, request.Params.XTicklerClient)
	who.Source = "sync"
	since, err := tokenOf("/sync_token", cleared(request.Body.SyncToken))
	if err != nil {
		return nil, err
	}
	once, err := once(ctx, "sync", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, request.Body)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, who, once, func() (any, error) {
		if _, err := s.tasks.Since(ctx, who, since, 1); err != nil { // refuses a token before anything is done
			return nil, err
		}
		results, err := s.apply(ctx, who, request.Body.Commands)
		if err != nil {
			return nil, err
		}
		delta, err := s.tasks.Since(ctx, who, since, syncLimit)
		return Synced{
			Results: results, Full: delta.Full, Tasks: views(delta.Tasks, delta.Zone), SyncToken: delta.Token.String(), HasMore: delta.HasMore,
		}, err
	})
}

// apply carries out commands. Its error is only about what stands in the way of all.
func (s *server) apply(ctx context.Context, who task.Author, given []Command) ([]CommandResult, error) {
	outcomes := make([]task.Applied, len(given))
	var commands []task.Command
	var at []int // where each of them stands
	for i, c := range given {
		command, err := commandOf(c)
		switch {
		case errors.Is(err, task.ErrNotFound):
			outcomes[i] = task.Applied{Status: task.StatusNotFound, Err: err}
		case err != nil:
			outcomes[i] = task.Applied{Status: task.StatusInvalid, Err: err}
		default:
			commands, at = append(commands, command), append(at, i)
		}
	}
	applied, err := s.tasks.ApplyAll(ctx, who, commands)
	if err != nil {
		return nil, err
	}
	for i, outcome := range applied {
		outcomes[at[i]] = outcome
	}
	results := make([]CommandResult, len(given))
	for i, c := range given {
		results[i] = resultOf(c.Id, outcomes[i])
	}
	return results, nil
}

func resultOf(id string, applied task.Applied) CommandResult {
	result := CommandResult{Id: id, Status: CommandResultStatus(applied.Status)}
	result.Task.SetNull()
	result.Error.SetNull()
	if applied.Task != nil {
		result.Task.Set(view(*applied.Task))
	}
	if applied.Err != nil {
		result.Error.Set(commandError(applied.Err))
	}
	return result
}

func commandOf(c Command) (task.Command, error) {
	command := task.Command{ID: c.Id, Type: string(c.Type)}
	var err error
	if command.TaskID, err = taskID(c.TaskId); err != nil {
		return command, err
	}
	if base, err := c.BaseVersion.Get(); err == nil {
		version := int64(base)
		command.Base = &version
	}
	text, err := json.Marshal(c)
	if err != nil {
		return command, fmt.Errorf("print a command: %w", err)
	}
	command.Print = sha256.Sum256(text)
	if args, err := c.Args.Get(); err == nil {
		command.Fields, err = fieldsOf(args)
		return command, err
	}
	return command, nil
}

// fieldsOf reads the fields of a task. The document lets them be any object, so that what is
// wrong with one command does not stand in the way of the others.
func fieldsOf(args json.RawMessage) (task.Patch, error) {
	var body TaskPatch
	decoder := json.NewDecoder(bytes.NewReader(args))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return task.Patch{}, fault.Fields(fault.Field{Name: "/args", Code: "wrong_type", Detail: "are not the fields of a task"})
	}
	return patch(&body)
}

func commandError(err error) CommandError {
	shown := CommandError{Code: string(fault.KindOf(err)), Detail: "cannot be applied"}
	shown.Errors = []struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
		Field  string `json:"field"`
	}{}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		shown.Detail = e.Message
		for _, f := range e.Fields {
			shown.Errors = append(shown.Errors, struct {
				Code   string `json:"code"`
				Detail string `json:"detail"`
				Field  string `json:"field"`
			}{f.Code, f.Detail, f.Name})
		}
	}
	return shown
}

// tokenOf reads a sync token; nil is none.
func tokenOf(field string, token *string) (*task.Token, error) {
	if token == nil || *token == "" {
		return nil, nil
	}
	read, ok := task.ParseToken(*token)
	if !ok {
		return nil, fault.Fields(fault.Field{Name: field, Code: "unknown", Detail: "was not given out for these tasks"})
	}
	return &read, nil
}

// UndoChanges takes changes back.
func (s *server) UndoChanges(ctx context.Context, request UndoChangesRequestObject) (UndoChangesResponseObject, error) {
	once, err := once(ctx, "undo", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, request.Body)
	if err != nil {
		return nil, err
	}
	var which task.Which
	if id := request.Body.EventId; id != nil {
		which.EventID = *id
	}
	if id := request.Body.RequestId; id != nil {
		which.RequestID = *id
	}
	result, err := s.tasks.Undo(ctx, trial(ctx, request.Params.XTicklerClient, request.Params.DryRun), once, which)
	if err != nil {
		return nil, err
	}
	answer := UndoChanges200JSONResponse{Body: Undone{Undone: append([]uuid.UUID{}, result.Undone...), Tasks: views(result.Tasks, result.Zone)}}
	if result.Replayed {
		yes := "true"
		answer.Headers.IdempotencyReplayed = &yes
	}
	return answer, nil
}

// GetStats answers counts for badges and charts.
func (s *server) GetStats(ctx context.Context, _ GetStatsRequestObject) (GetStatsResponseObject, error) {
	stats, err := s.tasks.Stats(ctx, author(ctx, nil))
	if err != nil {
		return nil, err
	}
	shown := GetStats200JSONResponse{
		Open: stats.Open, Overdue: stats.Overdue, DueToday: stats.DueToday, CompletedToday: stats.CompletedToday,
		ByPriority: stats.ByPriority, ByDay: make([]DayCount, len(stats.ByDay)), ByTag: make([]TagOpen, len(stats.ByTag)),
	}
	for i, d := range stats.ByDay {
		shown.ByDay[i].Created, shown.ByDay[i].Completed = d.Created, d.Completed
		if err := shown.ByDay[i].Date.UnmarshalText([]byte(d.Date)); err != nil {
			return nil, fmt.Errorf("show a day: %w", err)
		}
	}
	for i, t := range stats.ByTag {
		shown.ByTag[i] = TagOpen{Tag: t.Tag, Open: t.Open}
	}
	return shown, nil
}
