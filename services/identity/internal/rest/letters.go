package rest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tickler-app/tickler/services/identity/internal/user"
)

func (d *Door) requestReset(r *request) (any, error) {
	f := r.object()
	email, to := f.email("email"), f.maybe("redirectTo")
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := d.Users.AskReset(r.Request.Context(), email, to); errors.Is(err, user.ErrMailOff) {
		return nil, errResetOff
	} else if err != nil {
		return nil, err
	}
	return map[string]any{"status": true, "message": "If this email exists in our system, check your email for the reset link"}, nil
}

// followReset leads from a letter's link to the page that asks for a new password.
func (d *Door) followReset(r *request) (any, error) {
	f := r.query()
	to := f.text("callbackURL")
	if err := f.err(); err != nil {
		return nil, err
	}
	if to != "" && !d.home(to) {
		return nil, &failure{http.StatusForbidden, "Invalid callbackURL", "INVALID_CALLBACK_URL"}
	}
	if to == "" {
		to = base + "/error"
		return d.lead(r, with(d.whole(to), "error", errToken.Code))
	}
	token := r.Param("token")
	if err := d.Users.CheckReset(r.Request.Context(), token); errors.Is(err, user.ErrToken) {
		return d.lead(r, with(d.whole(to), "error", errToken.Code))
	} else if err != nil {
		return nil, err
	}
	return d.lead(r, with(d.whole(to), "token", token))
}

// whole is an address of ours with its origin.
func (d *Door) whole(address string) string {
	if strings.HasPrefix(address, "/") {
		return originOf(d.Public) + address
	}
	return address
}

// lead redirects. The address has been checked.
func (d *Door) lead(r *request, to string) (any, error) {
	r.Header("Location", to)
	r.Header("Referrer-Policy", "no-referrer") // the way there has a token in it
	r.Data(http.StatusFound, typeJSON, nil)
	return nil, nil
}

func (d *Door) reset(r *request) (answer any, err error) {
	f := r.object()
	new, token := f.text("newPassword"), f.maybe("token")
	if err := f.err(); err != nil {
		return nil, err
	}
	if token == "" {
		token = r.Query("token")
	}
	if token == "" {
		return nil, errToken
	}
	defer func() { d.count("reset_password", err) }()
	return done, d.Users.Reset(r.Request.Context(), token, new, r.visit())
}

func (d *Door) sendVerification(r *request) (any, error) {
	f := r.object()
	email, to := f.email("email"), f.maybe("callbackURL")
	if err := f.err(); err != nil {
		return nil, err
	}
	if !d.Users.Mail {
		return nil, errVerifyOff
	}
	in, err := d.present(r)
	if err != nil {
		return nil, err
	}
	if err := d.Users.AskVerify(r.Request.Context(), email, to, in); err != nil {
		return nil, err
	}
	return done, nil
}

// present is who is signed in, or nil.
func (d *Door) present(r *request) (*user.Present, error) {
	in, _, err := d.who(r)
	if errors.Is(err, user.ErrNobody) {
		return nil, nil
	}
	return &in, err
}

func (d *Door) verifyEmail(r *request) (any, error) {
	f := r.query()
	token, to := f.text("token"), f.maybe("callbackURL")
	if err := f.err(); err != nil {
		return nil, err
	}
	if to != "" && !d.home(to) {
		return nil, &failure{http.StatusForbidden, "Invalid callbackURL", "INVALID_CALLBACK_URL"}
	}
	in, err := d.present(r)
	if err != nil {
		return nil, err
	}
	moved, err := d.Users.VerifyEmail(r.Request.Context(), token, in, r.visit())
	if refused := notVerified(err); refused != nil {
		if to != "" {
			return d.lead(r, with(to, "error", refused.Code))
		}
		return nil, refused
	} else if err != nil {
		return nil, err
	}
	if to != "" {
		return d.lead(r, to)
	}
	if moved != nil {
		return map[string]any{"status": true, "user": showUser(*moved)}, nil
	}
	return map[string]any{"status": true, "user": nil}, nil
}

// notVerified is what better-auth calls the ways in which a letter's link can be wrong: all of
// them are a 401 here.
func notVerified(err error) *failure {
	switch {
	case errors.Is(err, user.ErrToken):
		return &failure{http.StatusUnauthorized, errToken.Message, errToken.Code}
	case errors.Is(err, user.ErrExpired):
		return errExpired
	case errors.Is(err, user.ErrNotFound):
		return errUserGone
	case errors.Is(err, user.ErrOtherPerson):
		return errOtherUser
	}
	return nil
}
