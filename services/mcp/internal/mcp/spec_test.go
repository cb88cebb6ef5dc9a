package mcp

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tickler-app/tickler/services/mcp/internal/tool"
)

func TestEveryToolIsDescribedAndEveryDescriptionHasItsTool(t *testing.T) {
	t.Parallel()
	all, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, name := range tool.Names() {
		there[name] = true
	}
	for _, d := range all {
		if !there[d.tool.Name] {
			t.Errorf("%s is described and not there", d.tool.Name)
		}
		delete(there, d.tool.Name)
		// Not every model's provider follows references.
		if strings.Contains(string(d.tool.InputSchema.(json.RawMessage)), "$ref") {
			t.Errorf("%s: its input has references", d.tool.Name)
		}
	}
	if len(there) > 0 {
		t.Errorf("not described: %v", there)
	}
}

// What api and audit answer is what tools answer, so the schemas are theirs, but for words.
func TestDataIsWhatTheHouseAnswers(t *testing.T) {
	t.Parallel()
	var own spec
	if err := yaml.Unmarshal(document, &own); err != nil {
		t.Fatal(err)
	}
	for _, of := range []struct {
		file, theirs string
		ours         any
	}{
		{"api", "Task", own.Defs["task"]}, {"api", "RecurrenceRule", own.Defs["rule"]}, {"api", "Reminder", own.Defs["reminder"]},
		{"api", "Undone", own.Data["undone"]}, {"api", "TagList", own.Data["tags"]}, {"api", "Stats", own.Data["stats"]},
		{"audit", "AuditLogList", own.Data["history"]},
	} {
		text, err := os.ReadFile("../../../" + of.file + "/openapi.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Components struct{ Schemas node } }
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		theirs, ours := bare(doc.Components.Schemas[of.theirs], doc.Components.Schemas), bare(of.ours, own.Defs)
		if !reflect.DeepEqual(theirs, ours) {
			a, _ := json.Marshal(theirs)
			b, _ := json.Marshal(ours)
			t.Errorf("%s: theirs %s\n\tours   %s", of.theirs, a, b)
		}
	}
}

// bare is a schema without descriptions and hints for generators, its references followed.
func bare(schema any, defs node) any {
	switch s := schema.(type) {
	case node:
		if ref, ok := s["$ref"].(string); ok {
			return bare(defs[ref[strings.LastIndex(ref, "/")+1:]], defs)
		}
		plain := node{}
		for key, value := range s {
			if text, ok := value.(string); ok && (key == "description" || text == "int64") || strings.HasPrefix(key, "x-go") {
				continue
			}
			if key == "oneOf" {
				key = "anyOf"
			}
			plain[key] = bare(value, defs)
		}
		return plain
	case []any:
		list := make([]any, len(s))
		for i := range s {
			list[i] = bare(s[i], defs)
		}
		return list
	}
	return schema
}
