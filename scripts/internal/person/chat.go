package person

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Heard is what the agent answered.
type Heard struct {
	Conversation string `json:"conversation_id"`
	Response     string `json:"response"`
	Calls        []struct {
		Name string `json:"name"`
	} `json:"tool_calls"`
	Metadata struct {
		Request string `json:"request_id"`
		Asks    bool   `json:"awaits_approval"`
	} `json:"metadata"`
}

// Say says something to the agent, in a conversation or, where that is empty, in a new one,
// and waits for the whole answer.
func (p *Person) Say(ctx context.Context, in, message string) (h Heard, err error) {
	_, err = p.CallWith(ctx, "POST", "chat", said(in, message), http.Header{"Accept": {"application/json"}}, &h)
	return h, err
}

func said(in, message string) map[string]any {
	body := map[string]any{"message": message}
	if in != "" {
		body["conversation_id"] = in
	}
	return body
}

// Streamed is an answer that came piece by piece.
type Streamed struct {
	Conversation string
	Frames       []string // types, in their order
	Text         string
	First, Last  time.Duration // until the first byte of the answer, and the last
}

// Hear is Say as a stream, of the chat at base.
func (p *Person) Hear(ctx context.Context, base, in, message string) (s Streamed, err error) {
	text, err := json.Marshal(said(in, message))
	if err != nil {
		return s, err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", base+"/api/"+p.ID+"/chat", bytes.NewReader(text))
	if err != nil {
		return s, err
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	req.Header.Set("Content-Type", "application/json")
	began := time.Now()
	res, err := p.calls.Do(req)
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return s, &Problem{Status: res.StatusCode, RetryAfter: res.Header.Get("Retry-After")}
	}
	s.Conversation = res.Header.Get("X-Conversation-Id")
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if s.First == 0 {
			s.First = time.Since(began)
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: {")
		if !ok {
			continue
		}
		var frame struct{ Type, Delta string }
		if err := json.Unmarshal([]byte("{"+data), &frame); err != nil {
			return s, fmt.Errorf("a frame: %w", err)
		}
		s.Frames, s.Text = append(s.Frames, frame.Type), s.Text+frame.Delta
	}
	s.Last = time.Since(began)
	return s, lines.Err()
}
