package file

import (
	"regexp"
	"strings"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Todoist's columns; those that say nothing of a task are known and left alone.
var todoistColumns = []string{"type", "content", "description", "priority", "indent", "author", "responsible", "date", "date_lang",
	"timezone", "duration", "duration_unit", "deadline", "deadline_lang", "is_collapsed", "meta"}

// todoistLost are those of which a task here has nothing.
var todoistLost = []struct{ column, detail string }{
	{"RESPONSIBLE", "tasks are not assigned to others"}, {"DURATION", "durations are not kept"}, {"DEADLINE", "deadlines are not kept"},
}

// labels are written into the text: a word behind an @, where a word may begin.
var labels = regexp.MustCompile(`(^|\s)@([\p{L}\p{N}_][\p{L}\p{N}_\-/]*)`)

// todoist reads a project that was exported from Todoist. Its p1 is the most urgent.
func (r *reader) todoist(text string) error {
	t, ok := open(text, func(line int, detail string) { r.say(line, "", "", detail) }, "CONTENT")
	if !ok {
		return notThis("is no CSV of Todoist: no line names its columns, TYPE and CONTENT among them")
	}
	for t.next() {
		switch kind := key(t.get("TYPE")); {
		case t.blank(), kind == "meta":
		case kind == "section":
			r.say(t.line, "CONTENT", t.get("CONTENT"), "sections are not kept")
		case kind == "note":
			r.todoistNote(t)
		case kind == "task", kind == "":
			r.todoistTask(t)
		default:
			r.say(t.line, "TYPE", t.get("TYPE"), "is no type of line that is known: left out")
		}
	}
	return nil
}

// todoistNote puts a comment behind the description of the task that it follows.
func (r *reader) todoistNote(t *table) {
	if len(r.entries) == 0 {
		r.say(t.line, "CONTENT", t.get("CONTENT"), "is a note of no task: left out")
		return
	}
	last := r.entries[len(r.entries)-1].Fields.Description
	*last = strings.TrimSpace(*last + "\n\n" + t.get("CONTENT"))
}

func (r *reader) todoistTask(t *table) {
	content := t.get("CONTENT")
	title, tags := content, []string{}
	for _, label := range labels.FindAllStringSubmatch(content, -1) {
		tags = append(tags, label[2])
	}
	if bare := strings.TrimSpace(labels.ReplaceAllString(content, "$1")); bare != "" {
		title = bare
	} else {
		tags = nil
	}
	e := entry(t.line, oneLine(title), t.get("DESCRIPTION"))
	put(&e, "/title", "CONTENT", content)
	put(&e, "/description", "DESCRIPTION", t.get("DESCRIPTION"))
	put(&e, "/tags", "CONTENT", content)
	e.Fields.Tags = &tags
	r.identify(&e, strings.Join([]string{content, t.get("DESCRIPTION"), t.get("DATE"), t.get("INDENT"), t.get("AUTHOR")}, "\x00"))

	if given := t.get("PRIORITY"); given != "" {
		names := map[string]string{"1": "critical", "2": "high", "3": "normal", "4": "low"}
		priority, ok := names[strings.TrimPrefix(strings.ToLower(given), "p")]
		if ok {
			e.Fields.Priority = &priority
		} else {
			r.say(t.line, "PRIORITY", given, "is none of 1 to 4: normal is taken")
		}
	}
	if indent := t.get("INDENT"); indent != "" && indent != "1" {
		r.say(t.line, "INDENT", indent, "subtasks become tasks of their own")
	}
	for _, lost := range todoistLost {
		if value := t.get(lost.column); value != "" && value != "None" {
			r.say(t.line, lost.column, value, lost.detail)
		}
	}
	t.strangers(todoistColumns, func(column, value string) {
		if r.once(column) {
			r.say(t.line, column, value, "this column is not kept")
		}
	})
	r.todoistDate(&e, t)
	r.entries = append(r.entries, e)
}

// todoistDate reads a date as people type it there. "every!" counts from completion.
func (r *reader) todoistDate(e *task.Entry, t *table) {
	given := t.get("DATE")
	if given == "" {
		return
	}
	put(e, "/due_date", "DATE", given)
	put(e, "/recurrence_rule", "DATE", given)
	put(e, "/time_zone", "TIMEZONE", t.get("TIMEZONE"))
	zone := r.here.Zone
	if name := t.get("TIMEZONE"); name != "" {
		if own, err := task.LoadZone(name); err == nil {
			zone = own
		} else {
			r.say(t.line, "TIMEZONE", name, "is no time zone of the IANA database: the person's is taken")
		}
	}
	if due, err := task.ParseDue(given, zone); err == nil {
		r.dated(e, due.Wall, t, zone.String())
		return
	}
	text := strings.NewReplacer("every!", "every", "Every!", "Every", "after", "every").Replace(given)
	due, rule, ok := words(text, zone, r.here.Now)
	if lang := key(t.get("DATE_LANG")); !ok || lang != "" && lang != "en" {
		r.say(t.line, "DATE", given, "is no date that is understood: the task comes without one")
		return
	}
	r.dated(e, due, t, zone.String())
	if !rule.IsZero() {
		anchor := recurrence.DueDate
		if text != given {
			anchor = recurrence.Completion
		}
		spec := &task.RuleSpec{Simple: &recurrence.Simple{RRule: rule.String(), Anchor: anchor}}
		e.Fields.Rule = &spec
	}
}

// dated sets the due date; only a time of day needs the zone that the file names.
func (r *reader) dated(e *task.Entry, due recurrence.Civil, t *table, zone string) {
	text := due.String()
	e.Fields.Due = &text
	if due.Timed && t.get("TIMEZONE") != "" {
		e.Fields.TimeZone = &zone
	}
}
