package mcp

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"go.yaml.in/yaml/v3"

	"github.com/tickler-app/tickler/pkg/openapi"
)

//go:embed tools.yaml
var document []byte

// described is a tool as clients see it, and what its arguments are held against.
type described struct {
	tool  *sdk.Tool
	input *openapi.Schema
}

// node is a piece of a JSON Schema.
type node = map[string]any

// spec is tools.yaml.
type spec struct {
	Tools map[string]struct {
		Title       string
		Description string
		Hints       struct {
			ReadOnly    bool  `yaml:"read_only"`
			Destructive *bool // nil says nothing, which only a tool that reads may
			Idempotent  bool
		}
		Data  string
		Input node
	}
	Data map[string]any
	Defs map[string]any
}

// describe reads tools.yaml.
func describe() ([]described, error) {
	var s spec
	if err := yaml.Unmarshal(document, &s); err != nil {
		return nil, fmt.Errorf("tools.yaml: %w", err)
	}
	all := make([]described, 0, len(s.Tools))
	for name, t := range s.Tools {
		input := node{"type": "object", "additionalProperties": false}
		for key, value := range t.Input {
			input[key] = value
		}
		text, err := json.Marshal(input)
		if err != nil {
			return nil, fmt.Errorf("tools.yaml: %s: %w", name, err)
		}
		checked, err := openapi.NewSchema(text)
		if err != nil {
			return nil, fmt.Errorf("tools.yaml: %s: %w", name, err)
		}
		_, asks := t.Input["properties"].(node)["confirmation"]
		output, err := s.output(t.Data, asks)
		if err != nil {
			return nil, fmt.Errorf("tools.yaml: %s: %w", name, err)
		}
		closed := false
		all = append(all, described{input: checked, tool: &sdk.Tool{
			Name: name, Title: t.Title, Description: t.Description, InputSchema: json.RawMessage(text), OutputSchema: output,
			Annotations: &sdk.ToolAnnotations{
				Title: t.Title, ReadOnlyHint: t.Hints.ReadOnly, DestructiveHint: t.Hints.Destructive,
				IdempotentHint: t.Hints.Idempotent || t.Hints.ReadOnly, OpenWorldHint: &closed,
			},
		}})
	}
	return all, nil
}

// output is the schema of a result (wire-api.md §7) whose data is of a kind; asks says that
// the tool may want a confirmation.
func (s spec) output(kind string, asks bool) (json.RawMessage, error) {
	data, known := s.Data[kind]
	if !known {
		return nil, fmt.Errorf("there is no data %q", kind)
	}
	boolean, text := node{"type": "boolean"}, node{"type": "string"}
	status := []string{"success", "error"}
	properties := node{
		"data":       data,
		"idempotent": node{"type": "boolean", "description": "The same call was made within the minute before; this is its result."},
		"dry_run":    boolean,
		"error": node{
			"type": "object", "additionalProperties": false, "required": []string{"code", "field", "detail"},
			"properties": node{
				"code": text, "detail": text,
				"field": node{"type": []string{"string", "null"}, "description": "A JSON Pointer into the arguments."},
			},
		},
	}
	forms := []any{
		node{"properties": node{"status": node{"const": "success"}}, "required": []string{"data"}},
		node{"properties": node{"status": node{"const": "error"}}, "required": []string{"error"}},
	}
	if asks {
		status = append(status, "confirm")
		properties["confirmation"], properties["summary"] = text, text
		properties["tasks"] = node{"type": "array", "items": node{"$ref": "#/$defs/task"}}
		forms = append(forms, node{"properties": node{"status": node{"const": "confirm"}}, "required": []string{"confirmation", "summary", "tasks"}})
	}
	properties["status"] = node{"type": "string", "enum": status}
	schema := node{"type": "object", "additionalProperties": false, "required": []string{"status"}, "properties": properties, "oneOf": forms}
	if defs := s.used(schema); len(defs) > 0 {
		schema["$defs"] = defs
	}
	return json.Marshal(schema)
}

// used are the definitions that a schema refers to, and those that these refer to.
func (s spec) used(schema any) node {
	defs := node{}
	var look func(any)
	look = func(value any) {
		text, _ := json.Marshal(value) // what came from YAML is JSON
		for name, def := range s.Defs {
			if _, known := defs[name]; !known && strings.Contains(string(text), `"#/$defs/`+name+`"`) {
				defs[name] = def
				look(def)
			}
		}
	}
	look(schema)
	return defs
}

// takes names the arguments of a tool.
func (d described) takes() string {
	var schema struct{ Properties node }
	_ = json.Unmarshal(d.tool.InputSchema.(json.RawMessage), &schema) // it was made here
	return strings.Join(slices.Sorted(maps.Keys(schema.Properties)), ", ")
}
