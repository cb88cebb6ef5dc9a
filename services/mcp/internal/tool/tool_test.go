package tool

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
)

func printOf(t *testing.T, name, arguments string) string {
	t.Helper()
	given, err := readArgs(json.RawMessage(arguments))
	if err != nil {
		t.Fatal(err)
	}
	return call{name: name, args: given}.print()
}

func TestWhatMeansTheSameHasTheSamePrint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tool, a, b string
		same       bool
	}{
		"order and spaces":           {"add_task", `{"title":"a","priority":"low"}`, `{ "priority" : "low", "title" : "a" }`, true},
		"a title's case and spaces":  {"add_task", `{"title":"Straße  Éa "}`, `{"title":" STRASSE éa"}`, true},
		"a title in another form":    {"add_task", `{"title":"caf\u00e9"}`, `{"title":"cafe\u0301"}`, true},
		"null of a new task":         {"add_task", `{"title":"a","due_date":null}`, `{"title":"a"}`, true},
		"null of a change":           {"update_task", `{"task_id":"x","due_date":null}`, `{"task_id":"x"}`, false},
		"another title":              {"add_task", `{"title":"a"}`, `{"title":"b"}`, false},
		"a description's case":       {"add_task", `{"title":"a","description":"X"}`, `{"title":"a","description":"x"}`, false},
		"a dry run":                  {"add_task", `{"title":"a","dry_run":false}`, `{"title":"a"}`, true},
		"tasks in another order":     {"delete_task", `{"task_ids":["a","b"],"confirmation":"c"}`, `{"task_ids":["b","a"]}`, true},
		"other tasks":                {"delete_task", `{"task_ids":["a","b"]}`, `{"task_ids":["a","c"]}`, false},
		"a rule in another form":     {"add_task", `{"title":"a","recurrence_rule":{"interval":1,"frequency":"daily"}}`, `{"title":"a","recurrence_rule":{"frequency":"daily","interval":1}}`, true},
		"a rule of another interval": {"add_task", `{"title":"a","recurrence_rule":{"interval":1}}`, `{"title":"a","recurrence_rule":{"interval":2}}`, false},
	} {
		if a, b := printOf(t, test.tool, test.a), printOf(t, test.tool, test.b); (a == b) != test.same {
			t.Errorf("%s: %v", name, !test.same)
		}
	}
	if printOf(t, "complete_task", `{"task_id":"a"}`) == printOf(t, "delete_task", `{"task_id":"a"}`) {
		t.Error("two tools have the same print")
	}
}

func TestAConfirmationCountsForTenMinutesAndForWhatItWasGiven(t *testing.T) {
	t.Parallel()
	seal, noon := NewSeal("secret"), time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	given := seal.give("ada\nx", noon)
	if other := seal.give("ada\nx", noon); other == given {
		t.Error("two confirmations are the same")
	}
	for name, test := range map[string]struct {
		seal     Seal
		text, to string
		after    time.Duration
		want     error
	}{
		"at once":            {seal, given, "ada\nx", 0, nil},
		"by a replica":       {NewSeal("secret"), given, "ada\nx", confirmWithin, nil},
		"too late":           {seal, given, "ada\nx", confirmWithin + time.Millisecond, errEnded},
		"of another":         {seal, given, "bob\nx", 0, errForeign},
		"another secret":     {NewSeal("other"), given, "ada\nx", 0, errForeign},
		"cut short":          {seal, given[:len(given)-2], "ada\nx", 0, errForeign},
		"prolonged":          {seal, "B" + given[1:], "ada\nx", 0, errForeign},
		"none":               {seal, "", "ada\nx", 0, errForeign},
		"not of the letters": {seal, given + "\n", "ada\nx", 0, errForeign},
	} {
		if err := test.seal.check(test.text, test.to, noon.Add(test.after)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFailureSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"internal  something went wrong":                      errors.New("pq: password of api_app"),
		"unavailable  api does not answer; call again":        fault.Wrap(fault.Unavailable, errors.New("dial tcp"), "api does not answer"),
		"not_found  no such task of the person's; list_tasks": fault.New(fault.NotFound, "no such task"),
		"invalid /due_from due_from: no date; /x: y":          fault.Fields(fault.Field{Name: "due_from", Detail: "no date"}, fault.Field{Name: "//x", Detail: "y"}),
		"conflict  the task was changed since":                fault.New(fault.Conflict, "the task was changed since"),
	} {
		got := Failed(err)
		field := ""
		if got.Error.Field != nil {
			field = *got.Error.Field
		}
		if said := strings.Join([]string{got.Error.Code, field, got.Error.Detail}, " "); got.Status != Error || !strings.HasPrefix(said, want) || !strings.Contains(got.Text, got.Error.Detail) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

func TestAToolThatIsNotThereAndOneOutOfReachAreRefusedBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	s := &Service{} // without a house: asking it would be a panic
	if got := s.Call(context.Background(), Caller{}, "drop_tables", nil); got.Error.Code != "not_found" {
		t.Errorf("%+v", got)
	}
	for name, tool := range tools {
		if got := s.Call(context.Background(), Caller{Scopes: []string{}}, name, nil); got.Error.Code != "forbidden" || !strings.Contains(got.Error.Detail, tool.scope) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
