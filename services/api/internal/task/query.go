package task

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
)

// Status narrows a list by what became of a task.
type Status string

// The statuses; the zero one is All.
const (
	All     Status = "all" // but not the trash
	Pending Status = "pending"
	Done    Status = "completed"
	Trashed Status = "deleted"
)

// Sort names the order of a list; ties are broken by id.
type Sort string

// The sorts.
const (
	ByDue      Sort = "due" // without a due date last, in either order
	ByPriority Sort = "priority"
	ByCreated  Sort = "created"
	ByUpdated  Sort = "updated"
	ByTitle    Sort = "title"

	// ByRelevance is by how well a task is what Search looks for, see Search.Relevance.
	ByRelevance Sort = "relevance"
)

// Span names a stretch of due dates, seen from now.
type Span string

// The spans; the zero one is any time.
const (
	Overdue Span = "overdue" // before now and not completed
	Today   Span = "today"   // from now to the end of the person's day
	Week    Span = "week"    // from now for 7 days
)

// Query says which tasks of a person a list has, and in what order. Its zero value is
// everything but the trash, by due date.
type Query struct {
	Status     Status
	Priorities []Priority // any of; none means all
	Tags       []string   // folded, any of
	Search     Search
	Due        Span
	Since, Til string    // due dates as on the wire, checked by ParseDue; both inclusive
	Now        time.Time // what Due is seen from
	Sort       Sort
	Descending bool

	// Coarse says that so many fit that relevance tells but two: titles that begin with the first
	// word, and the rest. The store finds it out for a first page; those behind it keep to it.
	Coarse bool

	// From and To bound the due instant, both inclusive. Settle computes them.
	From, To *time.Time
}

// Settle fills in what was not asked for, and computes the bounds of the due instant for a
// person in zone.
func (q *Query) Settle(zone *time.Location) {
	q.Sort = cmp.Or(q.Sort, ByDue)
	switch now := q.Now; q.Due {
	case Overdue:
		q.before(now.Add(-time.Microsecond))
	case Today:
		y, m, d := now.In(zone).Date()
		q.after(now)
		q.before(time.Date(y, m, d+1, 0, 0, 0, 0, zone).Add(-time.Microsecond))
	case Week:
		q.after(now)
		q.before(now.AddDate(0, 0, 7).Add(-time.Microsecond))
	}
	if since, err := ParseDue(q.Since, zone); err == nil && !since.None() {
		since.Wall.Timed = true // of a date, its first moment
		q.after(since.At(zone))
	}
	if til, err := ParseDue(q.Til, zone); err == nil && !til.None() {
		q.before(til.At(zone))
	}
}

func (q *Query) after(at time.Time) {
	if q.From == nil || at.After(*q.From) {
		q.From = &at
	}
}

func (q *Query) before(at time.Time) {
	if q.To == nil || at.Before(*q.To) {
		q.To = &at
	}
}

// Matches reports whether the list has t. The store asks it about tasks as they were when
// the first page was read.
func (q *Query) Matches(t *Task) bool {
	switch {
	case t.Deleted() != (q.Status == Trashed),
		q.Status == Pending && t.Completed(), q.Status == Done && !t.Completed(),
		q.Due == Overdue && t.Completed(),
		len(q.Priorities) > 0 && !slices.Contains(q.Priorities, t.Priority),
		q.From != nil && (t.DueAt == nil || t.DueAt.Before(*q.From)),
		q.To != nil && (t.DueAt == nil || t.DueAt.After(*q.To)),
		len(q.Tags) > 0 && !slices.ContainsFunc(t.Tags, func(tag string) bool { return slices.Contains(q.Tags, FoldTag(tag)) }):
		return false
	}
	return q.Search.None() || q.Search.finds(t)
}

// Begins is the range of the keys of titles that begin with the first word that is looked for; false
// where none is.
func (q *Query) Begins() (from, to string, ok bool) {
	if len(q.Search.Words) == 0 {
		return "", "", false
	}
	return q.Search.Words[0], q.Search.Words[0] + string(unicode.MaxRune), true
}

// Key is a task's place in an order: one of the two, by what the order is by.
type Key struct {
	At   time.Time
	Text string
	Rank int
	None bool // there is no due date

	Coarse bool // of the Query
	ID     uuid.UUID
}

// maxRank is more than any relevance: what is looked for has at most 200 characters.
const maxRank = 1000

// Possible reports whether a task could stand there. Who has a cursor may have changed it.
func (k Key) Possible() bool {
	return k.Rank >= int(Low) && k.Rank <= maxRank && !strings.ContainsRune(k.Text, 0) && k.At.Year() >= 0 && k.At.Year() <= lastYear
}

// Key returns t's place in the query's order.
func (q *Query) Key(t *Task) Key {
	key := Key{ID: t.ID, Coarse: q.Coarse}
	switch q.Sort {
	case ByPriority:
		key.Rank = int(t.Priority)
	case ByRelevance:
		key.Rank = q.Search.Relevance(t)
		if from, to, ok := q.Begins(); q.Coarse && ok {
			key.Rank = ElsewhereOnly
			if title := t.TitleKey(); title >= from && title < to {
				key.Rank = BeginsTitle
			}
		}
	case ByCreated:
		key.At = t.CreatedAt
	case ByUpdated:
		key.At = t.UpdatedAt
	case ByTitle:
		key.Text = t.TitleKey()
	default:
		if key.None = t.DueAt == nil; !key.None {
			key.At = *t.DueAt
		}
	}
	return key
}

// Compare orders keys as the query does.
func (q *Query) Compare(a, b Key) int {
	if a.None != b.None { // last in either order
		if a.None {
			return 1
		}
		return -1
	}
	by := a.At.Compare(b.At)
	if by == 0 {
		by = strings.Compare(a.Text, b.Text)
	}
	if by == 0 {
		by = a.Rank - b.Rank
	}
	if by == 0 {
		by = slices.Compare(a.ID[:], b.ID[:])
	}
	if q.Descending {
		return -by
	}
	return by
}

// maxTitleKey bounds what an index keeps of a title, in bytes.
const maxTitleKey = 400

// TitleKey is what titles are ordered by: without case and accents.
func (t *Task) TitleKey() string {
	key := Fold(t.Title)
	return strings.ToValidUTF8(key[:min(len(key), maxTitleKey)], "")
}
