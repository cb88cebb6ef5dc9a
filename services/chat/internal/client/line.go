package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
)

// line is a session of the protocol that all turns share: the server keeps none, and who calls
// is said by each request (see way). So a call costs one exchange, where a session of its own
// would shake hands first.
type line struct {
	*mcp.ClientSession
	users int // Tools.mu guards it
}

// lend returns the line to mcp, and makes it if there is none. Of several that are made at once,
// each with its own caller's token, the first stays.
func (t *Tools) lend(ctx context.Context) (*line, error) {
	t.mu.Lock()
	if on := t.line; on != nil {
		on.users++
		t.mu.Unlock()
		return on, nil
	}
	t.mu.Unlock()
	by := new(http.Client)
	by.Transport = way{t.Reach}
	client := mcp.NewClient(&mcp.Implementation{Name: "chat", Version: t.Version}, &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}})
	made, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: t.URL + "/mcp", DisableStandaloneSSE: true, MaxRetries: -1, HTTPClient: by,
	}, nil)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	on := &line{ClientSession: made, users: 1}
	if t.line == nil {
		t.line = on
	}
	return on, nil
}

// giveBack ends the use of a line. One that may be broken is lent to nobody again, and closed
// when its last user has gone.
func (t *Tools) giveBack(on *line, broken bool) {
	t.mu.Lock()
	if broken && t.line == on {
		t.line = nil
	}
	on.users--
	over := on != t.line && on.users == 0
	t.mu.Unlock()
	if over {
		_ = on.Close() // nothing is left to say
	}
}

// doubtful reports whether an error may be that of the line, not of one call on it.
func doubtful(err error) bool {
	return err != nil && fault.KindOf(err) != fault.Unauthorized && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// caller is for whom a request is, and under which id. Its context holds it.
type caller struct{ token, request string }

type callerKey struct{}

// way is how requests reach mcp: through pkg/reach, each as its caller.
type way struct{ by *reach.Client }

// maxAnswer bounds an answer: a page of 200 tasks at their longest.
const maxAnswer = 64 << 20

// RoundTrip implements http.RoundTripper. What one caller meets must not end the line of all, so
// every answer but a good one is an error of its request alone, and a good one is here in whole
// before the line sees it.
func (w way) RoundTrip(req *http.Request) (*http.Response, error) {
	who, ok := req.Context().Value(callerKey{}).(caller)
	if !ok {
		return nil, errors.New("a request to mcp that is nobody's")
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+who.token)
	if who.request != "" {
		req.Header.Set("X-Request-Id", who.request)
	}
	res, err := w.by.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, fmt.Errorf("mcp's answer ended early: %w", err)
	case res.StatusCode == http.StatusUnauthorized:
		return nil, fault.New(fault.Unauthorized, "the session has ended")
	case res.StatusCode < 200 || res.StatusCode > 299:
		return nil, fmt.Errorf("mcp answered %s", res.Status)
	case res.StatusCode == http.StatusOK && !json.Valid(body):
		return nil, errors.New("mcp answered what is no JSON")
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}
