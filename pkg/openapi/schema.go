package openapi

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tickler-app/tickler/pkg/fault"
)

// Schema is a JSON Schema 2020-12 that stands alone, such as that of a tool's arguments.
type Schema struct{ schema *jsonschema.Schema }

// NewSchema reads a schema in JSON.
func NewSchema(text []byte) (*Schema, error) {
	raw, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(resource, raw); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	schema, err := compiler.Compile(resource)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return &Schema{schema}, nil
}

// Check holds a JSON text against the schema. The error is fault.Malformed, or fault.Invalid
// with every wrong field by its JSON Pointer.
func (s *Schema) Check(text []byte) error { return check(s.schema, text) }

func check(schema *jsonschema.Schema, body []byte) error {
	if !utf8.Valid(body) {
		return fault.New(fault.Malformed, "the body is not UTF-8")
	}
	value, err := decode(body)
	if err != nil {
		return fault.New(fault.Malformed, "the body is not JSON: %s", err)
	}
	if at, found := nul(value, ""); found {
		return &fault.Error{Kind: fault.Malformed, Message: "the body has a NUL character in text",
			Fields: []fault.Field{{Name: at, Code: "nul", Detail: "has a NUL character"}}}
	}
	var wrong []fault.Field
	value = plain(value, "", &wrong)
	if wrong = few(append(wrong, violations(schema.Validate(value))...)); wrong != nil {
		return fault.Fields(wrong...)
	}
	return nil
}
