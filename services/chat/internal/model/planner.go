// Package model plans turns with a language model, over the one wire that most servers of
// models speak: OpenAI's Chat Completions, with streaming and tools (wire-chat.md).
package model

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// Planner implements conversation.Planner. It keeps nothing: a model is told all that was said.
type Planner struct {
	URL   string // of the API, such as http://localhost:11434/v1
	Key   string // empty: no Authorization is sent
	Model string
	Reach *reach.Client
}

var _ conversation.Planner = (*Planner)(nil)

// What a person may read of a failure.
const (
	silent     = "the model said nothing"
	unreadable = "the model's answer cannot be read"
	tooLarge   = "the model's answer is too large"
	cutOff     = "the model broke off in the middle of its answer"
	failed     = "the model failed in the middle of its answer"
	refused    = "the model does not take the question"
	away       = "the model is not available"
)

// Next implements conversation.Planner: it asks the model once. Before the first byte of an
// answer the question may be sent again; after it, never. All its errors are
// fault.Unavailable, or the cause of the context's end.
func (p *Planner) Next(ctx context.Context, turn conversation.Turn, emit conversation.Emit) (conversation.Step, error) {
	res, err := p.ask(ctx, p.question(turn))
	if err != nil {
		return conversation.Step{}, ended(ctx, err)
	}
	defer res.Body.Close()
	said := &answer{emit: emit}
	if err := said.read(res); err != nil {
		return said.step(), ended(ctx, err)
	}
	step := said.step()
	if step.Text == "" && len(step.Calls) == 0 {
		return step, fault.New(fault.Unavailable, silent)
	}
	return step, nil
}

// ended prefers the reason for which the context has ended, if it has.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (p *Planner) ask(ctx context.Context, q question) (*http.Response, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("write the question: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the model: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream, application/json")
	req.Header.Set("Idempotency-Key", uuid.NewString()) // so that pkg/reach may send it again
	if p.Key != "" {
		req.Header.Set("Authorization", "Bearer "+p.Key)
	}
	res, err := p.Reach.Do(req)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, away)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 1024)) // for the log
	message := away
	if res.StatusCode >= 400 && res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests {
		message = refused
	}
	return nil, fault.Wrap(fault.Unavailable, fmt.Errorf("answered %s: %s", res.Status, said), message)
}
