package task

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Store keeps tasks. Each call is one transaction; the writes of one person happen one
// after another, and the event of a change goes out if and only if its transaction commits.
// A call with a Once that was seen before has no effect and returns what it returned then.
type Store interface {
	// Add writes the task of a change that decide makes for the author's zone.
	Add(ctx context.Context, author Author, once Once, decide func(Author) (*Change, error)) (Result, error)

	// Change lets decide change a task of the person, also one in the trash. It returns
	// ErrNotFound if the person has no such task.
	Change(ctx context.Context, author Author, once Once, id uuid.UUID, decide Decide) (Result, error)

	// ChangeTagged lets decide change every task that has the tag, the trash included.
	ChangeTagged(ctx context.Context, author Author, tag string, decide Decide) (changed int, err error)

	// Know returns the author with the zone that the person is known to be in.
	Know(ctx context.Context, author Author) (Author, error)

	Find(ctx context.Context, author Author, id uuid.UUID) (Found, error)
	List(ctx context.Context, author Author, page Page) (Listed, error)
	Since(ctx context.Context, author Author, token *Token, limit int) (Delta, error)
	Tags(ctx context.Context, author Author) ([]TagCount, error)
	// Undo lets revert take changes back, the latest first: all of them or none.
	Undo(ctx context.Context, author Author, once Once, which Which, revert func(Past, Author) (*Change, error)) (Result, error)

	Stats(ctx context.Context, author Author, now time.Time) (Stats, error)

	// Together runs f with a Store whose writes have their effect together or not at all. It knows
	// beforehand what f looks up.
	Together(ctx context.Context, author Author, looks Lookups, f func(Store) error) error
	// Recall returns what Keep kept under the same Once; its Replayed says if there is such.
	Recall(ctx context.Context, author Author, once Once) (Result, error)
	Keep(ctx context.Context, author Author, once Once, result Result) error
}

// Decide makes a decision about one task; a nil Change means that nothing changes. It has
// no context: it runs inside a transaction and must not do I/O. The author is the one of
// the call, with the zone that the person is known to be in.
type Decide func(t Task, author Author) (*Change, error)

// Once is a key under which a call has its effect at most once, see wire-api.md §4.
// Without a key, every call has one.
type Once struct {
	Key    string
	Print  [32]byte // of the request: another one under the same key is a conflict
	Window time.Duration

	// Untouched says that the key counts only while what the call left is as it left it: a
	// repeat after a later change is a call of its own (wire-api.md §7).
	Untouched bool
}

// Lookups are the keys of a list of writes, all of them, and the tasks that they may be about.
type Lookups struct {
	Keys []string
	IDs  []uuid.UUID
}

// Found is a task and the zone to show it in.
type Found struct {
	Task Task
	Zone *time.Location
}

// Result is what became of a write.
type Result struct {
	Found                // of a write to one task
	Tasks    []Task      // of an undo
	Undone   []uuid.UUID // of an undo: the events that were taken back, the latest first
	Report   *Report     // of an import
	Sealed   []byte      // of a calendar: its secret, sealed
	Answer   []byte      // of another call, as it was given
	Replayed bool        // an earlier call's result, under the same Once
}

// Page is a part of a list: Limit tasks behind After, as the list was when the person's
// sequence was AsOf. Without After it is the first one.
type Page struct {
	Query Query
	After *Key
	AsOf  int64
	Limit int
}

// Listed is what a Page has. Total counts the whole list, up to MaxTotal; it is of the
// first page only.
type Listed struct {
	Tasks []Task
	Zone  *time.Location
	Next  *Page // nil at the end
	Total int
}

// MaxTotal is how far a list is counted.
const MaxTotal = 1000

// Delta is what changed since a point in the person's sequence, in that order.
type Delta struct {
	Full    bool // everything that is there, because nothing or too little was known
	Tasks   []Task
	Zone    *time.Location
	Token   Token
	HasMore bool
}

// TagCount is a tag and how many tasks have it.
type TagCount struct {
	Tag   string
	Open  int
	Total int // the trash left out
}

// Service is what the doors may ask for.
type Service struct {
	Store Store
	Now   func() time.Time
}

// Create adds a task to the person's list.
func (s *Service) Create(ctx context.Context, author Author, once Once, fields Patch) (Result, error) {
	return s.Store.Add(ctx, author, once, func(author Author) (*Change, error) { return New(author, fields, s.Now()) })
}

// Jot adds the task that read makes of the zone that the person is in, and of now. It is not
// called for what was done before under the same Once.
func (s *Service) Jot(ctx context.Context, author Author, once Once, read func(*time.Location, time.Time) Patch) (Result, error) {
	return s.Store.Add(ctx, author, once, func(author Author) (*Change, error) {
		now := s.Now()
		return New(author, read(author.Zone, now), now)
	})
}

// Answered returns what do answers, or what it answered before under the same Once.
func (s *Service) Answered(ctx context.Context, author Author, once Once, do func() ([]byte, error)) (answer []byte, replayed bool, err error) {
	if once.Key != "" {
		if kept, err := s.Store.Recall(ctx, author, once); err != nil || kept.Replayed {
			return kept.Answer, kept.Replayed, err
		}
	}
	if answer, err = do(); err != nil || once.Key == "" {
		return answer, false, err
	}
	return answer, false, s.Store.Keep(ctx, author, once, Result{Found: Found{Zone: time.UTC}, Answer: answer})
}

// Here returns the zone that the person is known to be in, and now.
func (s *Service) Here(ctx context.Context, author Author) (*time.Location, time.Time, error) {
	author, err := s.Store.Know(ctx, author)
	return author.Zone, s.Now(), err
}

// Precondition is what a task's version must be for a write; nil for any.
type Precondition func(version int64) bool

// Stale is the error of a failed Precondition, with what is there instead.
type Stale struct{ Current Found }

// Error says what any stale write is answered.
func (s *Stale) Error() string { return ErrStale.Error() }

// Unwrap returns ErrStale, which has the kind.
func (s *Stale) Unwrap() error { return ErrStale }

// Edit merges fields into a task.
func (s *Service) Edit(ctx context.Context, author Author, once Once, id uuid.UUID, fields Patch, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) { return t.Edit(fields, author, s.Now()) })
}

// Complete marks a task done, if it is not yet.
func (s *Service) Complete(ctx context.Context, author Author, once Once, id uuid.UUID, must Precondition) (Result, error) {
	done := true
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) { return t.Edit(Patch{Completed: &done}, author, s.Now()) })
}

// Reopen marks a task as to be done again, if it is not.
func (s *Service) Reopen(ctx context.Context, author Author, once Once, id uuid.UUID, must Precondition) (Result, error) {
	done := false
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) { return t.Edit(Patch{Completed: &done}, author, s.Now()) })
}

// Delete puts a task into the trash, if it does not lie there already.
func (s *Service) Delete(ctx context.Context, author Author, once Once, id uuid.UUID, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, _ Author) (*Change, error) { return t.Delete(s.Now()), nil })
}

// Restore takes a task out of the trash.
func (s *Service) Restore(ctx context.Context, author Author, once Once, id uuid.UUID, must Precondition) (Result, error) {
	return s.change(ctx, author, once, id, must, func(t Task, author Author) (*Change, error) { return t.Restore(author, s.Now()), nil })
}

func (s *Service) change(ctx context.Context, author Author, once Once, id uuid.UUID, must Precondition, decide Decide) (Result, error) {
	return s.Store.Change(ctx, author, once, id, func(t Task, author Author) (*Change, error) {
		if must != nil && !must(t.Version) {
			return nil, &Stale{Current: Found{Task: t, Zone: author.Zone}}
		}
		return decide(t, author)
	})
}

// Find returns a task of the person, also one in the trash.
func (s *Service) Find(ctx context.Context, author Author, id uuid.UUID) (Found, error) {
	return s.Store.Find(ctx, author, id)
}

// List returns a page of the person's tasks.
func (s *Service) List(ctx context.Context, author Author, page Page) (Listed, error) {
	return s.Store.List(ctx, author, page)
}

// Since returns what changed after a point in the person's sequence, the trash included.
func (s *Service) Since(ctx context.Context, author Author, token *Token, limit int) (Delta, error) {
	return s.Store.Since(ctx, author, token, limit)
}

// Tags returns the person's tags.
func (s *Service) Tags(ctx context.Context, author Author) ([]TagCount, error) {
	return s.Store.Tags(ctx, author)
}

// RenameTag puts another tag in a tag's place, in every task that has it: one change each.
// It returns ErrNoTag if none has.
func (s *Service) RenameTag(ctx context.Context, author Author, tag, by string) error {
	by, err := Tag("/tag", by)
	if err != nil {
		return err
	}
	return s.retag(ctx, author, tag, by)
}

// RemoveTag takes a tag away from every task that has it.
func (s *Service) RemoveTag(ctx context.Context, author Author, tag string) error {
	return s.retag(ctx, author, tag, "")
}

func (s *Service) retag(ctx context.Context, author Author, tag, by string) error {
	if strings.ContainsRune(tag, 0) || !utf8.ValidString(tag) {
		return ErrNoTag // nor can there be one
	}
	author.Batch = uuid.Must(uuid.NewV7())
	n, err := s.Store.ChangeTagged(ctx, author, FoldTag(tag), func(t Task, _ Author) (*Change, error) { return t.Retag(tag, by, s.Now()), nil })
	if err == nil && n == 0 {
		return ErrNoTag
	}
	return err
}
