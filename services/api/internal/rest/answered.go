package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/tickler-app/tickler/services/api/internal/task"
)

// answered is a 200 that is kept under a key as it was given, of calls that are no single change.
type answered struct {
	body     []byte
	replayed bool
}

// answer gives what do answers, or what it answered before under the same key.
func (s *server) answer(ctx context.Context, who task.Author, once task.Once, do func() (any, error)) (answered, error) {
	body, replayed, err := s.tasks.Answered(ctx, who, once, func() ([]byte, error) {
		answer, err := do()
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(answer)
		if err != nil {
			return nil, fmt.Errorf("write the answer: %w", err)
		}
		return body, nil
	})
	return answered{body, replayed}, err
}

func (a answered) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	if a.replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	_, err := w.Write(a.body)
	return err
}

// VisitParseTaskResponse writes it.
func (a answered) VisitParseTaskResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitPreviewRecurrenceResponse writes it.
func (a answered) VisitPreviewRecurrenceResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitSyncCommandsResponse writes it.
func (a answered) VisitSyncCommandsResponse(w http.ResponseWriter) error { return a.write(w) }
