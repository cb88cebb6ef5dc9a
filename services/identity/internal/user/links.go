package user

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/tickler-app/tickler/services/identity/internal/jwt"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/session"
)

// Links makes and reads the tokens of the links in letters. All follow from the letter and the
// secret, so that a letter which is sent again says the same.
type Links struct{ Secret []byte }

// Claims are what the link of a Verify or Move letter says: a JWT as better-auth's, signed
// with HS256 and the secret.
type Claims struct {
	Email       string `json:"email"`
	UserID      string `json:"userId,omitempty"`
	UpdateTo    string `json:"updateTo,omitempty"`
	RequestType string `json:"requestType,omitempty"`
	IssuedAt    int64  `json:"iat"`
	ExpiresAt   int64  `json:"exp"`
}

// changeEmail is the requestType of a Move letter.
const changeEmail = "change-email-verification"

// Reset is the token of a Reset letter, 24 characters.
func (l Links) Reset(of letter.Letter) string {
	var seed []byte
	for i := range byte(4) {
		mac := hmac.New(sha256.New, l.Secret)
		mac.Write([]byte{i})
		mac.Write([]byte("reset/" + of.ID.String()))
		seed = mac.Sum(seed)
	}
	return secret.From(seed, 24)
}

// Verify is the token of a Verify or Move letter to a person.
func (l Links) Verify(of letter.Letter, u User) (string, error) {
	claims := Claims{Email: u.Email, UserID: u.ID, IssuedAt: of.CreatedAt.Unix(), ExpiresAt: of.Until().Unix()}
	if of.Kind == letter.Move {
		claims.UpdateTo, claims.RequestType = of.NewEmail, changeEmail
	}
	return jwt.SignHS256(claims, l.Secret)
}

// read checks a token of Verify.
func (l Links) read(token string, now time.Time) (Claims, error) {
	var claims Claims
	if jwt.ReadHS256(token, &claims, l.Secret) != nil || claims.Email == "" {
		return Claims{}, ErrToken
	}
	if now.Unix() >= claims.ExpiresAt {
		return Claims{}, ErrExpired
	}
	return claims, nil
}

// VerifyEmail does what the link of a Verify or Move letter asks for. in is who is signed in
// where the link was opened, if anybody. It returns the person if their address changed.
func (s *Service) VerifyEmail(ctx context.Context, token string, in *Present, v session.Visit) (moved *User, err error) {
	claims, err := s.Links.read(token, s.Now())
	if err != nil {
		return nil, err
	}
	account, err := s.Store.FindByEmail(ctx, claims.Email)
	if err != nil {
		return nil, err
	}
	if claims.UserID != "" && claims.UserID != account.ID {
		return nil, ErrToken
	}
	if claims.UpdateTo == "" {
		return nil, s.verified(ctx, account.User, v)
	}
	if claims.UserID == "" || claims.RequestType != changeEmail {
		return nil, ErrToken
	}
	if in != nil && in.User.ID != account.ID {
		return nil, ErrOtherPerson
	}
	u, err := s.move(ctx, account.User, claims.UpdateTo, v)
	return &u, err
}

func (s *Service) verified(ctx context.Context, u User, v session.Visit) error {
	if u.EmailVerified {
		return nil
	}
	_, err := s.Store.Change(ctx, u.ID, func(a *Account) (With, error) {
		before := a.User
		changed := a.Verify(s.Now())
		return s.told(before, a.User, changed, v), nil
	})
	return err
}

func (s *Service) move(ctx context.Context, u User, to string, v session.Visit) (User, error) {
	account, err := s.Store.Change(ctx, u.ID, func(a *Account) (With, error) {
		before := a.User
		if before.Email != u.Email { // moved meanwhile
			return With{}, ErrToken
		}
		with := s.told(before, *a.moved(to, s.Now()), []string{"email", "email_verified"}, v)
		notice := letter.New(letter.Moved, before.Email, "", s.Now())
		notice.NewEmail = to
		with.Letters = append(with.Letters, notice)
		return with, nil
	})
	if errors.Is(err, ErrTaken) {
		err = ErrToken
	}
	return account.User, err
}

func (a *Account) moved(to string, now time.Time) *User {
	a.Move(to, now)
	return &a.User
}

// told is what goes with a change of what the other services know of a person.
func (s *Service) told(before, after User, changed []string, v session.Visit) With {
	if len(changed) == 0 {
		return With{Quiet: true}
	}
	with := With{}
	with.Events = append(with.Events, Updated(before, after, changed, s.cause(v)))
	return with
}

// AskMove has a letter written to a new address, with a link that makes it the person's. A
// taken address gets none, and nobody is told.
func (s *Service) AskMove(ctx context.Context, in Present, email, back string) error {
	email = Normal(email)
	if email == in.User.Email {
		return ErrSameEmail
	}
	l := letter.New(letter.Move, in.User.Email, back, s.Now())
	l.NewEmail = email
	return s.ask(ctx, l)
}
