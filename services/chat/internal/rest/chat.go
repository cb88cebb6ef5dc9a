package rest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// regenerate is the trigger that answers the last message again.
const regenerate = "regenerate-message"

// Chat begins a turn and answers it: as a stream, or in one piece when it is done.
func (s *server) Chat(ctx context.Context, request ChatRequestObject) (ChatResponseObject, error) {
	person := auth.From(ctx)
	ask, err := asked(ctx, request)
	if err != nil {
		return nil, err
	}
	token, _ := ctx.Value(tokenKey{}).(string)
	begun, answer, err := s.Start(ctx, conversation.Person{ID: person.UserID, Token: token, Zone: person.TimeZone}, ask)
	if err != nil {
		return nil, err
	}
	if !wantsJSON(request.Params.Accept) {
		return stream{ctx: ctx, conversation: begun.Conversation, turn: begun.Turn, answer: answer, replayed: begun.Replayed}, nil
	}
	view, err := last(ctx, answer)
	if err != nil {
		return nil, err
	}
	return whole(begun, view, ask.Request)
}

// asked is what a request wants.
func asked(ctx context.Context, request ChatRequestObject) (ask conversation.Ask, err error) {
	body := request.Body
	ask = conversation.Ask{UserID: auth.From(ctx).UserID, Request: telemetry.RequestID(ctx)}
	if id, err := body.ConversationId.Get(); err == nil {
		if ask.Conversation, err = idOf(id); err != nil {
			return ask, err
		}
	}
	switch {
	case body.Trigger != nil && *body.Trigger == regenerate:
		ask.Again = true
	case body.Message == nil:
		return ask, fault.Fields(fault.Field{Name: "/message", Code: "required", Detail: "is needed"})
	default:
		ask.Message = *body.Message
	}
	if key := request.Params.IdempotencyKey; key != nil && *key != "" {
		if !utf8.ValidString(*key) {
			return ask, fault.New(fault.Malformed, "the Idempotency-Key is not UTF-8")
		}
		if len(*key) > 255 {
			return ask, fault.Fields(fault.Field{Name: "Idempotency-Key", Code: "too_long", Detail: "at most 255 characters"})
		}
		text, err := json.Marshal(body)
		if err != nil {
			return ask, err
		}
		sum := sha256.Sum256(text)
		ask.Once, ask.Print, ask.Window = *key, sum[:], 24*time.Hour
		if window := request.Params.IdempotencyWindow; window != nil {
			if *window < 1 || *window > 86400 {
				return ask, fault.Fields(fault.Field{Name: "Idempotency-Window", Code: "not_allowed", Detail: "1 to 86400 seconds"})
			}
			ask.Window = time.Duration(*window) * time.Second
		}
	}
	return ask, nil
}

// wantsJSON reports whether an Accept header names JSON, and the stream not before it. What
// takes anything gets the stream.
func wantsJSON(accept *string) bool {
	if accept == nil {
		return false
	}
	best, answer := 0.0, false
	for part := range strings.SplitSeq(*accept, ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if given, err := strconv.ParseFloat(params["q"], 64); err == nil {
			q = given
		}
		if (media == "application/json" || media == "text/event-stream") && q > best {
			best, answer = q, media == "application/json"
		}
	}
	return answer
}

// last waits until an answer is done.
func last(ctx context.Context, answer conversation.Answer) (conversation.View, error) {
	for {
		view, err := answer.Next(ctx)
		if err != nil || view.Status != conversation.Running {
			return view, err
		}
	}
}

// whole is a turn in one piece. One that broke off before anything was done is the failure
// that it met; after that, it is an answer, which says so.
func whole(b conversation.Begun, v conversation.View, request string) (ChatResponseObject, error) {
	results := conversation.ResultsOf(v.Parts)
	worked := slices.ContainsFunc(v.Parts, func(p conversation.Part) bool { return p.State == conversation.Worked })
	if v.Err != nil && !worked {
		if fault.KindOf(v.Err) == fault.Unauthorized {
			return nil, v.Err
		}
		return nil, fault.Wrap(fault.Unavailable, v.Err, lastWords(v.Parts))
	}
	id := b.Conversation.String()
	body := Answer{ConversationId: id, Response: conversation.TextOf(v.Parts), ToolCalls: []ToolCall{}}
	for _, r := range results {
		body.ToolCalls = append(body.ToolCalls, ToolCall{Id: r.Call.ID, Name: r.Call.Tool, Input: r.Call.Input, Output: r.Output})
	}
	answer := conversation.Entry{ID: b.Turn, Role: conversation.Assistant, Parts: v.Parts, CreatedAt: b.CreatedAt}
	body.Messages = []Message{message(b.Asked), message(answer)}
	body.Metadata.RequestId, body.Metadata.Status = request, string(v.Status)
	for _, p := range v.Parts {
		body.Metadata.AwaitsApproval = body.Metadata.AwaitsApproval || p.State == conversation.Asks
	}
	headers := Chat200ResponseHeaders{XConversationId: &id}
	if b.Replayed {
		replayed := "true"
		headers.IdempotencyReplayed = &replayed
	}
	return Chat200JSONResponse{Body: body, Headers: headers}, nil
}

func message(e conversation.Entry) Message {
	if e.Parts == nil {
		e.Parts = []conversation.Part{}
	}
	return Message{Id: e.ID.String(), Role: e.Role, Parts: e.Parts, CreatedAt: e.CreatedAt}
}
