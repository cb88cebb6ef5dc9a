package rest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Cookies of better-auth. Under https their names begin with __Secure-, and browsers take them
// over https alone.
const (
	sessionCookie = "better-auth.session_token"
	dataCookie    = "better-auth.session_data" // never set; cleared for those who come from better-auth
	briefCookie   = "better-auth.dont_remember"
)

func (d *Door) secure() bool { return strings.HasPrefix(d.Public, "https://") }

func (d *Door) cookieName(name string) string {
	if d.secure() {
		return "__Secure-" + name
	}
	return name
}

// signed is a cookie's value as better-auth writes it: the text, a dot, and its HMAC.
func (d *Door) signed(text string) string {
	mac := hmac.New(sha256.New, d.Secret)
	mac.Write([]byte(text))
	return url.QueryEscape(text + "." + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// unsigned returns the text of a signed value, or "" if the signature is not ours.
func (d *Door) unsigned(value string) string {
	plain, err := url.PathUnescape(value)
	if err != nil {
		return ""
	}
	i := strings.LastIndexByte(plain, '.')
	if i < 1 {
		return ""
	}
	sum, err := base64.StdEncoding.DecodeString(plain[i+1:])
	mac := hmac.New(sha256.New, d.Secret)
	mac.Write([]byte(plain[:i]))
	if err != nil || !hmac.Equal(sum, mac.Sum(nil)) {
		return ""
	}
	return plain[:i]
}

// cookie returns the text of a signed cookie, or "".
func (d *Door) cookie(r *request, name string) string {
	c, err := r.Request.Cookie(d.cookieName(name))
	if err != nil {
		return ""
	}
	return d.unsigned(c.Value)
}

// setCookie writes attributes in better-auth's order. A negative age leaves Max-Age out: the
// cookie ends with the browser.
func (d *Door) setCookie(r *request, name, value string, age time.Duration) {
	cookie := d.cookieName(name) + "=" + value
	if age >= 0 {
		cookie += "; Max-Age=" + strconv.Itoa(int(age.Seconds()))
	}
	cookie += "; Path=/; HttpOnly"
	if d.secure() {
		cookie += "; Secure"
	}
	r.Writer.Header().Add("Set-Cookie", cookie+"; SameSite=Lax")
}

// remember sets the session's cookie, and the one that says not to prolong it.
func (d *Door) remember(r *request, token string, brief bool) {
	age := d.Users.SessionLife
	if brief {
		age = -1
	}
	value := d.signed(token)
	d.setCookie(r, sessionCookie, value, age)
	if brief {
		d.setCookie(r, briefCookie, d.signed("true"), -1)
	} else if d.cookie(r, briefCookie) != "" {
		d.setCookie(r, briefCookie, "", 0)
	}
	r.Header("set-auth-token", value)
	expose(r, "set-auth-token")
}

// forget clears all cookies.
func (d *Door) forget(r *request) {
	for _, name := range []string{sessionCookie, dataCookie, briefCookie} {
		d.setCookie(r, name, "", 0)
	}
}

func expose(r *request, name string) {
	if before := r.Writer.Header().Get("Access-Control-Expose-Headers"); before != "" {
		name = before + ", " + name
	}
	r.Header("Access-Control-Expose-Headers", name)
}

// shown returns the session token that a request carries: in the cookie, or as a bearer, plain
// or signed as in the cookie.
func (d *Door) shown(r *request) string {
	if scheme, given, ok := strings.Cut(r.GetHeader("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		if given = strings.TrimSpace(given); strings.Contains(given, ".") {
			given = d.unsigned(given)
		}
		if given != "" {
			return given
		}
	}
	return d.cookie(r, sessionCookie)
}

// who finds out who is signed in, and prolongs the session where that is due. Nobody is
// user.ErrNobody; the cookies of a session that has ended are cleared.
func (d *Door) who(r *request) (user.Present, string, error) {
	token := d.shown(r)
	if token == "" {
		return user.Present{}, "", user.ErrNobody
	}
	brief := d.cookie(r, briefCookie) != ""
	in, prolonged, err := d.Users.Who(r.Request.Context(), token, !brief && r.Query("disableRefresh") == "")
	if asFailure(err).status == http.StatusUnauthorized {
		d.forget(r)
	}
	if err == nil && prolonged {
		d.remember(r, token, false)
	}
	return in, token, err
}
