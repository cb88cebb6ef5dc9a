// Package openapi checks requests and answers against an OpenAPI 3.1 document, whose
// schemas are JSON Schema 2020-12. The document is the contract: what a service takes, what
// it answers, and what its docs show are all read from it.
package openapi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Document is one service's description.
type Document struct {
	JSON       []byte // as served at /openapi.json
	operations map[string]*Operation
}

// Operation is one call. Its path is written as gin writes it: /api/:user_id/tasks.
type Operation struct {
	ID      string
	MaxBody int64 // bytes; from x-max-body, else a mebibyte

	query    map[string]parameter
	bodies   map[string]*jsonschema.Schema            // by media type; nil for one without a schema
	required bool                                     // that there is a body
	answers  map[string]map[string]*jsonschema.Schema // by status, then media type
}

type parameter struct {
	schema   *jsonschema.Schema
	kind     string // "string", "integer", "boolean", "array"
	items    string // kind of an array's items
	required bool
}

// defaultMaxBody bounds bodies, see wire-api.md §2.
const defaultMaxBody = 1 << 20

const resource = "mem:///openapi.json"

// Format is a form of text that a service knows and JSON Schema does not. A schema's format names
// it, so that what is wrong with it is told together with all else.
type Format struct {
	Name string
	// Check returns a code and words for a person where text has not that form, else "".
	Check func(text string) (code, detail string)
}

// refusal is what a Format's check says, on its way through the validation.
type refusal struct{ code, detail string }

// Error is for logs.
func (r *refusal) Error() string { return r.code + ": " + r.detail }

func (f Format) register(compiler *jsonschema.Compiler) {
	compiler.RegisterFormat(&jsonschema.Format{Name: f.Name, Validate: func(value any) error {
		text, ok := value.(string)
		if !ok {
			return nil
		}
		if code, detail := f.Check(text); code != "" {
			return &refusal{code, detail}
		}
		return nil
	}})
}

// Load reads a document in YAML. Formats are those that it names beside JSON Schema's own.
func Load(source []byte, formats ...Format) (*Document, error) {
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	raw, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for _, format := range formats {
		format.register(compiler)
	}
	if err := compiler.AddResource(resource, raw); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	reader := reader{compiler: compiler, root: raw.(map[string]any)}
	doc := &Document{JSON: text, operations: map[string]*Operation{}}
	for path, item := range child(reader.root, "paths") {
		for method, node := range item.(map[string]any) {
			call, ok := node.(map[string]any)
			if !ok || !methods[method] {
				continue
			}
			op, err := reader.operation(path, method, item.(map[string]any), call)
			if err != nil {
				return nil, fmt.Errorf("openapi: %s %s: %w", method, path, err)
			}
			doc.operations[strings.ToUpper(method)+" "+route(path)] = op
		}
	}
	return doc, nil
}

var methods = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true}

// Operation finds a call by its method and gin's pattern of its path; HEAD is GET.
// It returns nil if the document does not name it.
func (d *Document) Operation(method, pattern string) *Operation {
	if method == "HEAD" {
		method = "GET"
	}
	return d.operations[method+" "+pattern]
}

// Routes returns "METHOD /pattern" of every call, so that a test can compare them with the
// router's.
func (d *Document) Routes() []string {
	routes := make([]string, 0, len(d.operations))
	for key := range d.operations {
		routes = append(routes, key)
	}
	return routes
}

var braces = regexp.MustCompile(`\{([^}]+)\}`)

// route turns /tasks/{id} into /tasks/:id.
func route(path string) string { return braces.ReplaceAllString(path, ":$1") }

func child(node map[string]any, name string) map[string]any {
	found, _ := node[name].(map[string]any)
	return found
}
