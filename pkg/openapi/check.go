package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tickler-app/tickler/pkg/fault"
)

// Query checks the query parameters. The error is fault.Malformed where they cannot be
// read, else fault.Invalid and names every wrong one, unknown ones too.
func (op *Operation) Query(values url.Values) error {
	var wrong []fault.Field
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !readable(name) || !readable(strings.Join(values[name], "")) {
			return fault.New(fault.Malformed, "the query is not UTF-8 text without NUL")
		}
		param, known := op.query[name]
		if !known {
			wrong = append(wrong, fault.Field{Name: name, Code: "unknown", Detail: "there is no such parameter"})
			continue
		}
		value, problem := param.value(values[name])
		if problem != "" {
			wrong = append(wrong, fault.Field{Name: name, Code: "wrong_type", Detail: problem})
			continue
		}
		for _, field := range violations(param.schema.Validate(value)) {
			field.Name = name
			wrong = append(wrong, field)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(op.query)) {
		if op.query[name].required && !values.Has(name) {
			wrong = append(wrong, fault.Field{Name: name, Code: "required", Detail: "is needed"})
		}
	}
	if wrong != nil {
		return fault.Fields(wrong...)
	}
	return nil
}

// value reads a parameter's text as its schema's type; problem says why it cannot be.
func (p parameter) value(texts []string) (value any, problem string) {
	if p.kind == "array" {
		list := make([]any, len(texts))
		for i, text := range texts {
			if list[i], problem = scalar(p.items, text); problem != "" {
				return nil, problem
			}
		}
		return list, ""
	}
	if len(texts) > 1 {
		return nil, "may stand there once"
	}
	return scalar(p.kind, texts[0])
}

func scalar(kind, text string) (any, string) {
	switch kind {
	case "integer":
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, "is not a whole number"
		}
		return json.Number(text), ""
	case "boolean":
		if text != "true" && text != "false" {
			return nil, "is not true or false"
		}
		return text == "true", ""
	}
	return text, ""
}

// anyMedia is the media type of a body that may be of any, and is not looked at here.
const anyMedia = "*/*"

// Body checks a request's body. The error is fault.UnsupportedMediaType, fault.Malformed,
// or fault.Invalid with every wrong field by its JSON Pointer.
func (op *Operation) Body(contentType string, body []byte) error {
	if op.bodies == nil {
		return nil // the call takes none, and reads none
	}
	if len(body) == 0 && contentType == "" && !op.required {
		return nil
	}
	if _, any := op.bodies[anyMedia]; any {
		// Of what a browser's form makes of a file only a part would be one.
		if media, _, _ := mime.ParseMediaType(contentType); strings.HasPrefix(media, "multipart/") {
			return fault.New(fault.UnsupportedMediaType, "the body must be the file itself, not %s", media)
		}
		return nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	schema, known := op.bodies[media]
	if err != nil || !known || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return fault.New(fault.UnsupportedMediaType, "the body's Content-Type must be %s", strings.Join(slices.Sorted(maps.Keys(op.bodies)), " or "))
	}
	if schema == nil {
		return nil
	}
	return check(schema, body)
}

// Answer checks a response, for tests: its status, media type and body must be in the
// document.
func (op *Operation) Answer(status int, contentType string, body []byte) error {
	contents, ok := op.answers[strconv.Itoa(status)]
	if !ok {
		contents, ok = op.answers["default"]
	}
	if !ok {
		return fmt.Errorf("%s: status %d is not in the document", op.ID, status)
	}
	media, _, _ := mime.ParseMediaType(contentType)
	schema, ok := contents[media]
	if !ok && (len(contents) > 0 || len(body) > 0) {
		return fmt.Errorf("%s: %d as %q is not in the document", op.ID, status, contentType)
	}
	if schema == nil {
		return nil
	}
	value, err := decode(body)
	if err != nil {
		return fmt.Errorf("%s: %d: %w", op.ID, status, err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%s: %d: %w", op.ID, status, err)
	}
	return nil
}

// decode reads one JSON value and nothing after it.
func decode(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is something after its end")
	}
	return value, nil
}

// plain notes the numbers that are not written as we read them: whole ones without point or
// exponent and within 64 bits, others in a few digits. To JSON Schema 1.0 and 1e999999 are
// integers too, of which a handler can read neither, and the second takes long to look at.
// In their place it puts a number that no schema minds more.
func plain(value any, at string, wrong *[]fault.Field) any {
	switch value := value.(type) {
	case json.Number:
		if !readableNumber(value.String()) {
			*wrong = append(*wrong, fault.Field{Name: at, Code: "wrong_type", Detail: "is not a whole number of 64 bits, written without point or exponent"})
			return json.Number("1")
		}
	case []any:
		for i, item := range value {
			value[i] = plain(item, at+"/"+strconv.Itoa(i), wrong)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			value[key] = plain(value[key], at+"/"+escapePointer(key), wrong)
		}
	}
	return value
}

const maxDigits = 40

func readableNumber(text string) bool {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return true
	}
	number, err := strconv.ParseFloat(text, 64)
	return err == nil && len(text) <= maxDigits && number != math.Trunc(number)
}

// nul finds a NUL in any text of a JSON value, keys too, and where.
func nul(value any, at string) (string, bool) {
	switch value := value.(type) {
	case string:
		return at, strings.ContainsRune(value, 0)
	case []any:
		for i, item := range value {
			if at, found := nul(item, at+"/"+strconv.Itoa(i)); found {
				return at, true
			}
		}
	case map[string]any:
		for key, item := range value {
			if strings.ContainsRune(key, 0) {
				return at, true
			}
			if at, found := nul(item, at+"/"+escapePointer(key)); found {
				return at, true
			}
		}
	}
	return "", false
}

func readable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// violations are what a validation found, one field each, in the order of their names.
func violations(err error) []fault.Field {
	found, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return nil
	}
	var fields []fault.Field
	collect(found, &fields)
	return sorted(fields)
}

// maxFields is how many wrong fields an answer names; a mebibyte may have 300,000 of them.
const maxFields = 100

// few sorts fields and keeps those that lie least deep, if there are too many.
func few(fields []fault.Field) []fault.Field {
	if len(fields) > maxFields {
		slices.SortStableFunc(fields, func(a, b fault.Field) int { return strings.Count(a.Name, "/") - strings.Count(b.Name, "/") })
		fields = fields[:maxFields]
	}
	return sorted(fields)
}

func sorted(fields []fault.Field) []fault.Field {
	slices.SortStableFunc(fields, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(fields, func(a, b fault.Field) bool { return a.Name == b.Name && a.Code == b.Code })
}
