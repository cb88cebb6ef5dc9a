package file

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// Properties of ours (RFC 5545, section 3.8.8.2), for what iCalendar cannot say of a task.
const (
	propZone       = "X-TICKLER-TIME-ZONE"  // of a task without a time of day
	propAnchor     = "X-TICKLER-ANCHOR"     // "completion"
	propOccurrence = "X-TICKLER-OCCURRENCE" // date, start and number in the series
	propWhen       = "X-TICKLER-DAYS-BEFORE"
	propChannels   = "X-TICKLER-CHANNELS"
	ourHost        = "@tickler"
)

// todo is a VTODO that is read.
type todo struct {
	*reader
	task.Entry
	lines []content
	props ical.Props
	zones map[string]string
	zone  *time.Location // that the due date is in
	timed bool
	day   string // the due date as DTSTART would have it
}

// ownID is the id of a task that was exported from here.
func ownID(uid string) (uuid.UUID, bool) {
	text, ours := strings.CutSuffix(uid, ourHost)
	id, err := uuid.Parse(text)
	return id, ours && err == nil
}

func (t *todo) value(name string) string {
	if prop := t.props.Get(name); prop != nil {
		return strings.TrimSpace(prop.Value)
	}
	return ""
}

// lost tells what is not kept of a property, on the line that it stands on.
func (t *todo) lost(name, detail string) {
	line := t.Line
	for _, c := range t.lines {
		if c.name == name {
			line = c.line
			break
		}
	}
	t.say(line, name, t.value(name), detail)
}

func (t *todo) instant(name string) *time.Time {
	prop := t.props.Get(name)
	if prop == nil {
		return nil
	}
	wall, zone, ok := t.moment(prop)
	if !ok {
		t.lost(name, "is no date-time")
		return nil
	}
	at := recurrence.Resolve(wall, zone).UTC()
	return &at
}

// moment reads a DATE or DATE-TIME. zone is where its clock stands.
func (t *todo) moment(prop *ical.Prop) (wall recurrence.Civil, zone *time.Location, ok bool) {
	zone = t.here.Zone
	value := strings.TrimSpace(prop.Value)
	at, err := time.Parse("20060102", value)
	if err != nil {
		if at, err = time.Parse("20060102T150405", strings.TrimSuffix(value, "Z")); err != nil {
			return wall, zone, false
		}
		wall = recurrence.CivilOf(at)
	} else {
		wall = recurrence.CivilOf(at).Date()
	}
	if at.Year() < 1970 || at.Year() > 9999 {
		return wall, zone, false
	}
	if strings.HasSuffix(value, "Z") {
		return recurrence.CivilOf(at.In(t.here.Zone)), zone, true
	}
	if name := prop.Params.Get(ical.PropTimezoneID); name != "" && wall.Timed {
		if found, ok := t.location(name); ok {
			return wall, found, true
		}
		if t.once("zone " + name) {
			t.say(t.Line, prop.Name, name, "is no time zone that is known: the person's is taken, here and below")
		}
	}
	return wall, zone, true
}

// location finds a zone by the name that a calendar has for it: an IANA name, one behind a path,
// or what the calendar's own definition says that it is.
func (t *todo) location(name string) (*time.Location, bool) {
	parts := strings.Split(name, "/")
	for _, try := range []string{name, t.zones[name], strings.Join(parts[max(0, len(parts)-2):], "/"), strings.Join(parts[max(0, len(parts)-3):], "/")} {
		if zone, err := task.LoadZone(try); try != "" && err == nil {
			return zone, true
		}
	}
	return nil, false
}

// due reads when the task is due. One that only starts is due when it starts.
func (t *todo) due() {
	name := ical.PropDue
	start := t.props.Get(ical.PropDateTimeStart)
	if t.props.Get(name) == nil && start != nil {
		name = ical.PropDateTimeStart
		if span := t.value(ical.PropDuration); span != "" {
			t.lost(ical.PropDuration, "durations are not kept: the task is due when it starts")
		}
	}
	prop := t.props.Get(name)
	t.called("/due_date", name)
	t.called("/time_zone", name)
	t.ownZone()
	if prop == nil {
		return
	}
	wall, zone, ok := t.moment(prop)
	if !ok {
		t.unreadable(prop)
		return
	}
	text := wall.String()
	t.Fields.Due, t.zone, t.timed, t.day = &text, zone, wall.Timed, wall.String()
	if wall.Timed && prop.Params.Get(ical.PropTimezoneID) != "" {
		if _, known := t.location(prop.Params.Get(ical.PropTimezoneID)); known {
			own := zone.String()
			t.Fields.TimeZone = &own
		}
	}
	if start == nil || name == ical.PropDateTimeStart {
		return
	}
	if begins, _, ok := t.moment(start); !ok || begins != wall {
		t.lost(ical.PropDateTimeStart, "start dates are not kept")
	}
}

func (t *todo) ownZone() {
	if name := t.value(propZone); name != "" {
		t.Fields.TimeZone = &name
	}
}

// unreadable gives quick a try, for files that were written by hand.
func (t *todo) unreadable(prop *ical.Prop) {
	if due, rule, ok := words(prop.Value, t.here.Zone, t.here.Now); ok && rule.IsZero() {
		text := due.String()
		t.Fields.Due, t.timed = &text, due.Timed
		return
	}
	t.lost(prop.Name, "is no date that is understood: the task comes without one")
}

func (t *todo) rule() {
	given := t.value(ical.PropRecurrenceRule)
	if given == "" {
		return
	}
	t.called("/recurrence_rule", ical.PropRecurrenceRule)
	anchor := recurrence.DueDate
	if t.value(propAnchor) == string(recurrence.Completion) {
		anchor = recurrence.Completion
	}
	spec := &task.RuleSpec{Simple: &recurrence.Simple{RRule: given, Anchor: anchor}}
	t.Fields.Rule = &spec
	part := strings.Fields(t.value(propOccurrence))
	if len(part) != 3 {
		return
	}
	date, err1 := recurrence.ParseCivil(part[0])
	start, err2 := recurrence.ParseCivil(part[1])
	number, err3 := strconv.Atoi(part[2])
	o := task.FiledOccurrence{Version: 1, Date: date, Start: start, Number: number,
		Series: task.ImportID(t.here.UserID, string(t.format), "series "+t.value(ical.PropUID))}
	if err1 != nil || err2 != nil || err3 != nil || !fits(o) {
		t.lost(propOccurrence, "is no place in a series")
		return
	}
	t.Occurrence = &o
}

// kept are the properties that are read, or say nothing of the task; silent are parameters alike.
var (
	kept = []string{ical.PropUID, ical.PropSummary, ical.PropDescription, ical.PropCategories, ical.PropPriority, ical.PropStatus,
		ical.PropCompleted, ical.PropCreated, ical.PropLastModified, ical.PropDue, ical.PropDateTimeStart, ical.PropDuration,
		ical.PropRecurrenceRule, ical.PropRecurrenceID, ical.PropDateTimeStamp, ical.PropSequence, ical.PropPercentComplete,
		propZone, propAnchor, propOccurrence}
	silent = []string{ical.PropTimezoneID, ical.ParamValue}
)

// rest tells what a task here has no place for.
func (t *todo) rest(component *ical.Component) {
	told := map[string]bool{}
	for _, line := range t.lines {
		props := component.Props[line.name]
		if len(props) == 0 || told[line.name] {
			continue
		}
		told[line.name] = true
		switch {
		case !slices.Contains(kept, line.name):
			t.say(line.line, line.name, props[0].Value, "is not kept")
		case len(props) > 1 && line.name != ical.PropCategories:
			t.say(line.line, line.name, props[1].Value, "stands there more than once: the first is taken")
		default:
			for _, param := range slices.Sorted(maps.Keys(props[0].Params)) {
				if !slices.Contains(silent, param) {
					t.say(line.line, line.name+";"+param, props[0].Params.Get(param), "is not kept")
				}
			}
		}
	}
}
