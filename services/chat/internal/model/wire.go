package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// question is a request of Chat Completions, with the fields that all servers know.
type question struct {
	Model    string         `json:"model"`
	Messages []message      `json:"messages"`
	Tools    []tool         `json:"tools,omitempty"`
	Stream   bool           `json:"stream"`
	Options  map[string]any `json:"stream_options,omitempty"`
}

type message struct {
	Role       string    `json:"role"`
	Content    string    `json:"content"`
	ToolCalls  []request `json:"tool_calls,omitempty"`
	ToolCallID string    `json:"tool_call_id,omitempty"`
}

type request struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type function struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type tool struct {
	Type     string      `json:"type"`
	Function description `json:"function"`
}

type description struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// chunk is one event of an answer, or a whole answer.
type chunk struct {
	Choices []struct {
		Index        int    `json:"index"`
		Delta        *delta `json:"delta"`
		Message      *delta `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Error json.RawMessage `json:"error"`
}

type delta struct {
	Content   string  `json:"content"`
	ToolCalls []piece `json:"tool_calls"`
}

// piece is a part of a call.
type piece struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Function part   `json:"function"`
}

type part struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

// text is the piece of the arguments' JSON: a text, or with some servers the object itself.
func (p part) text() string {
	var text string
	if len(p.Arguments) == 0 || json.Unmarshal(p.Arguments, &text) == nil {
		return text // "" of null and of nothing
	}
	return string(p.Arguments)
}

// longestLine bounds a line of the stream.
const longestLine = 1 << 20

// events reads server-sent events: the data of each (HTML, section 9.2.6). Lines end with LF or
// CRLF, comments and other fields are passed over. Each event here is one line, so that one
// ends with its line: some servers leave out the empty one. f may return io.EOF to end well.
func events(body io.Reader, f func(data []byte) error) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 16<<10), longestLine)
	for lines.Scan() && lines.Err() == nil { // with an error the last line is a piece of one
		data, ok := bytes.CutPrefix(bytes.TrimSuffix(lines.Bytes(), []byte("\r")), []byte("data:"))
		if data = bytes.TrimSpace(data); !ok || len(data) == 0 {
			continue
		}
		if err := f(data); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return errTooLarge()
	}
	return lines.Err()
}
