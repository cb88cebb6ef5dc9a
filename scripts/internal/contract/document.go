// Package contract makes requests out of the services' OpenAPI documents, good ones and bad
// ones, and holds the answers against what the documents and wire-api.md §2 say.
package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tickler-app/tickler/pkg/openapi"
)

// Document is one service's description.
type Document struct {
	Service string
	Calls   []*Call // in the order of their paths and methods

	root    map[string]any
	checked *openapi.Document
}

// Call is one method of one path.
type Call struct {
	ID     string
	Method string
	Path   string // with {braces}, as clients call it

	params []map[string]any // resolved
	bodies map[string]map[string]any
	needed bool // that there is a body
	own    bool // it answers by wire-api.md §2; others have a specification of their own
	op     *openapi.Operation
	doc    *Document
}

// Read reads the documents of all services under a folder that have a program, by their folders'
// names.
func Read(services string) (all []*Document, err error) {
	files, err := filepath.Glob(filepath.Join(services, "*", "openapi.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no openapi.yaml in %s: %w", services, err)
	}
	slices.Sort(files)
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(filepath.Dir(file), "main.go")); err != nil {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		d, err := load(filepath.Base(filepath.Dir(file)), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, d)
	}
	return all, nil
}

func load(service string, text []byte) (*Document, error) {
	checked, err := openapi.Load(text)
	if err != nil {
		return nil, err
	}
	d := &Document{Service: service, checked: checked}
	if err := json.Unmarshal(checked.JSON, &d.root); err != nil {
		return nil, err
	}
	paths := object(d.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := object(paths[path])
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if call := object(item[method]); call["responses"] != nil {
				d.Calls = append(d.Calls, d.call(path, method, item, call))
			}
		}
	}
	return d, nil
}

// Find returns the call of that operation; nil if there is none.
func Find(all []*Document, service, id string) *Call {
	for _, d := range all {
		for _, c := range d.Calls {
			if d.Service == service && c.ID == id {
				return c
			}
		}
	}
	return nil
}

// Answer returns what the document has against an answer.
func (c *Call) Answer(status int, contentType string, body []byte) error {
	return c.op.Answer(status, contentType, body)
}

func (d *Document) call(path, method string, item, call map[string]any) *Call {
	c := &Call{doc: d, Method: strings.ToUpper(method), Path: path, bodies: map[string]map[string]any{}, own: item["servers"] == nil}
	c.ID, _ = call["operationId"].(string)
	c.op = d.checked.Operation(c.Method, strings.NewReplacer("{", ":", "}", "").Replace(path))
	for _, server := range list(item["servers"]) {
		url, _ := object(server)["url"].(string)
		c.Path = strings.TrimSuffix(url, "/") + path
	}
	for _, param := range slices.Concat(list(item["parameters"]), list(call["parameters"])) {
		c.params = append(c.params, d.resolve(object(param)))
	}
	body := d.resolve(object(call["requestBody"]))
	c.needed, _ = body["required"].(bool)
	for media, content := range object(body["content"]) {
		c.bodies[media] = d.resolve(object(object(content)["schema"]))
	}
	return c
}

// resolve follows a reference within the document.
func (d *Document) resolve(node map[string]any) map[string]any {
	for {
		ref, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		node = d.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			node = object(node[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)])
		}
	}
}

func object(node any) map[string]any {
	found, _ := node.(map[string]any)
	return found
}

func list(node any) []any {
	found, _ := node.([]any)
	return found
}
