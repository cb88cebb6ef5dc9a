package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// AddReminder adds a reminder to a task.
func (s *server) AddReminder(ctx context.Context, request AddReminderRequestObject) (AddReminderResponseObject, error) {
	spec, err := reminderSpec(*request.Body)
	if err != nil {
		return nil, err
	}
	do := func(ctx context.Context, who task.Author, once task.Once, id uuid.UUID, must task.Precondition) (task.Result, error) {
		return s.tasks.AddReminder(ctx, who, once, id, spec, must)
	}
	answer, err := act(ctx, do, action{"remind", request.Id, ActionParams(request.Params), request.Body})
	return AddReminder200JSONResponse{answer}, err
}

// RemoveReminder takes a reminder away.
func (s *server) RemoveReminder(ctx context.Context, request RemoveReminderRequestObject) (RemoveReminderResponseObject, error) {
	rid, err := reminderID(request.Rid)
	if err != nil {
		return nil, err
	}
	do := func(ctx context.Context, who task.Author, once task.Once, id uuid.UUID, must task.Precondition) (task.Result, error) {
		return s.tasks.RemoveReminder(ctx, who, once, id, rid, must)
	}
	answer, err := act(ctx, do, action{"remove reminder", request.Id, ActionParams(request.Params), request.Rid})
	return RemoveReminder200JSONResponse{answer}, err
}

// SnoozeReminder puts a reminder off.
func (s *server) SnoozeReminder(ctx context.Context, request SnoozeReminderRequestObject) (SnoozeReminderResponseObject, error) {
	rid, err := reminderID(request.Rid)
	if err != nil {
		return nil, err
	}
	snooze := task.Snooze{Until: request.Body.Until}
	if request.Body.Minutes != nil {
		snooze.For = time.Duration(*request.Body.Minutes) * time.Minute
	}
	do := func(ctx context.Context, who task.Author, once task.Once, id uuid.UUID, must task.Precondition) (task.Result, error) {
		return s.tasks.Snooze(ctx, who, once, id, rid, snooze, must)
	}
	answer, err := act(ctx, do, action{"snooze " + request.Rid, request.Id, ActionParams(request.Params), request.Body})
	return SnoozeReminder200JSONResponse{answer}, err
}

func reminderID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, task.ErrNoReminder
	}
	return id, nil
}

// reminderSpec reads a reminder: words, or one of the forms.
func reminderSpec(raw json.RawMessage) (task.ReminderSpec, error) {
	if isText(raw) {
		var words string
		err := json.Unmarshal(raw, &words)
		return task.ReminderSpec{Words: &words}, err
	}
	var form struct {
		MinutesBefore *int     `json:"minutes_before"`
		DaysBefore    *int     `json:"days_before"`
		Time          *string  `json:"time"`
		At            *string  `json:"at"`
		Channels      []string `json:"channels"`
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		return task.ReminderSpec{}, fmt.Errorf("read a reminder: %w", err) // the document allows nothing that fails
	}
	return task.ReminderSpec{MinutesBefore: form.MinutesBefore, DaysBefore: form.DaysBefore, Time: form.Time, At: form.At, Channels: form.Channels}, nil
}

func isText(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) }
