package notice

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
)

// Shelf is what a person may see and change of theirs.
type Shelf interface {
	List(ctx context.Context, userID string, page Page) (Listed, error)
	// Read marks one notice as read, or all of them where id is nil.
	Read(ctx context.Context, userID string, id *uuid.UUID, now time.Time) (Listed, error)
	Preferences(ctx context.Context, userID string) (Preferences, error)
	Prefer(ctx context.Context, userID string, change func(*Preferences) error) (Preferences, error)
	Subscribe(ctx context.Context, userID string, s Subscription, now time.Time) error
	Unsubscribe(ctx context.Context, userID, endpoint string) error
}

// Links finds people by the secret in their mail.
type Links interface {
	Subscriber(ctx context.Context, secret string) (userID string, err error)
	StopMail(ctx context.Context, secret string) error
}

// Page is what part of the notices is asked for, newest first.
type Page struct {
	Unread *bool // nil: read ones too
	Limit  int
	After  uuid.UUID // nil: from the newest
}

// Listed is a page of notices.
type Listed struct {
	Notices []Notice
	Unread  int       // all of the person's, whatever the page
	Next    uuid.UUID // where the next page goes on; nil: there is none
}

// ErrNotFound is the error of what is not there, or not the person's.
var ErrNotFound = fault.New(fault.NotFound, "no such notice")

// Desk answers people.
type Desk struct {
	Shelf
	Links
	Answers
	Hooks     HookShelf
	Addresses Addresses
	Now       func() time.Time
}

// Addresses tells which addresses outside may be called.
type Addresses interface {
	// Check returns why an address that a person gave may not be called.
	Check(url string) error
}

// Change merges a patch into how a person wants to be told.
func (d *Desk) Change(ctx context.Context, userID string, patch Patch) (Preferences, error) {
	return d.Prefer(ctx, userID, func(p *Preferences) error { return p.Apply(patch) })
}

// Register keeps a browser that takes web push. The same endpoint again replaces its keys.
func (d *Desk) Register(ctx context.Context, userID string, s Subscription) (Subscription, error) {
	if err := d.Addresses.Check(s.Endpoint); err != nil {
		return s, fault.Fields(fault.Field{Name: "/endpoint", Code: "not_allowed", Detail: err.Error()})
	}
	s.ID = uuid.Must(uuid.NewV7())
	return s, d.Subscribe(ctx, userID, s, d.Now())
}
