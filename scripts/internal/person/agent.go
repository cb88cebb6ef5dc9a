package person

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Agent is a program that works for a person over MCP, as the bearer of a token.
type Agent struct {
	At    string // the address of the server, without /mcp
	Token string
	Turn  string // the request id of all it does; empty for one each

	calls *http.Client
}

// Agent returns an agent of the person's that shows a token.
func (p *Person) Agent(at, token string) *Agent { return &Agent{At: at, Token: token, calls: p.calls} }

// Use calls a tool and reads its data. The error is a *Problem where the server refused the
// token, and else says how the tool failed, or that it wants a confirmation.
func (a *Agent) Use(ctx context.Context, tool string, arguments map[string]any, data any) error {
	message, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": map[string]any{"name": tool, "arguments": arguments},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.At+"/mcp", bytes.NewReader(message))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	req.Header.Set("MCP-Protocol-Version", "2025-11-25")
	if a.Turn != "" {
		req.Header.Set("X-Request-Id", a.Turn)
	}
	var answer struct {
		Error  *struct{ Message string }
		Result struct {
			Structured struct {
				Status string
				Data   json.RawMessage
				Error  struct{ Code, Detail string }
			} `json:"structuredContent"`
		}
	}
	if _, err := read(a.calls, req, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return fmt.Errorf("%s: %s", tool, answer.Error.Message)
	}
	if got := answer.Result.Structured; got.Status != "success" {
		return fmt.Errorf("%s: %s %s: %s", tool, got.Status, got.Error.Code, got.Error.Detail)
	}
	if data == nil {
		return nil
	}
	return json.Unmarshal(answer.Result.Structured.Data, data)
}
