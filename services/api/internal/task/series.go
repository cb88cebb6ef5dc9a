package task

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/recurrence"
	events "github.com/tickler-app/tickler/proto-events"
)

// Series is a task's place among those that recur. Each occurrence carries its series' rule,
// so that a series needs no row of its own: it lives as long as its last occurrence says so.
type Series struct {
	ID        uuid.UUID
	Version   int64             // grows when the rule, or what it counts from, changes
	Rule      string            // an RRULE, as recurrence.Rule.From made it
	Anchor    recurrence.Anchor // what the next date counts from
	Start     recurrence.Civil  // of the series: intervals count from it
	Date      recurrence.Civil  // as the rule gave it, wherever the occurrence was moved since
	Number    int               // from 1
	After     uuid.UUID         // the occurrence before; zero for the first
	Skipped   bool              // it lies in the trash because it was left out
	Withdrawn bool              // it lies there because the one before came back
	Returned  int               // how often it was brought back from there
}

// rule is the series' rule; its text was written by the same package.
func (s *Series) rule() recurrence.Rule {
	rule, err := recurrence.Parse(s.Rule)
	if err != nil {
		return recurrence.Rule{}
	}
	return rule.WithAnchor(s.Anchor)
}

// Errors about series.
var (
	ErrNotRecurring = error(&fault.Error{Kind: fault.Invalid, Message: "the task does not recur", Fields: []fault.Field{
		{Name: "id", Code: "not_recurring", Detail: "has no rule: there is nothing to skip, and no date to come"},
	}})
	ErrSeriesOpen  = fault.New(fault.Conflict, "another occurrence of the series is open: only one can be")
	ErrNextTouched = fault.New(fault.Conflict, "the next occurrence was changed already: change that one")
)

// RuleSpec is a rule as it is asked for: a text (an RRULE or words), or the simple form.
type RuleSpec struct {
	Text   string
	Simple *recurrence.Simple
}

// recur gives the task a rule, which counts from this occurrence on; nil takes it away. A
// rule that is the same as before changes nothing.
func (t *Task) recur(spec *RuleSpec, zone *time.Location, today recurrence.Civil, wrong *problems) {
	const field = "/recurrence_rule"
	if spec == nil {
		t.Series = nil
		return
	}
	if t.Due.None() {
		wrong.add(field, "no_due_date", "needs a due_date to count from")
		return
	}
	rule, err := spec.read(today)
	if err == nil {
		rule, err = rule.From(t.Due.Wall, t.zone(zone))
	}
	if err != nil {
		wrong.take(recurrence.Fault(err, field))
		return
	}
	if t.Series != nil && t.Series.Rule == rule.String() && t.Series.Anchor == rule.Anchor() {
		return
	}
	next := Series{ID: uuid.Must(uuid.NewV7()), Version: 1, Number: 1}
	if t.Series != nil {
		next = *t.Series
		next.Version++
		next.Number = 1
	}
	next.Rule, next.Anchor, next.Start, next.Date = rule.String(), rule.Anchor(), t.Due.Wall, t.Due.Wall
	t.Series = &next
}

// Check returns what is wrong with the rule by itself, whatever task it is for.
func (s *RuleSpec) Check() error {
	_, err := s.read(recurrence.Day(2000, time.January, 1))
	return recurrence.Fault(err, "/recurrence_rule")
}

func (s *RuleSpec) read(today recurrence.Civil) (recurrence.Rule, error) {
	if s.Simple != nil {
		return recurrence.FromSimple(*s.Simple)
	}
	return recurrence.Read(s.Text, today)
}

// Next is the occurrence that follows t, which was completed or skipped at a moment; false
// where the series has ended with t. zone is the person's.
func (t *Task) Next(at time.Time, zone *time.Location) (recurrence.Occurrence, bool) {
	s := t.Series
	if s == nil {
		return recurrence.Occurrence{}, false
	}
	return s.rule().After(recurrence.Done{
		Start: s.Start, Due: s.Date, At: recurrence.CivilOf(at.In(t.zone(zone))), Number: s.Number,
	})
}

// Done is when an occurrence was completed or skipped: the next one counts from it.
func (t *Task) Done() (time.Time, bool) {
	switch {
	case t.Series == nil:
	case t.Series.Skipped && t.DeletedAt != nil:
		return *t.DeletedAt, true
	case t.CompletedAt != nil && t.DeletedAt == nil:
		return *t.CompletedAt, true
	}
	return time.Time{}, false
}

// Follow makes the occurrence that follows t, with all that carries over. Its id follows
// from series and date, so that whoever makes it twice makes one.
func (t *Task) Follow(next recurrence.Occurrence, zone *time.Location, now time.Time) *Change {
	series := *t.Series
	series.Date, series.Number, series.After = next.Due, next.Number, t.ID
	series.Skipped, series.Withdrawn, series.Returned = false, false, 0
	after := Task{
		ID: OccurrenceID(series), UserID: t.UserID, Title: t.Title, Description: t.Description, Priority: t.Priority,
		Tags: append([]string{}, t.Tags...), Due: Due{next.Due}, TimeZone: t.TimeZone, Series: &series,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	for _, r := range t.Reminders {
		if r.When.At == nil { // an instant has passed; the others are offsets
			after.Reminders = append(after.Reminders, Reminder{ID: uuid.Must(uuid.NewV7()), When: r.When, Channels: r.Channels, Status: Scheduled})
		}
	}
	after.resolve(zone)
	return &Change{Type: events.TaskCreated, After: after}
}

// Skip leaves this occurrence out: it goes to the trash, and its series goes on.
func (t Task) Skip(author Author, now time.Time) (*Change, error) {
	switch {
	case t.Deleted():
		return nil, ErrNotFound
	case t.Series == nil:
		return nil, ErrNotRecurring
	case t.Completed():
		return nil, fault.New(fault.Conflict, "the occurrence is completed: it cannot be skipped any more")
	}
	after := t.clone()
	after.DeletedAt, after.Series.Skipped = &now, true
	after.ring(author.Zone)
	change := t.changed(events.TaskSkipped, after, now)
	_, goesOn := after.Next(now, author.Zone)
	change.Ends = !goesOn
	return change, nil
}

// ComesBack reports whether the change opens an occurrence that was done with, after which
// another may have been made.
func (c *Change) ComesBack() bool {
	if c.Before == nil || c.Before.Series == nil || c.After.Series == nil || c.After.Completed() || c.After.Deleted() {
		return false
	}
	_, done := c.Before.Done()
	return done
}

// Withdraw takes an occurrence back that nobody has touched.
func (t Task) Withdraw(now time.Time) (*Change, error) {
	if t.Version > 1 && !t.restored() || t.Completed() {
		return nil, ErrNextTouched
	}
	after := t.clone()
	after.DeletedAt, after.Series.Withdrawn = &now, true
	after.ring(time.UTC) // takes them back, whatever the zone
	return t.changed(events.TaskDeleted, after, now), nil
}

// restored reports whether all that ever happened to t is that it was withdrawn and brought
// back: each pair counts the version by two.
func (t *Task) restored() bool {
	return t.Series.Returned > 0 && t.Version == 1+2*int64(t.Series.Returned)
}

// SeriesStore keeps occurrences.
type SeriesStore interface {
	// Follow lets decide make what follows the occurrence cause, in one transaction. Without
	// such a task it does nothing.
	Follow(ctx context.Context, author Author, cause uuid.UUID, decide Following) error
}

// Following decides what follows an occurrence that is done; find returns the one of that
// id, else an open one of the series, else nil. A nil Change means nothing follows.
type Following func(done Task, author Author, find func(uuid.UUID) (*Task, error)) (*Change, error)

// Succession makes the next occurrence of series.
type Succession struct {
	Store SeriesStore
	Now   func() time.Time
}

// Follow makes what follows the occurrence cause, once, however often it is asked. It is
// asked by those who saw cause done, and decides by what is so now: that cause may have come
// back, or its rule have changed.
func (s *Succession) Follow(ctx context.Context, author Author, cause uuid.UUID) error {
	return s.Store.Follow(ctx, author, cause, func(done Task, author Author, find func(uuid.UUID) (*Task, error)) (*Change, error) {
		at, isDone := done.Done()
		next, goesOn := done.Next(at, author.Zone)
		if !isDone || !goesOn {
			return nil, nil
		}
		place := *done.Series
		place.Date = next.Due
		made, err := find(OccurrenceID(place))
		switch {
		case err != nil:
			return nil, err
		case made == nil:
			return done.Follow(next, author.Zone, s.Now()), nil
		case made.Deleted() && made.Series.Withdrawn:
			return made.Return(author, s.Now()), nil
		}
		return nil, nil
	})
}

// Return brings a withdrawn occurrence back.
func (t Task) Return(author Author, now time.Time) *Change {
	after := t.clone()
	after.DeletedAt, after.Series.Withdrawn = nil, false
	after.Series.Returned++
	after.resolve(author.Zone)
	return t.changed(events.TaskRestored, after, now)
}

// Occurrences are the dates of a rule from a due date on, in the zone in force.
func Occurrences(due Due, rule recurrence.Rule, zone *time.Location, n int) []string {
	var dates []string
	for _, date := range rule.Occurrences(due.Wall, n) {
		dates = append(dates, Due{date}.Text(zone))
	}
	return dates
}

// Place is where an occurrence stands in its series: no two have the same.
func (s *Series) Place() string { return strconv.FormatInt(s.Version, 10) + " " + s.Date.String() }

// OccurrenceID derives an id from a place in a series, in the form of a UUID version 7 (RFC
// 9562, section 5.7): the date's milliseconds, and a hash where that has random bits.
func OccurrenceID(s Series) (id uuid.UUID) {
	sum := sha256.Sum256([]byte(s.ID.String() + " " + s.Place()))
	copy(id[:], sum[:])
	ms := recurrence.Resolve(s.Date, time.UTC).UnixMilli()
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], uint64(ms)<<16)
	copy(id[:6], head[:6])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}
