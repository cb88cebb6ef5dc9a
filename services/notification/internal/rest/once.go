package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// window is how long an answer is kept under its key, unless the caller says less.
const window = 24 * time.Hour

// once gives the same answer to the same request under the same key. AddWebhook keeps its own,
// which has a secret. Two at the same time may both have their effect, which is the same twice.
func (s *server) once(next StrictHandlerFunc, operation string) StrictHandlerFunc {
	return func(c *gin.Context, request any) (any, error) {
		user, key := auth.From(c.Request.Context()).UserID, c.GetHeader("Idempotency-Key")
		if _, given := c.Request.Header["Idempotency-Key"]; !given || c.Request.Method != http.MethodPost || user == "" {
			return next(c, request)
		}
		keepFor, err := keyed(key, c.GetHeader("Idempotency-Window"))
		if err != nil || operation == "AddWebhook" {
			return nextUnless(err, next, c, request)
		}
		text, err := json.Marshal(request)
		if err != nil {
			return nil, fmt.Errorf("print the request: %w", err)
		}
		print, ctx, now := sha256.Sum256([]byte(operation+" "+string(text))), c.Request.Context(), s.desk.Now()
		kept, err := s.desk.Answered(ctx, user, key, now)
		if err != nil {
			return nil, err
		}
		if kept != nil {
			return again(kept, print[:])
		}
		response, err := next(c, request)
		if err != nil {
			return nil, err
		}
		answer := &answered{Status: http.StatusOK, Headers: http.Header{}}
		if err := visit(response, answer); err != nil {
			return nil, err
		}
		if text, err = json.Marshal(answer); err != nil {
			return nil, fmt.Errorf("write the answer: %w", err)
		}
		return answer, s.desk.Keep(ctx, user, key, notice.Kept{Print: print[:], Answer: text, Until: now.Add(keepFor)})
	}
}

func nextUnless(err error, next StrictHandlerFunc, c *gin.Context, request any) (any, error) {
	if err != nil {
		return nil, err
	}
	return next(c, request)
}

// keyed checks the two headers.
func keyed(key, seconds string) (time.Duration, error) {
	if !utf8.ValidString(key) {
		return 0, fault.New(fault.Malformed, "the Idempotency-Key is not UTF-8")
	}
	if key == "" || len(key) > maxKey {
		return 0, fault.Fields(fault.Field{Name: "Idempotency-Key", Code: "too_long", Detail: "1 to 255 characters"})
	}
	if seconds == "" {
		return window, nil
	}
	n, err := strconv.Atoi(seconds)
	if err != nil || n < 1 || n > int(window/time.Second) {
		return 0, fault.Fields(fault.Field{Name: "Idempotency-Window", Code: "not_allowed", Detail: "1 to 86400 seconds"})
	}
	return time.Duration(n) * time.Second, nil
}

// again is what was answered, if it was to this request.
func again(kept *notice.Kept, print []byte) (any, error) {
	if !bytes.Equal(kept.Print, print) {
		return nil, notice.ErrOtherRequest
	}
	answer := &answered{}
	if err := json.Unmarshal(kept.Answer, answer); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	answer.Headers.Set("Idempotency-Replayed", "true")
	return answer, nil
}

// visit writes an answer where it is kept.
func visit(response any, to http.ResponseWriter) error {
	switch r := response.(type) {
	case ReadNoticesResponseObject:
		return r.VisitReadNoticesResponse(to)
	case ReadNoticeResponseObject:
		return r.VisitReadNoticeResponse(to)
	case AddSubscriptionResponseObject:
		return r.VisitAddSubscriptionResponse(to)
	case ReplayDeliveryResponseObject:
		return r.VisitReplayDeliveryResponse(to)
	}
	return fmt.Errorf("%T cannot be kept", response)
}

// answered is an answer as it was written, which can be written again.
type answered struct {
	Status  int
	Headers http.Header
	Body    []byte
}

// Header implements http.ResponseWriter.
func (a *answered) Header() http.Header { return a.Headers }

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(status int) { a.Status = status }

func (a *answered) Write(part []byte) (int, error) {
	a.Body = append(a.Body, part...)
	return len(part), nil
}

func (a *answered) write(w http.ResponseWriter) error {
	for name, values := range a.Headers {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, err := w.Write(a.Body)
	return err
}

// VisitReadNoticesResponse writes it.
func (a *answered) VisitReadNoticesResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitReadNoticeResponse writes it.
func (a *answered) VisitReadNoticeResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitAddSubscriptionResponse writes it.
func (a *answered) VisitAddSubscriptionResponse(w http.ResponseWriter) error { return a.write(w) }

// VisitReplayDeliveryResponse writes it.
func (a *answered) VisitReplayDeliveryResponse(w http.ResponseWriter) error { return a.write(w) }
