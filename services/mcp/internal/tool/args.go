package tool

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tickler-app/tickler/pkg/fault"
)

// args are a call's arguments, as its schema allows them.
type args map[string]json.RawMessage

func readArgs(text json.RawMessage) (args, error) {
	given := args{}
	if len(bytes.TrimSpace(text)) == 0 {
		return given, nil
	}
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, fault.New(fault.Malformed, "the arguments are not a JSON object")
	}
	if given == nil { // null
		given = args{}
	}
	return given, nil
}

func (a args) has(name string) bool { return len(a[name]) > 0 && string(a[name]) != "null" }

// text is a text argument, or "".
func (a args) text(name string) string {
	var s string
	_ = json.Unmarshal(a[name], &s) // the schema has seen that it is one
	return s
}

func (a args) flag(name string) bool { return string(a[name]) == "true" }

// texts is an argument that is a text or a list of texts.
func (a args) texts(name string) []string {
	var list []string
	if err := json.Unmarshal(a[name], &list); err != nil && a.has(name) {
		list = []string{a.text(name)}
	}
	return list
}

// only are those of the arguments that have these names.
func (a args) only(names ...string) args {
	some := args{}
	for _, name := range names {
		if value, given := a[name]; given {
			some[name] = value
		}
	}
	return some
}

// query makes a query of those arguments; a list is a parameter that is there several times.
func (a args) query(names ...string) url.Values {
	query := url.Values{}
	for _, name := range names {
		switch value := a[name]; {
		case !a.has(name):
		case value[0] == '"' || value[0] == '[':
			query[name] = a.texts(name)
		default:
			query.Set(name, string(value))
		}
	}
	return query
}

// fields are the names of a task's fields that a person sets.
var fields = []string{"title", "description", "priority", "tags", "due_date", "time_zone", "recurrence_rule", "reminders"}

// ids are the tasks that a call names, each once.
func (a args) ids() ([]string, error) {
	ids := a.texts("task_ids")
	if a.has("task_id") {
		if a.has("task_ids") {
			return nil, fault.Fields(fault.Field{Name: "/task_ids", Code: "not_allowed", Detail: "give task_id for one task or task_ids for several, not both"})
		}
		ids = []string{a.text("task_id")}
	}
	if len(ids) == 0 {
		return nil, fault.Fields(fault.Field{Name: "/task_id", Code: "required", Detail: "give task_id for one task, or task_ids for several; list_tasks tells the ids"})
	}
	var each []string
	for _, id := range ids {
		if id = strings.ToLower(id); !slices.Contains(each, id) {
			each = append(each, id)
		}
	}
	return each, nil
}

// print is what a call means, hashed: its tool and its arguments, whatever their order and
// the letters of the title. Those that only say how to call do not count.
func (c call) print() string {
	meaning := map[string]any{}
	for name, value := range c.args {
		decoder := json.NewDecoder(bytes.NewReader(value))
		decoder.UseNumber()
		var plain any
		_ = decoder.Decode(&plain) // it was read once
		switch {
		case name == "dry_run" || name == "confirmation":
		case plain == nil && c.name == "add_task": // as if it were not there
		case name == "title":
			meaning[name] = normal(c.args.text(name))
		case name == "task_ids":
			ids := c.args.texts(name)
			slices.Sort(ids)
			meaning[name] = ids
		default:
			meaning[name] = plain
		}
	}
	text, _ := json.Marshal(meaning) // what was JSON is JSON again, its keys in order
	sum := sha256.Sum256([]byte(c.name + "\n" + string(text)))
	return hex.EncodeToString(sum[:])
}

// normal is a title without what people do not mean by it: case and spaces.
func normal(title string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFC.String(title))), " ")
}
