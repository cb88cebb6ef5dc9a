package task

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Porter brings tasks in from files and carries them out.
type Porter struct {
	Store PorterStore
	Now   func() time.Time
}

// PorterStore is what a Porter needs of what keeps tasks.
type PorterStore interface {
	// Know returns the author with the zone that the person is known to be in.
	Know(ctx context.Context, author Author) (Author, error)

	// Merge shows decide all tasks of a batch that are there, the trash included, and saves
	// the changes that it makes in one transaction; of a dry batch it saves none.
	Merge(ctx context.Context, author Author, batch Batch, decide func(Author, []Task) ([]*Change, error)) error

	// Recall returns what Keep kept under the same Once; its Replayed says if there is such.
	Recall(ctx context.Context, author Author, once Once) (Result, error)
	Keep(ctx context.Context, author Author, once Once, result Result) error

	// Walk returns the tasks behind a stop, the trash left out.
	Walk(ctx context.Context, author Author, stop Stop, limit int) ([]Task, *time.Location, error)
}

// Batch names the tasks that a part of a file may be about: by id, or by their series.
type Batch struct {
	IDs    []uuid.UUID
	Series []uuid.UUID
	Dry    bool
}

// Stop is where a walk through a person's tasks goes on: behind that id, in the order of ids,
// which nobody changes.
type Stop struct {
	After uuid.UUID
	Open  bool // leave out what is completed
}

// Here is what a file's words are relative to.
type Here struct {
	UserID string
	Zone   *time.Location // the person's
	Now    time.Time
}

// Reading is what a file says.
type Reading struct {
	Entries  []Entry
	Problems []Problem
}

// Problem is something of a file that is not, or not wholly, kept.
type Problem struct {
	Line   int // physical, from 1; where its task begins
	Field  string
	Value  string
	Detail string
}

// Report is what became of a file.
type Report struct {
	Created, Updated, Skipped int
	Problems                  []Problem
}

// Limits of an import.
const (
	maxEntries  = 50_000
	maxProblems = 1_000
	maxValue    = 200 // code points of a value that a problem shows
	batchSize   = 100 // what is committed at once: transactions end within 5 s, on a busy machine too
)

var errTooMany = fault.New(fault.Invalid, "at most 50,000 tasks a file: split it")

// Import brings in what read makes of a file. It commits batch by batch, and each entry has an
// id that follows from the file: one that is brought in again, whole or in part, makes nothing
// new. A dry one only tells what would be.
func (p *Porter) Import(ctx context.Context, author Author, once Once, dry bool, read func(Here) (Reading, error)) (Report, bool, error) {
	if once.Key != "" {
		if kept, err := p.Store.Recall(ctx, author, once); err != nil || kept.Replayed {
			return kept.report(), kept.Replayed, err
		}
	}
	author, err := p.Store.Know(ctx, author)
	if err != nil {
		return Report{}, false, err
	}
	author.Batch = uuid.Must(uuid.NewV7())
	here := Here{UserID: author.UserID, Zone: author.Zone, Now: p.Now()}
	reading, err := read(here)
	if err != nil {
		return Report{}, false, err
	}
	if len(reading.Entries) > maxEntries {
		return Report{}, false, errTooMany
	}
	m := merge{now: here.Now, report: Report{Problems: reading.Problems}, met: map[uuid.UUID]int{}}
	for from := 0; from < len(reading.Entries); from += batchSize {
		part := reading.Entries[from:min(from+batchSize, len(reading.Entries))]
		if err := p.Store.Merge(ctx, author, batchOf(part, dry), func(author Author, known []Task) ([]*Change, error) {
			return m.decide(author, known, part, from), nil
		}); err != nil {
			return Report{}, false, err
		}
	}
	report := m.report.bounded()
	if once.Key != "" {
		err = p.Store.Keep(ctx, author, once, Result{Found: Found{Zone: author.Zone}, Report: &report})
	}
	return report, false, err
}

func batchOf(entries []Entry, dry bool) Batch {
	batch := Batch{Dry: dry}
	for _, e := range entries {
		batch.IDs = append(batch.IDs, e.ID)
		if e.Own != uuid.Nil {
			batch.IDs = append(batch.IDs, e.Own)
		}
		if e.Occurrence != nil {
			batch.Series = append(batch.Series, e.Occurrence.Series)
		}
	}
	return batch
}

func (r *Result) report() Report {
	if r.Report == nil {
		return Report{}
	}
	return *r.Report
}

// bounded shortens what is told of a file that is wrong all over.
func (r Report) bounded() Report {
	if more := len(r.Problems) - maxProblems; more > 0 {
		last := r.Problems[maxProblems]
		r.Problems = append(r.Problems[:maxProblems:maxProblems], Problem{Line: last.Line, Detail: number(more) + " more problems, from this line on, are not shown"})
	}
	for i, problem := range r.Problems {
		if text := []rune(problem.Value); len(text) > maxValue {
			r.Problems[i].Value = string(text[:maxValue-1]) + "…"
		}
	}
	return r
}

// walkSize is how many tasks are in memory at once while they are carried out.
const walkSize = 500

// Export calls write with each of the person's tasks, the trash left out, and the zone to show
// it in. No more than some hundred are in memory, and no transaction lasts longer than it takes
// to read those: a task that changes meanwhile is written as it is then, each once. ready is
// called before the first, when it is known that they can be read.
func (p *Porter) Export(ctx context.Context, author Author, open bool, ready func() error, write func(Found) error) error {
	stop := Stop{Open: open}
	for first := true; ; first = false {
		tasks, zone, err := p.Store.Walk(ctx, author, stop, walkSize)
		if err != nil {
			return err
		}
		if first {
			if err := ready(); err != nil {
				return err
			}
		}
		for _, t := range tasks {
			if err := write(Found{Task: t, Zone: zone}); err != nil {
				return err
			}
		}
		if len(tasks) < walkSize {
			return nil
		}
		stop.After = tasks[len(tasks)-1].ID
	}
}

// ImportID derives the id of a file's task from whose it is, the file's format and what tells it
// from the file's others, in the form of a UUID version 7 (RFC 9562, section 5.7).
func ImportID(userID, format, identity string) (id uuid.UUID) {
	sum := sha256.New()
	for _, part := range []string{userID, format, identity} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		sum.Write(size[:])
		sum.Write([]byte(part))
	}
	copy(id[:], sum.Sum(nil))
	id[0] &= 0x01 // milliseconds of the years 1970 to 2039
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}
