package user

import (
	"context"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/session"
)

// Errors of this package. The door knows what better-auth calls them.
var (
	ErrNotFound    = fault.New(fault.NotFound, "no such person")
	ErrTaken       = fault.New(fault.Conflict, "the e-mail address is somebody's")
	ErrCredentials = fault.New(fault.Unauthorized, "wrong e-mail or password")
	ErrNotVerified = fault.New(fault.Forbidden, "the e-mail address is not verified")
	ErrVerified    = fault.New(fault.Invalid, "the e-mail address is verified already")
	ErrPassword    = fault.New(fault.Invalid, "wrong password")
	ErrNoPassword  = fault.New(fault.Invalid, "there is no password")
	ErrNotFresh    = fault.New(fault.Invalid, "signing in is too long ago")
	ErrToken       = fault.New(fault.Invalid, "no such token, or no longer")
	ErrExpired     = fault.New(fault.Invalid, "the token has ended")
	ErrOtherPerson = fault.New(fault.Forbidden, "somebody else is signed in")
	ErrSameEmail   = fault.New(fault.Invalid, "that is the address already")
	ErrOtherEmail  = fault.New(fault.Invalid, "that is not the address of who is signed in")
	ErrNothing     = fault.New(fault.Invalid, "nothing to change")
	ErrMailOff     = fault.New(fault.Invalid, "mail is not set up")
)

// Store keeps people. The writes of one person happen one after another, and what a write
// brings with it happens if and only if the write does.
type Store interface {
	// Add inserts a person. It returns ErrTaken if the address is somebody's.
	Add(ctx context.Context, a Account, with With) error
	// Find and FindByEmail return ErrNotFound if there is nobody.
	Find(ctx context.Context, id string) (Account, error)
	FindByEmail(ctx context.Context, email string) (Account, error)
	// Change loads the person, lets decide change them, and saves what it changed. It returns
	// ErrTaken if their new address is somebody's.
	Change(ctx context.Context, id string, decide Decision) (Account, error)
	// Remove deletes the person and all that is kept of them, and tells the others.
	Remove(ctx context.Context, id string, cause Cause) error
	// Post keeps a letter that no change of a person goes with.
	Post(ctx context.Context, l letter.Letter) error
}

// Decision changes a person in memory and says what goes with it. It has no context: it runs
// inside a transaction and must not do I/O.
type Decision func(*Account) (With, error)

// With is what goes with a change of a person, in its transaction.
type With struct {
	Events  []events.Event
	Letters []letter.Letter
	Begin   *session.Session // a new session
	End     *End             // sessions that end, before the new one begins
	Spend   []byte           // hash of a reset token that must be there, and is used up; else ErrToken
	Quiet   bool             // nothing that the person row keeps has changed
}

// End selects sessions of a person to end. The store tells the others of each.
type End struct {
	Token  []byte // the one with this token's hash, or
	ID     string // this one, or
	But    string // all but this one, or all
	Reason string
	Cause  Cause
}

// Service is what the doors may ask for.
type Service struct {
	Store    Store
	Sessions SessionStore
	Pool     *password.Pool
	Rules    password.Rules
	Limits   *limit.Limits
	Links    Links
	Now      func() time.Time

	SessionLife   time.Duration
	Mail          bool // letters can be sent
	RequireVerify bool // nobody signs in before their address is verified
}

// SignedIn is somebody who just signed in, or who just signed up and may have to verify first.
type SignedIn struct {
	User    User
	Token   string // of the session; empty if there is none
	Session session.Session
}

// cause is where a change at the better-auth door comes from.
func (s *Service) cause(v session.Visit) Cause {
	return Cause{RequestID: v.RequestID, Source: "web", At: s.Now()}
}

// begin starts a session for a person.
func (s *Service) begin(userID string, brief bool, v session.Visit) (session.Session, string) {
	return session.Begin(userID, brief, v, s.Now(), s.SessionLife)
}

// prove checks the password of an account, of which there may be none. Who guesses is held up
// after too many wrong ones, whether the account exists or not.
func (s *Service) prove(ctx context.Context, account, stored, given string) error {
	allowed := func() error { return s.Limits.Allowed(ctx, limit.Wrong, account) }
	if err := allowed(); err != nil { // before queueing for a turn
		return err
	}
	ok, err := s.Pool.Verify(ctx, stored, given, allowed)
	if err != nil {
		return err
	}
	if ok {
		return nil
	}
	if err := s.Limits.OnAccount(ctx, limit.Wrong, account); err != nil && fault.KindOf(err) != fault.RateLimited {
		return err
	}
	return ErrPassword
}
