package user

import (
	"context"
	"errors"

	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/session"
)

// ChangePassword replaces the password of who is signed in and knows the old one. With
// endOthers all their sessions end and a new one begins.
func (s *Service) ChangePassword(ctx context.Context, in Present, old, new string, endOthers bool, v session.Visit) (SignedIn, error) {
	if err := errors.Join(s.Rules.Check(new, in.User.Email), password.Bounded(old)); err != nil {
		return SignedIn{}, err
	}
	account, err := s.proven(ctx, in.User.ID, old)
	if err != nil {
		return SignedIn{}, err
	}
	hash, err := s.Pool.Hash(ctx, new)
	if err != nil {
		return SignedIn{}, err
	}
	var result SignedIn
	was := account.Password
	account, err = s.Store.Change(ctx, account.ID, func(a *Account) (With, error) {
		if a.Password != was {
			return With{}, ErrPassword
		}
		a.Password = hash
		if !endOthers {
			return With{}, nil
		}
		result.Session, result.Token = s.begin(a.ID, in.Session.Brief, v)
		return With{End: &End{Reason: PasswordChanged, Cause: s.cause(v)}, Begin: &result.Session}, nil
	})
	result.User = account.User
	return result, err
}

// proven returns the person's account if they know the password.
func (s *Service) proven(ctx context.Context, userID, given string) (Account, error) {
	account, err := s.Store.Find(ctx, userID)
	if err != nil {
		return Account{}, err
	}
	if account.Password == "" {
		return Account{}, ErrNoPassword
	}
	return account, s.prove(ctx, account.Email, account.Password, given)
}

// AskReset has a letter written to whoever has the address, if anybody. It does not look who.
func (s *Service) AskReset(ctx context.Context, email, back string) error {
	return s.ask(ctx, letter.New(letter.Reset, Normal(email), back, s.Now()))
}

// AskVerify has a letter written to the address, if it is somebody's and not verified. Who is
// signed in may ask for their own alone, and is told if there is nothing to verify.
func (s *Service) AskVerify(ctx context.Context, email, back string, in *Present) error {
	if in != nil && in.User.Email != Normal(email) {
		return ErrOtherEmail
	}
	if in != nil && in.User.EmailVerified {
		return ErrVerified
	}
	return s.ask(ctx, letter.New(letter.Verify, Normal(email), back, s.Now()))
}

func (s *Service) ask(ctx context.Context, l letter.Letter) error {
	if !s.Mail {
		return ErrMailOff
	}
	if err := s.Limits.OnAccount(ctx, limit.Mails, string(l.Kind)+"/"+l.Email); err != nil {
		return err
	}
	return s.Store.Post(ctx, l)
}

// Reset gives the person whom a letter's token names a new password. The token works once, and
// all sessions end: who asked may have lost the old password to somebody.
func (s *Service) Reset(ctx context.Context, token, new string, v session.Visit) error {
	if err := s.Rules.Check(new, ""); err != nil {
		return err
	}
	userID, err := s.Sessions.FindReset(ctx, secret.Hash(token), s.Now())
	if err != nil {
		return err
	}
	hash, err := s.Pool.Hash(ctx, new)
	if err != nil {
		return err
	}
	_, err = s.Store.Change(ctx, userID, func(a *Account) (With, error) {
		a.Password = hash
		return With{Spend: secret.Hash(token), End: &End{Reason: PasswordChanged, Cause: s.cause(v)}}, nil
	})
	if errors.Is(err, ErrNotFound) {
		err = ErrToken
	}
	return err
}

// CheckReset returns ErrToken if a letter's token would not be taken.
func (s *Service) CheckReset(ctx context.Context, token string) error {
	_, err := s.Sessions.FindReset(ctx, secret.Hash(token), s.Now())
	return err
}
