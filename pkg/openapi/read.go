package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// reader walks a document and compiles its schemas where they lie in it.
type reader struct {
	compiler *jsonschema.Compiler
	root     map[string]any
}

func (r reader) operation(path, method string, item, call map[string]any) (*Operation, error) {
	op := &Operation{query: map[string]parameter{}, MaxBody: defaultMaxBody, answers: map[string]map[string]*jsonschema.Schema{}}
	op.ID, _ = call["operationId"].(string)
	if most, ok := call["x-max-body"].(json.Number); ok {
		bytes, err := most.Int64()
		if err != nil {
			return nil, fmt.Errorf("x-max-body: %w", err)
		}
		op.MaxBody = bytes
	}
	base := pointer("paths", path)
	if err := r.parameters(op, base, item); err != nil {
		return nil, err
	}
	base += pointer(method)
	if err := r.parameters(op, base, call); err != nil {
		return nil, err
	}
	if body, at := r.resolve(child(call, "requestBody"), base+pointer("requestBody")); body != nil {
		op.required, _ = body["required"].(bool)
		contents, err := r.contents(body, at)
		if err != nil {
			return nil, err
		}
		op.bodies = contents
	}
	for status, node := range child(call, "responses") {
		answer, at := r.resolve(node.(map[string]any), base+pointer("responses", status))
		contents, err := r.contents(answer, at)
		if err != nil {
			return nil, err
		}
		op.answers[status] = contents
	}
	return op, nil
}

func (r reader) parameters(op *Operation, base string, holder map[string]any) error {
	list, _ := holder["parameters"].([]any)
	for i, node := range list {
		param, at := r.resolve(node.(map[string]any), fmt.Sprintf("%s/parameters/%d", base, i))
		if param["in"] != "query" {
			continue
		}
		schema, err := r.compiler.Compile(resource + "#" + at + "/schema")
		if err != nil {
			return err
		}
		shape, _ := r.resolve(child(param, "schema"), "")
		p := parameter{schema: schema}
		p.kind, _ = shape["type"].(string)
		items, _ := r.resolve(child(shape, "items"), "")
		p.items, _ = items["type"].(string)
		p.required, _ = param["required"].(bool)
		op.query[param["name"].(string)] = p
	}
	return nil
}

// contents compiles the schemas of a body or an answer, by media type.
func (r reader) contents(holder map[string]any, at string) (map[string]*jsonschema.Schema, error) {
	found := map[string]*jsonschema.Schema{}
	for media, node := range child(holder, "content") {
		found[media] = nil
		if !strings.HasSuffix(media, "json") || child(node.(map[string]any), "schema") == nil {
			continue
		}
		schema, err := r.compiler.Compile(resource + "#" + at + pointer("content", media, "schema"))
		if err != nil {
			return nil, err
		}
		found[media] = schema
	}
	return found, nil
}

// resolve follows a $ref within the document, and returns the node and where it lies.
func (r reader) resolve(node map[string]any, at string) (map[string]any, string) {
	for {
		ref, ok := node["$ref"].(string)
		if !ok {
			return node, at
		}
		at = strings.TrimPrefix(ref, "#")
		node = r.root
		for _, part := range strings.Split(strings.TrimPrefix(at, "/"), "/") {
			node = child(node, unescape.Replace(part))
		}
	}
}

var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B")
	unescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// pointer writes a JSON Pointer (RFC 6901) as it stands in a URI's fragment.
func pointer(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + escape.Replace(part))
	}
	return b.String()
}
