package openapi_test

import (
	"errors"
	"testing"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/openapi"
)

func TestASchemaThatStandsAloneNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	schema, err := openapi.NewSchema([]byte(`{"type":"object","additionalProperties":false,"required":["id"],"properties":{"id":{"type":"string","format":"uuid"},"n":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"integer","maximum":5}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"id":"0192f0c1-2f5b-7c3a-8a7e-000000000000","n":5}`: "",
		`{"n":6,"x":1}`:      "invalid /id:required /n:too_large /x:unknown",
		`{"id":"x","n":1.0}`: "invalid /id:format /n:wrong_type",
		`{"id":"\u0000"}`:    "malformed /id:nul",
		`[]`:                 "invalid :wrong_type",
		`{`:                  "malformed",
		"{\"id\":\"\xff\"}":  "malformed",
	} {
		got := ""
		if e, ok := errors.AsType[*fault.Error](schema.Check([]byte(text))); ok {
			got = string(e.Kind)
			for _, f := range e.Fields {
				got += " " + f.Name + ":" + f.Code
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if _, err := openapi.NewSchema([]byte(`{"type":"thing"}`)); err == nil {
		t.Error("a schema that is none was taken")
	}
}
