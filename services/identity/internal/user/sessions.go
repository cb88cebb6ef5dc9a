package user

import (
	"context"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/session"
)

// ErrNobody is the answer to a session token that is none, or no longer.
var ErrNobody = fault.New(fault.Unauthorized, "nobody is signed in")

// Present is somebody who is signed in, and the session that says so.
type Present struct {
	User    User
	Session session.Session
}

// SessionStore finds people by what they hold, and keeps their sessions.
type SessionStore interface {
	// SignedIn returns ErrNobody if no session has the token's hash.
	SignedIn(ctx context.Context, tokenHash []byte) (Present, error)
	// List returns the person's sessions that have not ended, newest first.
	List(ctx context.Context, userID string, now time.Time) ([]session.Session, error)
	// Prolong saves the session's times, or returns ErrNobody if it is gone.
	Prolong(ctx context.Context, s session.Session) error
	// FindReset returns whom a reset token belongs to, or ErrToken.
	FindReset(ctx context.Context, tokenHash []byte, now time.Time) (userID string, err error)
}

// Who finds out who holds a session's token. With prolong, a session that was last prolonged
// more than a day ago gets its whole life again, and the second result says so.
func (s *Service) Who(ctx context.Context, token string, prolong bool) (Present, bool, error) {
	in, err := s.Sessions.SignedIn(ctx, secret.Hash(token))
	if err != nil {
		return Present{}, false, err
	}
	now := s.Now()
	if in.Session.Ended(now) {
		return Present{}, false, ErrNobody
	}
	if !prolong || !in.Session.Stale(now, s.SessionLife) {
		return in, false, nil
	}
	in.Session.Prolong(now, s.SessionLife)
	return in, true, s.Sessions.Prolong(ctx, in.Session)
}

// SignOut ends the session that has the token, if there is one.
func (s *Service) SignOut(ctx context.Context, token string, v session.Visit) error {
	in, err := s.Sessions.SignedIn(ctx, secret.Hash(token))
	if fault.KindOf(err) == fault.Unauthorized {
		return nil
	} else if err != nil {
		return err
	}
	return s.end(ctx, in.User.ID, End{ID: in.Session.ID, Reason: SignedOut, Cause: s.cause(v)})
}

// Revoke ends one session of the person: the one with that token, or whose handle that is (its
// id, which is worth nothing elsewhere). Any other text ends nothing.
func (s *Service) Revoke(ctx context.Context, in Present, tokenOrHandle string, v session.Visit) error {
	return s.end(ctx, in.User.ID, End{Token: secret.Hash(tokenOrHandle), ID: tokenOrHandle, Reason: Revoked, Cause: s.cause(v)})
}

// RevokeAll ends the person's sessions, or with but all except that one.
func (s *Service) RevokeAll(ctx context.Context, in Present, but string, v session.Visit) error {
	return s.end(ctx, in.User.ID, End{But: but, Reason: Revoked, Cause: s.cause(v)})
}

func (s *Service) end(ctx context.Context, userID string, end End) error {
	_, err := s.Store.Change(ctx, userID, func(*Account) (With, error) { return With{End: &end, Quiet: true}, nil })
	return err
}

// Change changes what the person may change of themselves. The wishes must be valid.
func (s *Service) Change(ctx context.Context, userID string, p Update, c Cause) (User, error) {
	if wrong := p.Validate(); len(wrong) > 0 {
		return User{}, fault.New(fault.Invalid, "%s: %s", wrong[0].Field, wrong[0].Detail)
	}
	c.At = s.Now()
	account, err := s.Store.Change(ctx, userID, func(a *Account) (With, error) {
		before := a.User
		changed := a.Apply(p, c.At)
		if len(changed) == 0 {
			return With{Quiet: true}, nil
		}
		with := With{}
		with.Events = append(with.Events, Updated(before, a.User, changed, c))
		return with, nil
	})
	return account.User, err
}

// Find returns the person.
func (s *Service) Find(ctx context.Context, userID string) (User, error) {
	account, err := s.Store.Find(ctx, userID)
	return account.User, err
}

// Delete removes the person, who has signed in recently or knows the password.
func (s *Service) Delete(ctx context.Context, in Present, given string, v session.Visit) error {
	if given != "" {
		if err := password.Bounded(given); err != nil {
			return err
		}
		if _, err := s.proven(ctx, in.User.ID, given); err != nil {
			return err
		}
	} else if !in.Session.Fresh(s.Now()) {
		return ErrNotFresh
	}
	return s.Store.Remove(ctx, in.User.ID, s.cause(v))
}
