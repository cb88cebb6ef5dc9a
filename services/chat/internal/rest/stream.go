package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// stream is the answer of both calls that let one read along.
type stream struct {
	ctx                context.Context
	conversation, turn uuid.UUID
	answer             conversation.Answer
	replayed           bool
}

// keepAlive is how long a stream is silent at most, so that nothing on the way closes it.
const keepAlive = 15 * time.Second

// VisitChatResponse implements ChatResponseObject.
func (s stream) VisitChatResponse(w http.ResponseWriter) error { return s.write(w) }

// VisitFollowConversationResponse implements FollowConversationResponseObject.
func (s stream) VisitFollowConversationResponse(w http.ResponseWriter) error { return s.write(w) }

// write sends frames as they come, until the answer is done or its reader has gone, which is
// no failure: the turn goes on.
func (s stream) write(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Vercel-AI-UI-Message-Stream", "v1")
	h.Set("X-Accel-Buffering", "no")
	h.Set("X-Conversation-Id", s.conversation.String())
	if s.replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	teller := teller{conversation: s.conversation, turn: s.turn}
	for {
		view, silent, err := s.next()
		if err != nil {
			return nil // it can only be told by ending early
		}
		var text bytes.Buffer
		if silent {
			text.WriteString(": keep-alive\n\n")
		} else if err := s.frames(&text, teller.tell(view), view); err != nil {
			return err
		}
		if _, err := w.Write(text.Bytes()); err != nil {
			return nil
		}
		if err := out.Flush(); err != nil {
			return nil
		}
		if !silent && view.Status != conversation.Running {
			return nil
		}
	}
}

func (s stream) frames(text *bytes.Buffer, frames []frame, v conversation.View) error {
	for _, f := range frames {
		line, err := f.line()
		if err != nil {
			return err
		}
		text.Write(line)
	}
	if v.Status != conversation.Running {
		text.WriteString("data: [DONE]\n\n")
	}
	return nil
}

// next waits for the answer to grow; silent reports that it did not for a while.
func (s stream) next() (view conversation.View, silent bool, err error) {
	ctx, done := context.WithTimeout(s.ctx, keepAlive)
	defer done()
	view, err = s.answer.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) && s.ctx.Err() == nil {
		return view, true, nil
	}
	return view, false, err
}
