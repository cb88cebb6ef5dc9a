// Package trail is the record of what happened: who did what, to which task, and what was
// there before. It only grows, until its time is over or its person is gone.
package trail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	userv1 "github.com/tickler-app/tickler/proto-events/gen/user/v1"
)

// Entry is one thing that happened to one person.
type Entry struct {
	EventID uuid.UUID
	At      time.Time // in microseconds, UTC
	UserID  string    // whose it is; opaque text
	TaskID  uuid.UUID // zero if it is about no task
	Type    string    // of the event, perhaps one that this release does not know
	Content []byte    // the event's message, as it was told
}

// maxText bounds the words that are looked for: user ids and types.
const maxText = 255

// NewEntry makes the entry of an event's message. An event of a type that this release does
// not know is one too: all of ours have their first fields in common, and a release that
// knows it will show the rest. Subject tells such an event's task, see wire-api.md §6.
// The error is fault.Malformed.
func NewEntry(eventType, subject string, message []byte) (Entry, error) {
	ev, err := read(eventType, message)
	if err != nil {
		return Entry{}, fault.Wrap(fault.Malformed, err, "not an event")
	}
	e := Entry{At: ev.GetTime().AsTime().Truncate(time.Microsecond), UserID: ev.GetUserId(), Type: eventType, Content: message}
	if e.EventID, err = uuid.Parse(ev.GetEventId()); err != nil {
		return Entry{}, fault.New(fault.Malformed, "the event's id is no UUID")
	}
	if of, ok := ev.(interface{ GetTaskId() string }); ok {
		subject = of.GetTaskId()
	} else if events.Type(ev) == eventType || subject == e.UserID {
		subject = ""
	}
	if subject != "" {
		if e.TaskID, err = uuid.Parse(subject); err != nil {
			return Entry{}, fault.New(fault.Malformed, "the task's id is no UUID")
		}
	}
	for _, text := range []string{e.UserID, e.Type} {
		if text == "" || len(text) > maxText || strings.ContainsRune(text, 0) {
			return Entry{}, fault.New(fault.Malformed, "the event's person or type is no name")
		}
	}
	return e, nil
}

// Event reads what the entry tells. Of a type that this release does not know it is a message
// with the fields alone that all events have.
func (e Entry) Event() (events.Event, error) { return read(e.Type, e.Content) }

func read(eventType string, message []byte) (events.Event, error) {
	ev, err := events.Decode(eventType, message)
	if !errors.Is(err, events.ErrUnknownType) {
		return ev, err
	}
	common := &userv1.UserDeleted{} // has no others
	if err := proto.Unmarshal(message, common); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", events.ErrMalformed, eventType, err)
	}
	if common.GetEventId() == "" || common.GetUserId() == "" || !common.GetTime().IsValid() {
		return nil, fmt.Errorf("%w: %s without what all events have", events.ErrMalformed, eventType)
	}
	return common, nil
}

// Filter narrows a list; a zero field does not.
type Filter struct {
	TaskID   uuid.UUID
	Types    []string  // any of them
	From, To time.Time // both count
}

// Place is where an entry stands in its person's trail: newest first, those of one instant by
// their id. It never changes, so a list goes on behind a place whatever is written meanwhile.
type Place struct {
	At      time.Time
	EventID uuid.UUID
}

// Place is where the entry stands.
func (e Entry) Place() Place { return Place{e.At, e.EventID} }

// Page is a part of a list.
type Page struct {
	Filter
	After *Place // nil: from the newest on
	Limit int
}

// Listed is a page that was read.
type Listed struct {
	Entries []Entry
	Next    *Place // where the next page goes on; nil behind the last one
}

// Store keeps entries.
type Store interface {
	// Add keeps entries. One that is there already stays as it is, so after an error the same
	// batch may be added again; one from before since is left out; one of a person who is
	// gone is kept without content.
	Add(ctx context.Context, batch []Entry, since time.Time) error
	// Erase takes the content of all that a person has away, for ever, also of what is added
	// later. What stays says that something happened, not what.
	Erase(ctx context.Context, userID string) error
	// List returns the first entries of a page with their content, none from before since.
	List(ctx context.Context, userID string, page Page, since time.Time) ([]Entry, error)
}

// Service keeps the trail.
type Service struct {
	Store     Store
	Now       func() time.Time
	Retention time.Duration // how long an entry is kept
}

// Record writes entries down. Doing so twice is the same as once. Where one of them tells
// that its person is gone, that person's content goes too.
func (s *Service) Record(ctx context.Context, batch []Entry) error {
	if err := s.Store.Add(ctx, batch, s.since()); err != nil {
		return err
	}
	for _, e := range batch {
		if e.Type == events.UserDeleted {
			if err := s.Store.Erase(ctx, e.UserID); err != nil {
				return err
			}
		}
	}
	return nil
}

// List returns a page of a person's trail.
func (s *Service) List(ctx context.Context, userID string, page Page) (Listed, error) {
	more := page
	more.Limit++
	found, err := s.Store.List(ctx, userID, more, s.since())
	if err != nil || len(found) <= page.Limit {
		return Listed{Entries: found}, err
	}
	found = found[:page.Limit]
	next := found[len(found)-1].Place()
	return Listed{Entries: found, Next: &next}, nil
}

func (s *Service) since() time.Time { return s.Now().Add(-s.Retention) }
