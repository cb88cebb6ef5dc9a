package rest

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/tickler-app/tickler/services/identity/internal/session"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// userJSON is a person as better-auth shows one, with the field that we add.
type userJSON struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	Email         string  `json:"email"`
	EmailVerified bool    `json:"emailVerified"`
	Image         *string `json:"image"`
	CreatedAt     string  `json:"createdAt"`
	UpdatedAt     string  `json:"updatedAt"`
	TimeZone      string  `json:"timeZone"`
}

func showUser(u user.User) userJSON {
	return userJSON{u.ID, u.Name, u.Email, u.EmailVerified, u.Image, stamp(u.CreatedAt), stamp(u.UpdatedAt), u.TimeZone}
}

type sessionJSON struct {
	ID        string `json:"id"`
	Token     string `json:"token"`
	UserID    string `json:"userId"`
	ExpiresAt string `json:"expiresAt"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	Address   string `json:"ipAddress"`
	Agent     string `json:"userAgent"`
}

// showSession shows a session under its token, or under its handle to all but its holder.
func showSession(s session.Session, token string) sessionJSON {
	return sessionJSON{s.ID, token, s.UserID, stamp(s.ExpiresAt), stamp(s.CreatedAt), stamp(s.UpdatedAt), s.Address, s.Agent}
}

func (d *Door) ok(*request) (any, error) { return map[string]bool{"ok": true}, nil }

func (d *Door) getSession(r *request) (any, error) {
	r.Header("Cache-Control", "no-store")
	r.Header("Pragma", "no-cache")
	in, token, err := d.who(r)
	if errors.Is(err, user.ErrNobody) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	jwt, err := d.Tokens.ForSession(in.User, in.Session)
	if err != nil {
		return nil, err
	}
	r.Header("set-auth-jwt", jwt)
	expose(r, "set-auth-jwt")
	return map[string]any{"session": showSession(in.Session, token), "user": showUser(in.User)}, nil
}

func (d *Door) postSession(r *request) (any, error) {
	r.Header("Cache-Control", "no-store")
	r.Header("Pragma", "no-cache")
	return nil, errPost
}

func (d *Door) token(r *request) (any, error) {
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	r.Header("Cache-Control", "no-store")
	jwt, err := d.Tokens.ForSession(in.User, in.Session)
	return map[string]string{"token": jwt}, err
}

// jwks may be kept for a while by whoever reads it: keys are published long before they sign.
func (d *Door) jwks(r *request) (any, error) {
	keys, err := d.Ring.JWKS()
	if err != nil {
		return nil, err
	}
	r.Header("Cache-Control", "public, max-age=60")
	return map[string]any{"keys": keys}, nil
}

func (d *Door) signOut(r *request) (any, error) {
	if token := d.shown(r); token != "" {
		if err := d.Users.SignOut(r.Request.Context(), token, r.visit()); err != nil {
			return nil, err
		}
	}
	d.forget(r)
	return map[string]bool{"success": true}, nil
}

func (d *Door) listSessions(r *request) (any, error) {
	in, token, err := d.who(r)
	if err != nil {
		return nil, err
	}
	if !in.Session.Fresh(d.Users.Now()) {
		return nil, errNotFresh
	}
	found, err := d.Users.Sessions.List(r.Request.Context(), in.User.ID, d.Users.Now())
	if err != nil {
		return nil, err
	}
	shown := []sessionJSON{}
	for _, s := range found {
		if s.ID == in.Session.ID {
			shown = append(shown, showSession(s, token))
		} else {
			shown = append(shown, showSession(s, s.ID))
		}
	}
	return shown, nil
}

var done = map[string]bool{"status": true}

func (d *Door) revokeSession(r *request) (any, error) {
	f := r.object()
	which := f.text("token")
	if err := f.err(); err != nil {
		return nil, err
	}
	in, token, err := d.who(r)
	if err != nil {
		return nil, err
	}
	if err := d.Users.Revoke(r.Request.Context(), in, which, r.visit()); err != nil {
		return nil, err
	}
	if which == token || which == in.Session.ID {
		d.forget(r)
	}
	return done, nil
}

func (d *Door) revokeSessions(r *request) (any, error) {
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	if err := d.Users.RevokeAll(r.Request.Context(), in, "", r.visit()); err != nil {
		return nil, err
	}
	d.forget(r)
	return done, nil
}

func (d *Door) revokeOtherSessions(r *request) (any, error) {
	in, _, err := d.who(r)
	if err != nil {
		return nil, err
	}
	return done, d.Users.RevokeAll(r.Request.Context(), in, in.Session.ID, r.visit())
}

var plainCode = regexp.MustCompile(`^[A-Za-z0-9_'-]{1,100}$`)

// errorPage tells what went wrong to somebody whom a link led here. All of it is the caller's
// text: it is escaped, and the page may do nothing.
func (d *Door) errorPage(r *request) (any, error) {
	code := r.Query("error")
	if !plainCode.MatchString(code) {
		code = "UNKNOWN"
	}
	r.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	r.Header("Content-Type", "text/html; charset=utf-8")
	r.Status(http.StatusOK)
	return nil, wrongPage(code, clean(r.Query("error_description"))).Render(r.Writer)
}
