// Package client is how this service reaches api and audit.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

// House implements tool.House: it calls the service that answers a path, as the caller.
type House struct {
	API, Audit           string // where they are
	ReachAPI, ReachAudit *reach.Client
}

var _ tool.House = (*House)(nil)

// maxAnswer bounds an answer: a page of 200 tasks, or of their changes, at their longest.
const maxAnswer = 64 << 20

// Ask implements tool.House.
func (h *House) Ask(ctx context.Context, caller tool.Caller, ask tool.Ask) (tool.Answer, error) {
	req, err := h.request(ctx, caller, ask)
	if err != nil {
		return tool.Answer{}, err
	}
	by := h.ReachAPI
	if ask.Path[0] == trail {
		by = h.ReachAudit
	}
	res, err := by.Do(req)
	if err != nil {
		return tool.Answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return tool.Answer{}, fault.Wrap(fault.Unavailable, err, "the answer ended early")
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return tool.Answer{}, problem(res, body)
	}
	return tool.Answer{Body: body, Replayed: res.Header.Get("Idempotency-Replayed") == "true"}, nil
}

// trail begins the calls that audit answers; all others are api's (wire-api.md §1).
const trail = "audit-logs"

func (h *House) request(ctx context.Context, caller tool.Caller, ask tool.Ask) (*http.Request, error) {
	base := h.API
	if ask.Path[0] == trail {
		base = h.Audit
	}
	path := "/api/" + url.PathEscape(caller.UserID)
	for _, part := range ask.Path {
		if part == "" || strings.Trim(part, ".") == "" { // would be another path
			return nil, fault.New(fault.NotFound, "no such task")
		}
		path += "/" + url.PathEscape(part)
	}
	if len(ask.Query) > 0 {
		path += "?" + ask.Query.Encode()
	}
	var body io.Reader
	if ask.Body != nil {
		text, err := json.Marshal(ask.Body)
		if err != nil {
			return nil, fmt.Errorf("write a request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, ask.Method, base+path, body)
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+caller.Token)
	req.Header.Set("Accept", "application/json, application/problem+json")
	req.Header.Set("Prefer", "return=representation")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if ask.Key != "" {
		req.Header.Set("Idempotency-Key", ask.Key)
	}
	if ask.Window > 0 {
		req.Header.Set("Idempotency-Window", strconv.Itoa(int(ask.Window.Seconds())))
	}
	return req, nil
}

// problem reads a failure (RFC 9457, as wire-api.md §2 shapes it).
func problem(res *http.Response, body []byte) error {
	var said struct {
		Code   fault.Kind `json:"code"`
		Detail string     `json:"detail"`
		Errors []struct {
			Field  string `json:"field"`
			Code   string `json:"code"`
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Code == "" || said.Code == fault.Internal {
		return fault.Wrap(fault.Unavailable, fmt.Errorf("%s answered %s", res.Request.URL.Host, res.Status), "the service that this needs failed")
	}
	failed := &fault.Error{Kind: said.Code, Message: said.Detail}
	for _, e := range said.Errors {
		failed.Fields = append(failed.Fields, fault.Field{Name: e.Field, Code: e.Code, Detail: e.Detail})
	}
	return failed
}
