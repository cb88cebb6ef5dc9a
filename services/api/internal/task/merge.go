package task

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// merge decides what becomes of a file's entries.
type merge struct {
	now    time.Time
	report Report
	met    map[uuid.UUID]int // on which line an id was met first
}

// decide makes the changes of a batch. known are the tasks that it may be about, as they are.
func (m *merge) decide(author Author, known []Task, entries []Entry, from int) (changes []*Change) {
	byID := map[uuid.UUID]*Task{}
	taken := places{}
	for i := range known {
		byID[known[i].ID] = &known[i]
		taken.add(&known[i])
	}
	for i := range entries {
		e := &entries[i]
		if line, again := m.met[e.ID]; again {
			m.skip(e.problem("/id", "", "is the same task as the one on line "+number(line)))
			continue
		}
		m.met[e.ID] = e.Line
		there := byID[e.Own]
		if there == nil {
			there = byID[e.ID]
		}
		var change *Change
		if there != nil {
			change = m.follow(author, e, there)
		} else {
			// Those of one file keep its order, for who sorts by when they were created.
			created := m.now.Add(time.Duration(from+i) * time.Microsecond)
			change = m.create(author, e, created, taken)
		}
		if change != nil {
			changes = append(changes, change)
			taken.add(&change.After)
		}
	}
	return changes
}

func (m *merge) say(p Problem) { m.report.Problems = append(m.report.Problems, p) }

func (m *merge) skip(problems ...Problem) {
	m.report.Skipped++
	m.report.Problems = append(m.report.Problems, problems...)
}

// create adds an entry's task. An occurrence whose place in its series is taken is there already,
// whatever its id; of two that are open the second becomes a series of its own.
func (m *merge) create(author Author, e *Entry, created time.Time, taken places) *Change {
	e.fit(m.say)
	change := e.make(author, m.now, created, m.say)
	if change == nil {
		m.skip()
		return nil
	}
	t := &change.After
	if t.Series != nil {
		if taken.has(t) {
			m.skip()
			return nil
		}
		if !t.Completed() && taken[openOf(t.Series)] {
			m.say(e.problem("/recurrence_rule", "", "another occurrence of its series is open: it begins one of its own"))
			t.Series.ID, t.Series.After = ImportID(t.UserID, "series", t.ID.String()), uuid.Nil
		}
	}
	m.report.Created++
	return change
}

// follow lets a task that is there follow the file, if the file is about tasks that change and
// nobody has changed this one since. What was edited here stays.
func (m *merge) follow(author Author, e *Entry, there *Task) *Change {
	if there.Deleted() {
		m.skip(e.problem("/id", there.ID.String(), "lies in the trash here: restore it there"))
		return nil
	}
	if !e.Dated {
		m.skip()
		return nil
	}
	var said []Problem
	change := m.edit(author, e, there, func(p Problem) { said = append(said, p) })
	if change == nil {
		m.skip()
		return nil
	}
	untouched := there.Version == 1 && there.ID == e.ID || e.ModifiedAt != nil && !e.ModifiedAt.Before(there.UpdatedAt.Truncate(time.Second))
	if !untouched {
		m.skip(e.problem("/id", there.ID.String(), "was changed here since, and stays as it is here"))
		return nil
	}
	m.report.Problems = append(m.report.Problems, said...)
	m.report.Updated++
	return change
}

// edit is the change that makes the task what the entry says; nil where it is that.
func (m *merge) edit(author Author, e *Entry, there *Task, say func(Problem)) *Change {
	e.fit(say)
	if there.Series != nil { // what was done of a series stays done
		e.Fields.Completed = nil
	}
	// A time that clocks jump over goes out as the one after the jump: that is no change.
	if due := e.Fields.Due; due != nil && !there.Due.None() && there.shows(*due, author.Zone) {
		e.Fields.Due = nil
	}
	const fields = 8
	for range fields {
		change, err := there.Edit(e.Fields, author, m.now)
		if err == nil {
			if change != nil && change.After.Completed() && !there.Completed() && e.CompletedAt != nil && e.CompletedAt.Before(m.now) {
				at := e.CompletedAt.UTC()
				change.After.CompletedAt = &at
			}
			return change
		}
		if !e.repair(err, say) {
			break
		}
	}
	return nil
}

// shows reports whether that is how t's due date goes out, with or without its offset.
func (t *Task) shows(due string, person *time.Location) bool {
	shown := t.Due.Text(t.zone(person))
	return due == shown || due == strings.TrimSuffix(shown, shown[max(0, len(shown)-len("+00:00")):])
}

// places are those in series that are taken, and the series that have an open occurrence.
type places map[string]bool

func (p places) add(t *Task) {
	if t.Series == nil {
		return
	}
	p[t.Series.ID.String()+" "+t.Series.Place()] = true
	if !t.Completed() && !t.Deleted() {
		p[openOf(t.Series)] = true
	}
}

func (p places) has(t *Task) bool { return p[t.Series.ID.String()+" "+t.Series.Place()] }

func openOf(s *Series) string { return s.ID.String() + " open" }

// SortProblems puts a report's problems in the order of the file.
func (r *Report) SortProblems() {
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return a.Line - b.Line })
}
