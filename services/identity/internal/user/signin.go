package user

import (
	"context"
	"errors"

	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/session"
)

// SignUp is what somebody sends to become a person here.
type SignUp struct {
	Registration
	Password string
	Brief    bool   // rememberMe=false
	Back     string // where a verification link leads
}

// SignUp makes a new person, signed in unless their address has to be verified first. Where it
// has, a taken address gets the answer of a free one, after as long, and its owner a letter.
func (s *Service) SignUp(ctx context.Context, in SignUp, v session.Visit) (SignedIn, error) {
	if err := s.Rules.Check(in.Password, in.Email); err != nil {
		return SignedIn{}, err
	}
	now := s.Now()
	u := New(in.Registration, now)
	if err := s.Limits.OnAccount(ctx, limit.SignUps, u.Email); err != nil {
		return SignedIn{}, err
	}
	if !s.RequireVerify {
		// Who is told anyway need not wait for a hash.
		if _, err := s.Store.FindByEmail(ctx, u.Email); err == nil {
			return SignedIn{}, ErrTaken
		} else if !errors.Is(err, ErrNotFound) {
			return SignedIn{}, err
		}
	}
	hash, err := s.Pool.Hash(ctx, in.Password)
	if err != nil {
		return SignedIn{}, err
	}
	result := SignedIn{User: u}
	with := With{}
	with.Events = append(with.Events, Registered(u, s.cause(v)))
	if s.RequireVerify {
		with.Letters = append(with.Letters, letter.New(letter.Verify, u.Email, in.Back, now))
	} else {
		result.Session, result.Token = s.begin(u.ID, in.Brief, v)
		with.Begin = &result.Session
	}
	err = s.Store.Add(ctx, Account{User: u, Password: hash}, with)
	if errors.Is(err, ErrTaken) && s.RequireVerify {
		return result, s.Store.Post(ctx, letter.New(letter.Taken, u.Email, in.Back, now))
	}
	return result, err
}

// SignIn signs in who knows the password. An unknown address and a wrong password look alike
// and take as long.
func (s *Service) SignIn(ctx context.Context, email, given string, brief bool, v session.Visit) (SignedIn, error) {
	email = Normal(email)
	account, err := s.Store.FindByEmail(ctx, email)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return SignedIn{}, err
	}
	if err := s.prove(ctx, email, account.Password, given); errors.Is(err, ErrPassword) {
		return SignedIn{}, ErrCredentials
	} else if err != nil {
		return SignedIn{}, err
	}
	if s.RequireVerify && !account.EmailVerified {
		return SignedIn{}, ErrNotVerified
	}
	renewed := ""
	if password.Outdated(account.Password) {
		if renewed, err = s.Pool.Hash(ctx, given); err != nil {
			return SignedIn{}, err
		}
	}
	begun, token := s.begin(account.ID, brief, v)
	proven := account.Password
	account, err = s.Store.Change(ctx, account.ID, func(a *Account) (With, error) {
		if a.Password != proven { // changed while we hashed: what was proven is worth nothing
			return With{}, ErrCredentials
		}
		if renewed != "" {
			a.Password = renewed
		}
		return With{Begin: &begun, Quiet: renewed == ""}, nil
	})
	if errors.Is(err, ErrNotFound) { // deleted while we hashed
		err = ErrCredentials
	}
	return SignedIn{User: account.User, Token: token, Session: begun}, err
}
