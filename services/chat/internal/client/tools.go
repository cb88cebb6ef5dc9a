// Package client is how this service reaches mcp.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// Tools implements conversation.Tools with the MCP server.
type Tools struct {
	URL     string // of mcp, without /mcp
	Reach   *reach.Client
	Tokens  *auth.Exchanger // the person's for ones that say that this service acts for them
	Version string          // of this service, as it introduces itself
	Now     func() time.Time

	mu     sync.Mutex
	offers []conversation.Offer
	until  time.Time
}

var _ conversation.Tools = (*Tools)(nil)

// offersFor is how long the list of tools is believed. It is the same for everybody.
const offersFor = time.Minute

// List implements conversation.Tools. An old list serves on while mcp is away.
func (t *Tools) List(ctx context.Context, p conversation.Person) ([]conversation.Offer, error) {
	t.mu.Lock()
	offers, fresh := t.offers, t.Now().Before(t.until)
	t.mu.Unlock()
	if fresh {
		return offers, nil
	}
	asked, err := t.ask(ctx, p)
	if err != nil && fault.KindOf(err) != fault.Unauthorized && offers != nil {
		return offers, nil
	} else if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.offers, t.until = asked, t.Now().Add(offersFor)
	return asked, nil
}

func (t *Tools) ask(ctx context.Context, p conversation.Person) (offers []conversation.Offer, err error) {
	s := &session{tools: t, person: p}
	defer s.Close()
	connected, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	for tool, err := range connected.Tools(ctx, nil) {
		if err != nil {
			return nil, s.fault(err)
		}
		schema, err := json.Marshal(tool.InputSchema)
		if err != nil {
			return nil, fmt.Errorf("the schema of %s: %w", tool.Name, err)
		}
		offers = append(offers, conversation.Offer{
			Name: tool.Name, Description: tool.Description, Input: schema,
			ReadOnly: tool.Annotations != nil && tool.Annotations.ReadOnlyHint,
		})
	}
	return offers, nil
}

// Open implements conversation.Tools.
func (t *Tools) Open(p conversation.Person, request string) conversation.Session {
	return &session{tools: t, person: p, request: request}
}

// session is a turn's connection, which is made when it is needed first.
type session struct {
	tools    *Tools
	person   conversation.Person
	request  string
	rejected atomic.Bool // the token is no longer good

	mu        sync.Mutex
	connected *mcp.ClientSession
}

func (s *session) connect(ctx context.Context) (*mcp.ClientSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected != nil {
		return s.connected, nil
	}
	token, err := s.tools.Tokens.Exchange(ctx, s.person.Token, "")
	if err != nil {
		return nil, err
	}
	transport := &mcp.StreamableClientTransport{
		Endpoint: s.tools.URL + "/mcp", DisableStandaloneSSE: true, MaxRetries: -1,
		HTTPClient: s.http(token),
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "chat", Version: s.tools.Version}, &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}})
	connected, err := client.Connect(ctx, transport, nil)
	if err != nil {
		return nil, s.fault(err)
	}
	s.connected = connected
	return connected, nil
}

// http is what the protocol's client sends with: through pkg/reach, for the person.
func (s *session) http(token string) *http.Client {
	way := new(http.Client)
	way.Transport = bearer{session: s, token: token}
	return way
}

// bearer is the way of requests: for the person, and under the turn's id.
type bearer struct {
	session *session
	token   string
}

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+b.token)
	if b.session.request != "" {
		req.Header.Set("X-Request-Id", b.session.request)
	}
	res, err := b.session.tools.Reach.Do(req)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		b.session.rejected.Store(true)
	}
	return res, err
}

// fault says what kind of failure the protocol's client met.
func (s *session) fault(err error) error {
	switch {
	case s.rejected.Load():
		s.tools.Tokens.Forget(s.person.Token)
		return fault.Wrap(fault.Unauthorized, err, "the session has ended")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "the tools cannot be reached")
}

// Call implements conversation.Session.
func (s *session) Call(ctx context.Context, c conversation.Call) ([]byte, error) {
	connected, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	result, err := connected.CallTool(ctx, &mcp.CallToolParams{Name: c.Tool, Arguments: c.Input})
	if err != nil {
		return nil, s.fault(err)
	}
	if s.rejected.Load() {
		return nil, s.fault(errors.New("rejected"))
	}
	if result.StructuredContent != nil {
		return json.Marshal(result.StructuredContent)
	}
	return plain(result)
}

// plain gives an answer without structure one: that of a server that refused the arguments.
func plain(result *mcp.CallToolResult) ([]byte, error) {
	var texts []string
	for _, content := range result.Content {
		if text, ok := content.(*mcp.TextContent); ok {
			texts = append(texts, text.Text)
		}
	}
	text := strings.Join(texts, "\n")
	if result.IsError {
		return json.Marshal(map[string]any{"status": "error", "error": map[string]any{"code": "invalid", "field": nil, "detail": text}})
	}
	return json.Marshal(map[string]any{"status": "success", "data": map[string]any{"text": text}})
}

// Close implements conversation.Session.
func (s *session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected != nil {
		_ = s.connected.Close() // nothing is left to say
	}
}
