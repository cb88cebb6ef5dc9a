// Package client is how this service reaches mcp.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/chat/internal/conversation"
)

// Tools implements conversation.Tools with the MCP server. Set its fields before use; its
// methods may be called side by side.
type Tools struct {
	URL     string // of mcp, without /mcp
	Reach   *reach.Client
	Tokens  *auth.Exchanger // the person's for ones that say that this service acts for them
	Version string          // of this service, as it introduces itself
	Now     func() time.Time

	mu     sync.Mutex
	line   *line // nil until it is needed, and after it broke
	offers []conversation.Offer
	until  time.Time // the offers are believed
}

var _ conversation.Tools = (*Tools)(nil)

// offersFor is how long the list of tools is believed. It is the same for everybody.
const offersFor = time.Minute

// askingFor is how long the old list is given to others while one asks for the new one.
const askingFor = 5 * time.Second

// List implements conversation.Tools. An old list serves on while mcp is away.
func (t *Tools) List(ctx context.Context, p conversation.Person) ([]conversation.Offer, error) {
	t.mu.Lock()
	old, fresh := t.offers, t.Now().Before(t.until)
	if !fresh {
		t.until = t.Now().Add(askingFor)
	}
	t.mu.Unlock()
	if fresh && old != nil {
		return old, nil
	}
	asked, err := t.ask(ctx, p)
	if err != nil && fault.KindOf(err) != fault.Unauthorized && old != nil {
		return old, nil
	} else if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.offers, t.until = asked, t.Now().Add(offersFor)
	return asked, nil
}

func (t *Tools) ask(ctx context.Context, p conversation.Person) (offers []conversation.Offer, err error) {
	err = t.speak(ctx, p, "", func(ctx context.Context, with *mcp.ClientSession) error {
		for tool, err := range with.Tools(ctx, nil) {
			if err != nil {
				return err
			}
			schema, err := json.Marshal(tool.InputSchema)
			if err != nil {
				return fmt.Errorf("the schema of %s: %w", tool.Name, err)
			}
			offers = append(offers, conversation.Offer{
				Name: tool.Name, Description: tool.Description, Input: schema,
				ReadOnly: tool.Annotations != nil && tool.Annotations.ReadOnlyHint,
			})
		}
		return nil
	})
	return offers, err
}

// Call implements conversation.Tools.
func (t *Tools) Call(ctx context.Context, p conversation.Person, request string, c conversation.Call) (output []byte, err error) {
	err = t.speak(ctx, p, request, func(ctx context.Context, with *mcp.ClientSession) error {
		result, err := with.CallTool(ctx, &mcp.CallToolParams{Name: c.Tool, Arguments: c.Input})
		if err != nil {
			return err
		}
		if result.StructuredContent != nil {
			output, err = json.Marshal(result.StructuredContent)
		} else {
			output, err = plain(result)
		}
		return err
	})
	return output, err
}

// speak lets f use the line as the person, under a request id, and says what kind of failure
// it met.
func (t *Tools) speak(ctx context.Context, p conversation.Person, request string, f func(context.Context, *mcp.ClientSession) error) error {
	token, err := t.Tokens.Exchange(ctx, p.Token, "")
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, callerKey{}, caller{token: token, request: request})
	on, err := t.lend(ctx)
	if err == nil {
		err = f(ctx, on.ClientSession)
		t.giveBack(on, doubtful(err))
	}
	switch {
	case err == nil:
		return nil
	case fault.KindOf(err) == fault.Unauthorized:
		t.Tokens.Forget(p.Token)
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "the tools cannot be reached")
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
