package rest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
	"github.com/tickler-app/tickler/services/api/internal/quick"
	"github.com/tickler-app/tickler/services/api/internal/task"
)

// draft is a task as a text says it. It may be sent back as the body of a new one.
type draft struct {
	Title          string             `json:"title"`
	Description    string             `json:"description"`
	Priority       string             `json:"priority"`
	Tags           []string           `json:"tags"`
	DueDate        *string            `json:"due_date"`
	TimeZone       *string            `json:"time_zone"`
	RecurrenceRule *recurrence.Simple `json:"recurrence_rule"`
	Reminders      []draftReminder    `json:"reminders"`
}

type draftReminder struct {
	MinutesBefore *int   `json:"minutes_before,omitempty"`
	DaysBefore    *int   `json:"days_before,omitempty"`
	Time          string `json:"time,omitempty"`
	At            string `json:"at,omitempty"`
}

// place is where and when the words of a text are to be understood. What is not given is what
// is known of the person.
type place struct {
	zone   *time.Location // nil: the person's
	name   string
	now    *time.Time
	locale string
}

var errMoment = errors.New("is no date-time with offset (2026-12-31T09:00:00+01:00) of the years 1970 to 9000")

// momentOf reads what words are relative to.
func momentOf(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 9000 {
		return at, errMoment
	}
	return at, nil
}

func placeOf(text TaskText) (place, error) {
	var p place
	var wrong []fault.Field
	if name := cleared(text.TimeZone); name != nil && *name != "" {
		zone, err := task.LoadZone(*name)
		if err != nil {
			wrong = append(wrong, fault.Field{Name: "/time_zone", Code: "not_allowed", Detail: "is no time zone of the IANA database"})
		}
		p.zone, p.name = zone, *name
	}
	if now := cleared(text.Now); now != nil && *now != "" {
		at, err := momentOf(*now)
		if err != nil {
			wrong = append(wrong, fault.Field{Name: "/now", Code: "format", Detail: err.Error()})
		}
		p.now = &at
	}
	if locale := cleared(text.Locale); locale != nil {
		p.locale = *locale
	}
	if wrong != nil {
		return p, fault.Fields(wrong...)
	}
	return p, nil
}

// reading is what a text says at a place.
type reading struct {
	quick.Task
	zone *time.Location
	own  *string // the zone that the task keeps
}

// read reads a text for a person in a zone, at a moment.
func (p place) read(text string, ignore []quick.Range, person *time.Location, now time.Time) reading {
	r := reading{zone: person}
	if p.zone != nil {
		r.zone = p.zone
	}
	if p.now != nil {
		now = *p.now
	}
	r.Task = quick.Parse(text, quick.Here{Now: now.In(r.zone), Locale: p.locale}, ignore...)
	if r.Due.Timed && r.zone.String() != person.String() {
		r.own = &p.name
	}
	return r
}

// draft shows what was read.
func (r reading) draft() draft {
	d := draft{Title: r.Title, Description: r.Description, Priority: task.Normal.String(), Tags: append([]string{}, r.Tags...),
		TimeZone: r.own, Reminders: []draftReminder{}}
	if r.Priority != "" {
		d.Priority = r.Priority
	}
	if !r.Due.IsZero() {
		due := task.Due{Wall: r.Due}.Text(r.zone)
		d.DueDate = &due
	}
	if !r.Rule.IsZero() {
		rule := r.Rule.Simple()
		d.RecurrenceRule = &rule
	}
	for _, m := range r.Reminders {
		shown := draftReminder{MinutesBefore: m.MinutesBefore, DaysBefore: m.DaysBefore, Time: m.Time}
		if !m.At.IsZero() {
			shown.At = task.Due{Wall: m.At}.Text(r.zone)
		}
		d.Reminders = append(d.Reminders, shown)
	}
	return d
}

// patch makes the fields of a new task of what was read.
func (r reading) patch() task.Patch {
	d := r.draft()
	fields := task.Patch{Title: &d.Title, Description: &d.Description, Priority: &d.Priority, Tags: &d.Tags, Due: d.DueDate, TimeZone: d.TimeZone}
	if d.DueDate != nil {
		wall := r.Due.String() // in the task's own zone, whatever its offset is then
		fields.Due = &wall
	}
	if d.RecurrenceRule != nil {
		spec := &task.RuleSpec{Simple: &recurrence.Simple{RRule: d.RecurrenceRule.RRule, Anchor: d.RecurrenceRule.Anchor}}
		fields.Rule = &spec
	}
	if len(d.Reminders) > 0 {
		specs := make([]task.ReminderSpec, len(d.Reminders))
		for i, m := range d.Reminders {
			specs[i] = task.ReminderSpec{MinutesBefore: m.MinutesBefore, DaysBefore: m.DaysBefore}
			switch {
			case m.At != "":
				specs[i].At = &m.At
			case m.Time != "":
				specs[i].Time = &m.Time
			}
		}
		fields.Reminders = &specs
	}
	return fields
}

func (r reading) spans() []Span {
	spans := make([]Span, len(r.Spans))
	for i, s := range r.Spans {
		spans[i] = Span{Start: s.Start, End: s.End, Text: s.Text, Field: SpanField(s.Field), Value: s.Value}
	}
	return spans
}

// ParseTask answers what a text says, and makes nothing of it.
func (s *server) ParseTask(ctx context.Context, request ParseTaskRequestObject) (ParseTaskResponseObject, error) {
	place, err := placeOf(*request.Body)
	if err != nil {
		return nil, err
	}
	once, err := once(ctx, "parse", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, request.Body)
	if err != nil {
		return nil, err
	}
	who := author(ctx, nil)
	return s.answer(ctx, who, once, func() (any, error) {
		zone, now, err := s.tasks.Here(ctx, who)
		if err != nil {
			return nil, err
		}
		read := place.read(request.Body.Text, nil, zone, now)
		return ParsedText{Task: read.draft(), Spans: read.spans()}, nil
	})
}

// QuickTask makes the task that a text says.
func (s *server) QuickTask(ctx context.Context, request QuickTaskRequestObject) (QuickTaskResponseObject, error) {
	body := request.Body
	once, err := once(ctx, "quick", "", request.Params.IdempotencyKey, request.Params.IdempotencyWindow, body)
	if err != nil {
		return nil, err
	}
	place, err := placeOf(TaskText{Text: body.Text, Now: body.Now, TimeZone: body.TimeZone, Locale: body.Locale})
	if err != nil {
		return nil, err
	}
	var ignore []quick.Range
	if pieces := cleared(body.Ignore); pieces != nil {
		for _, piece := range *pieces {
			ignore = append(ignore, quick.Range{Start: piece.Start, End: piece.End})
		}
	}
	var read reading
	result, err := s.tasks.Jot(ctx, author(ctx, request.Params.XTicklerClient), once, func(zone *time.Location, now time.Time) task.Patch {
		read = place.read(body.Text, ignore, zone, now)
		return read.patch()
	})
	if err != nil {
		return nil, ofText(err)
	}
	if result.Replayed { // as it was read then
		read = place.read(body.Text, ignore, result.Zone, result.Task.CreatedAt)
	}
	answer := shown(result)
	location := "/api/" + result.Task.UserID + "/tasks/" + result.Task.ID.String()
	return QuickTask201JSONResponse{Body: QuickTask{Task: answer.Body, Spans: read.spans()}, Headers: QuickTask201ResponseHeaders{
		ETag: answer.Headers.ETag, IdempotencyReplayed: answer.Headers.IdempotencyReplayed, Location: &location,
	}}, nil
}

// ofText points to the text instead of the fields that were read from it.
func ofText(err error) error {
	wrong, ok := errors.AsType[*fault.Error](err)
	if !ok || wrong.Kind != fault.Invalid || len(wrong.Fields) == 0 {
		return err
	}
	fields := make([]fault.Field, len(wrong.Fields))
	for i, f := range wrong.Fields {
		fields[i] = fault.Field{Name: "/text", Code: f.Code, Detail: strings.TrimPrefix(f.Name, "/") + ": " + f.Detail}
	}
	return fault.Fields(fields...)
}
