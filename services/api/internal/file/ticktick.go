package file

import (
	"regexp"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

var tickTickColumns = []string{"folder name", "list name", "title", "kind", "tags", "content", "is check list", "start date", "due date",
	"reminder", "repeat", "priority", "status", "created time", "completed time", "order", "timezone", "is all day", "is floating",
	"column name", "column order", "view mode", "taskid", "parentid"}

// tickTick reads a backup of TickTick. Before the columns' names stand lines about the file.
func (r *reader) tickTick(text string) error {
	t, ok := open(text, func(line int, detail string) { r.say(line, "", "", detail) }, "Title", "Due Date")
	if !ok {
		return notThis("is no CSV of TickTick: no line names its columns, Title and Due Date among them")
	}
	for t.next() {
		if !t.blank() {
			r.tickTickTask(t)
		}
	}
	return nil
}

func (r *reader) tickTickTask(t *table) {
	e := entry(t.line, oneLine(t.get("Title")), t.get("Content"))
	put(&e, "/title", "Title", t.get("Title"))
	put(&e, "/description", "Content", t.get("Content"))
	put(&e, "/tags", "Tags", t.get("Tags"))
	if id := t.get("taskId"); id != "" {
		e.Dated = true
		r.identify(&e, id)
	} else {
		r.identify(&e, strings.Join([]string{t.get("Title"), t.get("Content"), t.get("Due Date"), t.get("Created Time"), t.get("List Name")}, "\x00"))
	}
	tags := strings.FieldsFunc(t.get("Tags"), func(c rune) bool { return c == ',' || c == '\n' })
	for i, tag := range tags {
		tags[i] = strings.TrimPrefix(strings.TrimSpace(tag), "#")
	}
	e.Fields.Tags = &tags
	r.tickTickState(&e, t)
	for _, column := range []string{"List Name", "Folder Name", "Column Name"} {
		if name := t.get(column); name != "" && name != "Inbox" && r.once(column+" "+name) {
			r.say(t.line, column, name, "lists, folders and columns are not kept, here and below")
		}
	}
	if parent := t.get("parentId"); parent != "" {
		r.say(t.line, "parentId", parent, "subtasks become tasks of their own")
	}
	t.strangers(tickTickColumns, func(column, value string) {
		if r.once(column) {
			r.say(t.line, column, value, "this column is not kept")
		}
	})
	r.tickTickDates(&e, t)
	r.entries = append(r.entries, e)
}

// tickTickState reads the priority, 5, 3, 1 or 0, and whether the task is done: 0 open, 1 done,
// 2 done and put away, -1 given up.
func (r *reader) tickTickState(e *task.Entry, t *table) {
	if given := t.get("Priority"); given != "" {
		if priority, ok := map[string]string{"5": "high", "3": "normal", "1": "low", "0": "normal"}[given]; ok {
			e.Fields.Priority = &priority
		} else {
			r.say(t.line, "Priority", given, "is none of 5, 3, 1 and 0: normal is taken")
		}
	}
	done := false
	switch status := t.get("Status"); status {
	case "", "0":
	case "1", "2":
		done = true
	case "-1":
		done = true
		r.say(t.line, "Status", status, "was given up: it comes as completed")
	default:
		r.say(t.line, "Status", status, "is none of 0, 1, 2 and -1: the task is taken as open")
	}
	e.Fields.Completed = &done
	e.CreatedAt = r.tickTickTime(t, "Created Time")
	if done {
		e.CompletedAt = r.tickTickTime(t, "Completed Time")
	}
}

func (r *reader) tickTickTime(t *table, column string) *time.Time {
	given := t.get(column)
	if given == "" {
		return nil
	}
	at, ok := moment(given)
	if !ok {
		r.say(t.line, column, given, "is no date-time")
		return nil
	}
	return &at
}

// moment reads the date-times of such files: with an offset, whose colon may be left out.
func moment(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339, "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1970 && at.Year() <= 9999 {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// tickTickDates reads the due date, which of an all-day task is the day that its zone shows, the
// rule and the reminders.
func (r *reader) tickTickDates(e *task.Entry, t *table) {
	column := "Due Date"
	if t.get(column) == "" && t.get("Start Date") != "" {
		column = "Start Date"
	} else if start := t.get("Start Date"); start != t.get("Due Date") && start != "" {
		r.say(t.line, "Start Date", start, "start dates are not kept")
	}
	given := t.get(column)
	put(e, "/due_date", column, given)
	put(e, "/recurrence_rule", "Repeat", t.get("Repeat"))
	put(e, "/reminders", "Reminder", t.get("Reminder"))
	put(e, "/time_zone", "Timezone", t.get("Timezone"))
	zone, own := r.here.Zone, ""
	if name := t.get("Timezone"); name != "" {
		if found, err := task.LoadZone(name); err == nil {
			zone, own = found, name
		} else {
			r.say(t.line, "Timezone", name, "is no time zone of the IANA database: the person's is taken")
		}
	}
	allDay := strings.EqualFold(t.get("Is All Day"), "true")
	if due, ok := r.tickTickDue(given, zone); ok {
		if allDay {
			due = due.Date()
		}
		text := due.String()
		e.Fields.Due = &text
		if due.Timed && own != "" && !strings.EqualFold(t.get("Is Floating"), "true") {
			e.Fields.TimeZone = &own
		}
		r.tickTickAlarms(e, t, due.Timed)
	} else if given != "" {
		r.say(t.line, column, given, "is no date that is understood: the task comes without one")
	}
	r.tickTickRule(e, t)
}

func (r *reader) tickTickDue(given string, zone *time.Location) (recurrence.Civil, bool) {
	if at, ok := moment(given); ok {
		return recurrence.CivilOf(at.In(zone)), true
	}
	if given == "" {
		return recurrence.Civil{}, false
	}
	if due, err := task.ParseDue(given, zone); err == nil {
		return due.Wall, true
	}
	due, rule, ok := words(given, zone, r.here.Now)
	return due, ok && rule.IsZero()
}

// tickTickOwn are parts of a rule that RFC 5545 does not know.
var tickTickOwn = regexp.MustCompile(`;?\bTT_[A-Z]+=[^;]*`)

func (r *reader) tickTickRule(e *task.Entry, t *table) {
	given := t.get("Repeat")
	switch {
	case given == "":
	case *e.Fields.Due == "":
		r.say(t.line, "Repeat", given, "a task without a date does not recur")
	case strings.HasPrefix(given, "RRULE:"), strings.HasPrefix(given, "FREQ="):
		rule := tickTickOwn.ReplaceAllString(given, "")
		if rule != given {
			r.say(t.line, "Repeat", given, "what begins with TT_ is not kept")
		}
		recur(e, rule)
		if strings.EqualFold(t.get("Repeat From"), "1") {
			(*e.Fields.Rule).Simple, (*e.Fields.Rule).Text = &recurrence.Simple{RRule: rule, Anchor: recurrence.Completion}, ""
		}
	default:
		r.say(t.line, "Repeat", given, "is no RRULE: the task does not recur")
	}
}

var commas = regexp.MustCompile(`[,\s]+`)

func (r *reader) tickTickAlarms(e *task.Entry, t *table, timed bool) {
	reminders := []task.ReminderSpec{}
	for _, given := range commas.Split(t.get("Reminder"), -1) {
		if given == "" {
			continue
		}
		minutes, ok := duration(strings.TrimPrefix(given, "TRIGGER:"))
		if spec, fits := reminder(minutes, timed); ok && fits {
			reminders = append(reminders, spec)
		} else {
			r.say(t.line, "Reminder", given, "is no reminder that can be kept")
		}
	}
	e.Fields.Reminders = &reminders
}
