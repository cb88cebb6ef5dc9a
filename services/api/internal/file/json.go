package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// json reads {"tasks":[…]}, which is what is exported and what the API answers, or the list
// alone. A task is read field by field, so that a wrong one does not cost the others.
func (r *reader) json(text string) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	at := &lines{text: text}
	if err := tasksOf(decoder); err != nil {
		return r.notJSON(at, decoder, err)
	}
	for decoder.More() {
		begins := at.next(decoder.InputOffset())
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return r.notJSON(at, decoder, err)
		}
		r.jsonTask(begins, raw)
	}
	for { // the rest must be JSON too
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return r.notJSON(at, decoder, err)
		}
	}
}

var errNoTasks = notThis(`has no list of tasks: {"tasks":[…]}`)

func (r *reader) notJSON(at *lines, decoder *json.Decoder, err error) error {
	if fault.KindOf(err) == fault.Invalid {
		return err
	}
	r.entries = nil
	return fault.New(fault.Malformed, "the body is not JSON: something is wrong on line %d", at.next(decoder.InputOffset()))
}

// tasksOf goes to where the list of tasks begins.
func tasksOf(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	if token == json.Delim('[') {
		return nil
	}
	if token != json.Delim('{') {
		return errNoTasks
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		if key == "tasks" {
			if token, err = decoder.Token(); err == nil && token != json.Delim('[') {
				err = errNoTasks
			}
			return err
		}
		var other json.RawMessage
		if err := decoder.Decode(&other); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return err
	}
	return errNoTasks
}

// lines tells on which line of a text something begins, asked in the order of the text.
type lines struct {
	text string
	at   int64
	line int
}

// next returns the line of the first character from offset on that is no space or comma.
func (l *lines) next(offset int64) int {
	for offset < int64(len(l.text)) && strings.IndexByte(" \t\r\n,", l.text[offset]) >= 0 {
		offset++
	}
	l.line += strings.Count(l.text[l.at:max(l.at, offset)], "\n")
	l.at = max(l.at, offset)
	return l.line + 1
}

// jsonFields are those that a task may have here. Some only say what follows from others.
var jsonFields = []string{"id", "user_id", "title", "description", "completed", "completed_at", "priority", "tags", "due_date", "due_at",
	"time_zone", "recurrence_rule", "reminders", "series_id", "version", "created_at", "updated_at", "deleted_at", "occurrence", "snoozed_until"}

// jsonEntry is a task that is read, with what stood in its fields.
type jsonEntry struct {
	*reader
	task.Entry
	raw map[string]json.RawMessage
}

func (r *reader) jsonTask(line int, raw json.RawMessage) {
	e := &jsonEntry{reader: r, Entry: entry(line, "", "")}
	if err := json.Unmarshal(raw, &e.raw); err != nil || e.raw == nil {
		r.say(line, "", string(raw), "is no task")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(e.raw)) {
		value := e.raw[name]
		if !slices.Contains(jsonFields, name) && string(value) != "null" {
			r.say(line, name, string(value), "this field is not kept")
		}
	}
	if e.given("deleted_at") {
		r.say(line, "deleted_at", e.text("deleted_at"), "lies in the trash: left out")
		return
	}
	e.identity(raw)
	e.plain()
	e.due()
	e.rule()
	e.remind()
	e.times()
	r.entries = append(r.entries, e.Entry)
}

// given reports whether a field is there and not null.
func (e *jsonEntry) given(name string) bool {
	value, ok := e.raw[name]
	return ok && string(value) != "null"
}

// read reads a field into a value; one of another type is told.
func (e *jsonEntry) read(name string, into any) bool {
	if !e.given(name) {
		return false
	}
	if err := json.Unmarshal(e.raw[name], into); err != nil {
		e.say(e.Line, name, string(e.raw[name]), "is of the wrong type")
		return false
	}
	return true
}

func (e *jsonEntry) text(name string) (text string) {
	if e.read(name, &text) && strings.ContainsRune(text, 0) {
		e.say(e.Line, name, "", "has a NUL character: left out")
		return ""
	}
	return text
}

// identity is the id where there is one, else all that the task says.
func (e *jsonEntry) identity(raw json.RawMessage) {
	if id := e.text("id"); id != "" {
		e.Dated = true
		e.identify(&e.Entry, id)
		if own, err := uuid.Parse(id); err == nil {
			e.Own = own
		}
		return
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, raw) // it was read once
	e.identify(&e.Entry, compact.String())
}

func (e *jsonEntry) plain() {
	title, description, done := e.text("title"), e.text("description"), false
	e.Fields.Title, e.Fields.Description = &title, &description
	if priority := e.text("priority"); priority != "" {
		e.Fields.Priority = &priority
	}
	var tags []string
	if e.read("tags", &tags) {
		tags = slices.DeleteFunc(tags, func(tag string) bool { return strings.ContainsRune(tag, 0) })
		e.Fields.Tags = &tags
	}
	if e.read("completed", &done); e.given("completed_at") {
		done = true
	}
	e.Fields.Completed = &done
}

var offset = regexp.MustCompile(`(?i)(Z|[+-]\d\d:\d\d)$`)

// due reads the due date. A task that says it floats keeps its wall-clock, whatever offset that
// had where it was written.
func (e *jsonEntry) due() {
	zone := e.here.Zone
	if name := e.text("time_zone"); name != "" {
		e.Fields.TimeZone = &name
		if own, err := task.LoadZone(name); err == nil {
			zone = own
		}
	}
	given := e.text("due_date")
	if given == "" {
		return
	}
	text := given
	if value, ok := e.raw["time_zone"]; ok && string(value) == "null" {
		text = offset.ReplaceAllString(given, "")
		if !strings.Contains(text, "T") {
			text = given
		}
	}
	if _, err := task.ParseDue(text, zone); err == nil {
		e.Fields.Due = &text
		return
	}
	if due, rule, ok := words(given, zone, e.here.Now); ok && rule.IsZero() {
		text = due.String()
		e.Fields.Due = &text
		return
	}
	e.say(e.Line, "due_date", given, "is no date that is understood: the task comes without one")
}

func (e *jsonEntry) rule() {
	if !e.given("recurrence_rule") {
		return
	}
	e.Raw["/recurrence_rule"] = string(e.raw["recurrence_rule"])
	if raw := e.raw["recurrence_rule"]; raw[0] == '"' {
		recur(&e.Entry, e.text("recurrence_rule"))
	} else {
		simple := &recurrence.Simple{}
		if !e.read("recurrence_rule", simple) {
			return
		}
		spec := &task.RuleSpec{Simple: simple}
		e.Fields.Rule = &spec
	}
	var filed struct {
		Version             int64
		Start, Date, Series string
		After               *string
		Number              int
	}
	if !e.read("occurrence", &filed) {
		return
	}
	o := task.FiledOccurrence{Version: filed.Version, Number: filed.Number}
	var err1, err2 error
	o.Start, err1 = recurrence.ParseCivil(filed.Start)
	o.Date, err2 = recurrence.ParseCivil(filed.Date)
	series := e.text("series_id")
	if err1 != nil || err2 != nil || series == "" || !fits(o) {
		e.say(e.Line, "occurrence", string(e.raw["occurrence"]), "is no place in a series: the task begins one of its own")
		return
	}
	o.Series = task.ImportID(e.here.UserID, string(e.format), "series "+series)
	if filed.After != nil {
		o.After = task.ImportID(e.here.UserID, string(e.format), *filed.After)
	}
	e.Occurrence = &o
}

// fits reports whether somebody could have counted so far.
func fits(o task.FiledOccurrence) bool {
	const most = 1_000_000
	decent := func(c recurrence.Civil) bool { return c.Year >= 1970 && c.Year <= 9999 }
	return o.Version >= 1 && o.Version <= most && o.Number >= 1 && o.Number <= most && decent(o.Start) && decent(o.Date) && o.Start.Timed == o.Date.Timed
}

// times reads when things happened.
func (e *jsonEntry) times() {
	at := func(name string) *time.Time {
		given := e.text(name)
		if given == "" {
			return nil
		}
		at, ok := moment(given)
		if !ok {
			e.say(e.Line, name, given, "is no date-time with an offset")
			return nil
		}
		return &at
	}
	e.CreatedAt, e.CompletedAt, e.ModifiedAt = at("created_at"), at("completed_at"), at("updated_at")
}
