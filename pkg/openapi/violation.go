package openapi

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/tickler-app/tickler/pkg/fault"
)

// collect adds what is wrong to fields: the leaves of the tree of errors. Where one of
// several forms was asked for and none fits, the field itself is named, not each form.
func collect(err *jsonschema.ValidationError, fields *[]fault.Field) {
	at := name(err.InstanceLocation)
	switch found := err.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, property := range found.Properties {
			*fields = append(*fields, fault.Field{Name: at + "/" + escapePointer(property), Code: "unknown", Detail: "there is no such field"})
		}
		return
	case *kind.Required:
		for _, property := range found.Missing {
			*fields = append(*fields, fault.Field{Name: at + "/" + escapePointer(property), Code: "required", Detail: "is needed"})
		}
		return
	case *kind.OneOf, *kind.AnyOf:
		if best := closest(err); best != nil {
			collect(best, fields)
			return
		}
		*fields = append(*fields, fault.Field{Name: at, Code: "wrong_type", Detail: "has none of the forms that are allowed here"})
		return
	}
	if len(err.Causes) == 0 {
		code, detail := describe(err.ErrorKind)
		*fields = append(*fields, fault.Field{Name: at, Code: code, Detail: detail})
	}
	for _, cause := range err.Causes {
		collect(cause, fields)
	}
}

// closest is the form whose type fits, if there is just one: what is wrong inside it is
// what the caller wants to know. A null that would have been allowed says nothing.
func closest(err *jsonschema.ValidationError) *jsonschema.ValidationError {
	var best *jsonschema.ValidationError
	for _, cause := range err.Causes {
		if wrongType(cause, len(err.InstanceLocation)) {
			continue
		}
		if best != nil {
			return nil
		}
		best = cause
	}
	return best
}

func wrongType(err *jsonschema.ValidationError, depth int) bool {
	if _, ok := err.ErrorKind.(*kind.Type); ok && len(err.InstanceLocation) == depth {
		return true
	}
	for _, cause := range err.Causes {
		if wrongType(cause, depth) {
			return true
		}
	}
	return false
}

// describe gives a violation a stable code and words for a person.
func describe(found jsonschema.ErrorKind) (code, detail string) {
	switch found := found.(type) {
	case *kind.Type:
		return "wrong_type", "is " + found.Got + ", not " + strings.Join(found.Want, " or ")
	case *kind.MaxLength:
		return "too_long", fmt.Sprintf("at most %d characters", found.Want)
	case *kind.MinLength:
		return "too_short", fmt.Sprintf("at least %s", characters(found.Want))
	case *kind.MaxItems:
		return "too_many", fmt.Sprintf("at most %d", found.Want)
	case *kind.MinItems:
		return "too_few", fmt.Sprintf("at least %d", found.Want)
	case *kind.MinProperties:
		return "too_few", fmt.Sprintf("at least %d fields", found.Want)
	case *kind.UniqueItems:
		return "duplicate", "has the same item twice"
	case *kind.Enum:
		return "not_allowed", "is none of " + list(found.Want)
	case *kind.Const:
		return "not_allowed", fmt.Sprintf("is not %v", found.Want)
	case *kind.Minimum:
		want, _ := found.Want.Float64()
		return "too_small", fmt.Sprintf("at least %v", want)
	case *kind.Maximum:
		want, _ := found.Want.Float64()
		return "too_large", fmt.Sprintf("at most %v", want)
	case *kind.Pattern:
		return "format", "has not the form " + found.Want
	case *kind.Format:
		if own, ok := found.Err.(*refusal); ok {
			return own.code, own.detail
		}
		return "format", "is not a " + found.Want
	case *kind.FalseSchema:
		return "unknown", "there is no such field"
	}
	return "not_allowed", "is not allowed"
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

func list(values []any) string {
	words := make([]string, len(values))
	for i, value := range values {
		if words[i] = "null"; value != nil {
			words[i] = fmt.Sprint(value)
		}
	}
	return strings.Join(words, ", ")
}

// name writes a location as a JSON Pointer (RFC 6901).
func name(location []string) string {
	var b strings.Builder
	for _, part := range location {
		b.WriteString("/" + escapePointer(part))
	}
	return b.String()
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

func escapePointer(part string) string { return pointerEscape.Replace(part) }
