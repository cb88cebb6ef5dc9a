package main

import (
	"context"
	"encoding/json"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/tickler-app/tickler/pkg/openapi"
)

// agent is the official client, connected for somebody. Every answer is held against the
// schema that its tool has told.
type agent struct {
	person
	session *sdk.ClientSession
	schemas map[string]*openapi.Schema
}

// bearer adds a token to each request, and what else a turn has.
type bearer struct {
	token     string
	requestID string
}

// RoundTrip sends the request.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	if b.requestID != "" {
		r.Header.Set("X-Request-Id", b.requestID)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// connect makes an agent of a token at a replica.
func (p person) connect(at string, by bearer) *agent {
	p.Helper()
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(p.Context(), &sdk.StreamableClientTransport{
		Endpoint: at + "/mcp", HTTPClient: &http.Client{Transport: by}, DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		p.Fatal(err)
	}
	return p.on(session)
}

// on makes an agent of a session, and learns the schemas.
func (p person) on(session *sdk.ClientSession) *agent {
	p.Helper()
	a := &agent{p, session, map[string]*openapi.Schema{}}
	for tool, err := range session.Tools(p.Context(), nil) {
		if err != nil {
			p.Fatal(err)
		}
		text, err := json.Marshal(tool.OutputSchema)
		if err != nil {
			p.Fatal(err)
		}
		if a.schemas[tool.Name], err = openapi.NewSchema(text); err != nil {
			p.Fatalf("%s: %v", tool.Name, err)
		}
	}
	p.Cleanup(func() { _ = session.Close() }) // the server may be gone
	return a
}

// answered is what came back from a tool.
type answered struct {
	Status       string
	Data         map[string]any
	Idempotent   bool
	DryRun       bool `json:"dry_run"`
	Error        struct{ Code, Field, Detail string }
	Confirmation string
	Summary      string
	Tasks        []map[string]any

	text, requestID string
}

// use calls a tool. The arguments are JSON.
func (a *agent) use(tool, arguments string) answered {
	a.Helper()
	got, err := a.try(a.Context(), tool, arguments)
	if err != nil {
		a.Fatalf("%s %s: %v", tool, arguments, err)
	}
	return got
}

func (a *agent) try(ctx context.Context, tool, arguments string) (got answered, err error) {
	a.Helper()
	result, err := a.session.CallTool(ctx, &sdk.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		return got, err
	}
	text, err := json.Marshal(result.StructuredContent)
	if err != nil {
		a.Fatal(err)
	}
	if err := a.schemas[tool].Check(text); err != nil {
		a.Errorf("%s %s: its answer is not what its schema says: %v: %s", tool, arguments, err, text)
	}
	if err := json.Unmarshal(text, &got); err != nil {
		a.Fatal(err)
	}
	got.text = result.Content[0].(*sdk.TextContent).Text
	got.requestID, _ = result.Meta["request_id"].(string)
	if got.text == "" || result.IsError != (got.Status == "error") {
		a.Errorf("%s %s: text %q, error %v, %s", tool, arguments, got.text, result.IsError, got.Status)
	}
	return got, nil
}

// done is use that must succeed.
func (a *agent) done(tool, arguments string) answered {
	a.Helper()
	got := a.use(tool, arguments)
	if got.Status != "success" {
		a.Fatalf("%s %s: %s: %+v", tool, arguments, got.Status, got.Error)
	}
	return got
}

// read reads a resource; of an error it returns what it says.
func (a *agent) read(uri string) string {
	a.Helper()
	got, err := a.session.ReadResource(a.Context(), &sdk.ReadResourceParams{URI: uri})
	if err != nil {
		return "error: " + err.Error()
	}
	return got.Contents[0].Text
}

// prompt is all that a prompt says.
func (a *agent) prompt(name string) (said string) {
	a.Helper()
	got, err := a.session.GetPrompt(a.Context(), &sdk.GetPromptParams{Name: name})
	if err != nil {
		a.Fatal(err)
	}
	for _, m := range got.Messages {
		switch content := m.Content.(type) {
		case *sdk.TextContent:
			said += content.Text + "\n"
		case *sdk.EmbeddedResource:
			said += content.Resource.Text + "\n"
		}
	}
	return said
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
