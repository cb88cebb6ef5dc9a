package rest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/services/web/internal/route"
)

// documents are those of all services, as each serves its own.
func documents(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob("../../../*/openapi.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%q, %v", files, err)
	}
	all := map[string]map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		document, err := openapi.Load(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		tree := map[string]any{}
		if err := json.Unmarshal(document.JSON, &tree); err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(filepath.Dir(file))] = tree
	}
	return all
}

func TestTheMergedDocumentHasEveryCallAndLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	text := merge(documents(t))
	merged, err := openapi.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	references(t, tree, tree)
	routes := strings.Join(merged.Routes(), "\n")
	for service, document := range documents(t) {
		for path, item := range object(document["paths"]) {
			if path = below(object(item), path); route.Of(path) != service {
				t.Errorf("%s: %s is not passed on to it", service, path)
			} else if !strings.Contains(routes, strings.NewReplacer("{", ":", "}", "").Replace(path)) {
				t.Errorf("%s: %s is missing", service, path)
			}
		}
	}
	ids, schemes := map[string]bool{}, object(object(tree["components"])["securitySchemes"])
	for path, item := range object(tree["paths"]) {
		if object(item)["servers"] != nil {
			t.Errorf("%s has a server of its own", path)
		}
		for method, node := range object(item) {
			call := object(node)
			if call["responses"] == nil {
				continue
			}
			id, _ := call["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s has the id %q", method, path, id)
			}
			ids[id] = true
			needs, ok := call["security"].([]any)
			if !ok {
				t.Errorf("%s says nothing of security", id)
			}
			for _, need := range needs {
				for scheme := range object(need) {
					if schemes[scheme] == nil {
						t.Errorf("%s: no scheme %q", id, scheme)
					}
				}
			}
		}
	}
}

func TestTheRecordedExamplesAreShown(t *testing.T) {
	t.Parallel()
	var examples map[string]example
	if err := json.Unmarshal(recorded, &examples); err != nil || len(examples) < 25 {
		t.Fatalf("%d examples, %v", len(examples), err)
	}
	var tree map[string]any
	if err := json.Unmarshal(merge(documents(t)), &tree); err != nil {
		t.Fatal(err)
	}
	for _, item := range object(tree["paths"]) {
		for _, node := range object(item) {
			id, _ := object(node)["operationId"].(string)
			shown, ok := examples[id]
			if !ok {
				continue
			}
			delete(examples, id)
			for _, one := range shown.Answers {
				text, err := json.Marshal(object(one)["body"])
				whole, err2 := json.Marshal(object(node)["responses"])
				if err != nil || err2 != nil || !strings.Contains(string(whole), `"example":`+string(text)) {
					t.Errorf("%s does not show %s", id, text)
				}
			}
			if whole, err := json.Marshal(object(node)["requestBody"]); err != nil || shown.Request != nil && !strings.Contains(string(whole), `"example":`) {
				t.Errorf("%s does not show its request: %s", id, whole)
			}
		}
	}
	if len(examples) > 0 {
		t.Errorf("there are no such calls: %v", examples)
	}
}

// references follows every reference in node.
func references(t *testing.T, root map[string]any, node any) {
	t.Helper()
	switch node := node.(type) {
	case []any:
		for _, item := range node {
			references(t, root, item)
		}
	case map[string]any:
		for key, value := range node {
			ref, ok := value.(string)
			if !ok || key != "$ref" {
				references(t, root, value)
				continue
			}
			var at any = root
			for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
				at = object(at)[part]
			}
			if at == nil {
				t.Errorf("%s leads nowhere", ref)
			}
		}
	}
}
