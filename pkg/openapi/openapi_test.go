package openapi

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

const source = `
openapi: 3.1.0
info: {title: notes, version: "1"}
paths:
  /api/{user_id}/notes:
    get:
      operationId: listNotes
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 200}}
        - {name: tag, in: query, schema: {type: array, items: {type: string, maxLength: 5}}}
        - $ref: '#/components/parameters/Open'
      responses:
        '200': {description: notes, content: {application/json: {schema: {type: object, required: [notes], properties: {notes: {type: array}}}}}}
    post:
      operationId: addNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses: {'204': {description: done}}
components:
  parameters:
    Open: {name: open, in: query, schema: {type: boolean}}
  schemas:
    Note:
      type: object
      additionalProperties: false
      required: [title]
      properties:
        title: {type: string, minLength: 1, maxLength: 5}
        priority: {type: [string, 'null'], enum: [low, high, null]}
        tags: {type: array, maxItems: 2, items: {type: string, maxLength: 3}}
        due: {type: [string, 'null'], format: date}
        zone: {type: [string, 'null'], format: zone}
        rule: {oneOf: [{type: string, maxLength: 4}, {type: object, additionalProperties: false, properties: {n: {type: integer, minimum: 1}}}, {type: 'null'}]}
`

func load(t *testing.T) *Document {
	t.Helper()
	doc, err := Load([]byte(source), Format{Name: "zone", Check: func(text string) (string, string) {
		if text == "Mars" {
			return "not_here", "is no zone of this world"
		}
		return "", ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// names lists "field:code" of an error, or its kind if it names no field.
func names(err error) string {
	if err == nil {
		return ""
	}
	var found []string
	for _, f := range err.(*fault.Error).Fields {
		found = append(found, f.Name+":"+f.Code)
	}
	if found == nil || fault.KindOf(err) != fault.Invalid {
		found = append([]string{string(fault.KindOf(err))}, found...)
	}
	return strings.Join(found, " ")
}

func TestABodyIsRefusedWithEveryWrongField(t *testing.T) {
	t.Parallel()
	op := load(t).Operation("POST", "/api/:user_id/notes")
	for body, want := range map[string]string{
		`{"title":"hello"}`: "",
		`{"title":"🙂🙂🙂🙂🙂","due":"2026-11-24","rule":"x","tags":["a","b"]}`: "",
		`{"title":"hello","due":null,"rule":null}`:                         "",
		`{"title":"hello","rule":{"n":2}}`:                                 "",
		`{}`:                                                               "/title:required",
		`{"title":"x","zone":"Mars","priority":"mid"}`:                     "/priority:not_allowed /zone:not_here",
		`{"title":"toolong","priority":"mid","nope":1,"a/b":2}`:            "/a~1b:unknown /nope:unknown /priority:not_allowed /title:too_long",
		`{"title":""}`:                                                     "/title:too_short",
		`{"title":7,"tags":["a","toolong","c"]}`:                           "/tags:too_many /tags/1:too_long /title:wrong_type",
		`{"title":"x","due":"24.11.2026"}`:                                 "/due:format",
		`{"title":"x","rule":{"n":0,"m":1}}`:                               "/rule/m:unknown /rule/n:too_small",
		`{"title":"x","rule":"daily"}`:                                     "/rule:too_long",
		`{"title":"x","rule":[]}`:                                          "/rule:wrong_type",
		`{"title":"x","rule":{"n":1.0}}`:                                   "/rule/n:wrong_type",
		`{"title":"toolong","rule":{"n":1e2}}`:                             "/rule/n:wrong_type /title:too_long",
		`{"title":"x","rule":{"n":1.5}}`:                                   "/rule/n:wrong_type",
		`{"title":"x","rule":{"n":99999999999999999999}}`:                  "/rule/n:wrong_type",
		`{"title":"x","n":1e-999999}`:                                      "/n:wrong_type /n:unknown",
		`[]`:                                                               ":wrong_type",
		`{"title":"x"`:                                                     "malformed",
		`{"title":"x"} {}`:                                                 "malformed",
		``:                                                                 "malformed",
		"{\"title\":\"\xff\"}":                                             "malformed",
		`{"title":"a\u0000b"}`:                                             "malformed /title:nul",
		strings.Repeat(`[`, 20000):                                         "malformed",
	} {
		if got := names(op.Body("application/json; charset=utf-8", []byte(body))); got != want {
			t.Errorf("%.60s: got %q, want %q", body, got, want)
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/json; charset=latin1", "nonsense;;"} {
		if got := names(op.Body(contentType, []byte(`{"title":"x"}`))); got != "unsupported_media_type" {
			t.Errorf("%q: %q", contentType, got)
		}
	}
}

func TestWhatWouldBeAllowedIsSaidAsJSONSaysIt(t *testing.T) {
	t.Parallel()
	err := load(t).Operation("POST", "/api/:user_id/notes").Body("application/json", []byte(`{"title":"x","priority":"mid"}`))
	if got := err.(*fault.Error).Fields; len(got) != 1 || got[0].Detail != "is none of low, high, null" {
		t.Errorf("%+v", got)
	}
}

func TestABodyCannotMakeUsWorkHardOrTalkLong(t *testing.T) {
	t.Parallel()
	op := load(t).Operation("POST", "/api/:user_id/notes")
	began := time.Now()
	for _, many := range []string{strings.Repeat("1e999999,", 20000), strings.Repeat("1,", 100000)} {
		err := op.Body("application/json", []byte(`{"title":"toolong","tags":[`+many+`1]}`))
		if got := err.(*fault.Error).Fields; len(got) != maxFields || got[0].Name != "/tags" || got[maxFields-1].Name != "/title" {
			t.Errorf("%d fields, from %s to %s", len(got), got[0].Name, got[len(got)-1].Name)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestAQueryIsRefusedWithEveryWrongParameter(t *testing.T) {
	t.Parallel()
	op := load(t).Operation("HEAD", "/api/:user_id/notes")
	for query, want := range map[string]string{
		"":                              "",
		"limit=5&tag=a&tag=b&open=true": "",
		"limit=0":                       "limit:too_small",
		"limit=x&open=1&nope=1":         "limit:wrong_type nope:unknown open:wrong_type",
		"limit=1&limit=2":               "limit:wrong_type",
		"tag=toolong":                   "tag:too_long",
		"tag=%00":                       "malformed",
		"tag=%ff":                       "malformed",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(op.Query(values)); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestAnAnswerMustBeInTheDocument(t *testing.T) {
	t.Parallel()
	op := load(t).Operation("GET", "/api/:user_id/notes")
	if err := op.Answer(200, "application/json", []byte(`{"notes":[]}`)); err != nil {
		t.Error(err)
	}
	for _, bad := range []error{
		op.Answer(200, "application/json", []byte(`{"notes":1}`)),
		op.Answer(200, "text/html", []byte(`<p>`)),
		op.Answer(418, "application/json", []byte(`{}`)),
	} {
		if bad == nil {
			t.Error("an answer that is not in the document was let pass")
		}
	}
}

func TestTheRoutesAreKnown(t *testing.T) {
	t.Parallel()
	doc := load(t)
	if got := doc.Routes(); len(got) != 2 || doc.Operation("PUT", "/api/:user_id/notes") != nil {
		t.Errorf("%v", got)
	}
	if want := "listNotes"; doc.Operation("GET", "/api/:user_id/notes").ID != want || !reflect.DeepEqual(doc.Operation("GET", "/x"), (*Operation)(nil)) {
		t.Error("operations are mixed up")
	}
}
