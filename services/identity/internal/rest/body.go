package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// mostBody bounds a body, see wire-api.md §2.
const mostBody = 1 << 20

const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)

// missing is what JavaScript calls undefined.
type missing struct{}

// read reads the body, if there is one, into r.body.
func (r *request) read(form bool) error {
	raw, err := io.ReadAll(http.MaxBytesReader(r.Writer, r.Request.Body, mostBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return errTooLarge
	} else if err != nil {
		return errJSON
	}
	if len(raw) == 0 {
		return nil
	}
	header := r.GetHeader("Content-Type")
	media, _, _ := mime.ParseMediaType(header)
	switch {
	case media == typeJSON:
		if json.Unmarshal(raw, &r.body) != nil {
			return errJSON
		}
	case media == typeForm && form:
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return errJSON
		}
		fields := map[string]any{}
		for name, all := range values {
			fields[name] = strings.ToValidUTF8(all[len(all)-1], "\uFFFD")
		}
		r.body = fields
	default:
		return wrongType(header, form)
	}
	return nil
}

func wrongType(header string, form bool) error {
	allowed := typeJSON
	if form {
		allowed = typeForm + ", " + typeJSON
	}
	message := fmt.Sprintf("Content-Type %q is not allowed. Allowed types: %s", header, allowed)
	if header == "" {
		message = "Content-Type is required. Allowed types: " + allowed
	}
	return &failure{http.StatusUnsupportedMediaType, message, "UNSUPPORTED_MEDIA_TYPE"}
}

// fields reads values as better-auth's schemas do, and gathers what is wrong with all of them.
type fields struct {
	of     string // body or query
	values map[string]any
	wrong  []string
}

// object returns the body's fields. Where an object is needed and there is none, that is the
// one thing that is wrong.
func (r *request) object() *fields {
	values, ok := r.body.(map[string]any)
	f := &fields{of: "body", values: values}
	if !ok {
		f.wrong = []string{"[body] Invalid input: expected object, received " + kind(r.body)}
	}
	return f
}

// query returns the query's fields.
func (r *request) query() *fields {
	f := &fields{of: "query", values: map[string]any{}}
	for name, all := range r.Request.URL.Query() {
		f.values[name] = strings.ToValidUTF8(all[0], "\uFFFD")
		if len(all) > 1 {
			f.values[name] = []any{}
		}
	}
	return f
}

// has reports whether the field is there.
func (f *fields) has(name string) bool { _, ok := f.values[name]; return ok }

// text reads a text that has to be there.
func (f *fields) text(name string) string {
	if f.values == nil {
		return "" // said by object already
	}
	value, ok := f.values[name]
	if !ok {
		value = missing{}
	}
	text, ok := value.(string)
	if !ok {
		f.reject(name, "Invalid input: expected string, received "+kind(value))
	}
	return text
}

// filled reads a text that has to be there and must not be empty.
func (f *fields) filled(name string) string {
	before := len(f.wrong)
	text := f.text(name)
	if text == "" && len(f.wrong) == before && f.values != nil {
		f.reject(name, "Too small: expected string to have >=1 characters")
	}
	return text
}

// maybe reads a text that may be missing, but not null.
func (f *fields) maybe(name string) string {
	if !f.has(name) {
		return ""
	}
	return f.text(name)
}

// pointer is maybe for fields whose being there counts.
func (f *fields) pointer(name string) *string {
	if !f.has(name) {
		return nil
	}
	text := f.text(name)
	return &text
}

// truth reads a boolean that may be missing.
func (f *fields) truth(name string, otherwise bool) bool {
	value, ok := f.values[name]
	if !ok {
		return otherwise
	}
	is, ok := value.(bool)
	if !ok {
		f.reject(name, "Invalid input: expected boolean, received "+kind(value))
	}
	return is
}

// email reads an address that has to be there.
func (f *fields) email(name string) string {
	before := len(f.wrong)
	text := f.text(name)
	if len(f.wrong) == before && f.values != nil && !user.ValidEmail(text) {
		f.reject(name, "Invalid email address")
	}
	return text
}

func (f *fields) reject(name, why string) {
	f.wrong = append(f.wrong, fmt.Sprintf("[%s.%s] %s", f.of, name, why))
}

// also adds what a noun found wrong.
func (f *fields) also(wrong []user.Wrong) {
	for _, w := range wrong {
		f.reject(w.Field, w.Detail)
	}
}

// err is everything that is wrong, or nil.
func (f *fields) err() error {
	if len(f.wrong) == 0 {
		return nil
	}
	return &failure{http.StatusBadRequest, strings.Join(f.wrong, "; "), "VALIDATION_ERROR"}
}

// kind is what zod calls the type of a value.
func kind(value any) string {
	switch value.(type) {
	case missing:
		return "undefined"
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
