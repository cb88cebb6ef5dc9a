package rest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	g "maragu.dev/gomponents"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

const pathAuthorize = "/oauth/authorize"

// askOf reads an authorization request.
func askOf(v url.Values) grant.Ask {
	return grant.Ask{
		ClientID: v.Get("client_id"), Redirect: v.Get("redirect_uri"), Type: v.Get("response_type"), State: v.Get("state"),
		Challenge: v.Get("code_challenge"), Method: v.Get("code_challenge_method"), Scope: v.Get("scope"), Resource: v.Get("resource"),
	}
}

// authorize shows a person what an agent's program asks for. Who is not signed in is sent to
// sign in first, and comes back.
func (d *Door) authorize(c *gin.Context) {
	r := &request{Context: c, body: missing{}}
	if err := d.Limits.FromAddress(c.Request.Context(), limit.Requests, address(c), pathAuthorize); err != nil {
		d.consentFailed(r, http.StatusTooManyRequests, err)
		return
	}
	query := c.Request.URL.Query()
	in, _, err := d.who(r)
	if errors.Is(err, user.ErrNobody) {
		c.Header("Location", "/signin?next="+url.QueryEscape(pathAuthorize+"?"+query.Encode()))
		c.Status(http.StatusFound)
		c.Writer.WriteHeaderNow()
		return
	} else if err != nil {
		d.consentFailed(r, http.StatusServiceUnavailable, err)
		return
	}
	// After signing in, since judging may fetch a document from wherever a stranger says.
	ask := askOf(query)
	client, ok := d.judged(r, &ask)
	if !ok {
		return
	}
	d.show(r, http.StatusOK, d.callback(ask.Redirect), consentPage(consent{
		client: client.Name, leads: leads(ask.Redirect), email: in.User.Email, scopes: words(ask.Scope),
		request: query.Encode(), proof: d.proof(in, query.Encode()),
	}))
}

// decide takes the person's answer. It must come from the page that they were shown, in the
// session in which they were shown it.
func (d *Door) decide(c *gin.Context) {
	r := &request{Context: c, body: missing{}}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 64<<10)
	if err := c.Request.ParseForm(); err != nil {
		d.consentFailed(r, http.StatusBadRequest, grant.ErrClient)
		return
	}
	asked := c.Request.PostForm.Get("request")
	query, parseErr := url.ParseQuery(asked)
	in, _, err := d.who(r)
	if err == nil {
		err = errors.Join(parseErr, d.origin(r))
	}
	if err != nil || !hmac.Equal([]byte(d.proof(in, asked)), []byte(c.Request.PostForm.Get("proof"))) {
		d.consentFailed(r, http.StatusForbidden, fault.New(fault.Forbidden, "the answer does not belong to the question: start again"))
		return
	}
	ask := askOf(query)
	client, ok := d.judged(r, &ask)
	if !ok {
		return
	}
	if c.Request.PostForm.Get("answer") != "allow" {
		d.sendBack(r, ask, url.Values{"error": {"access_denied"}})
		return
	}
	code, err := d.Grants.Allow(c.Request.Context(), in.User.ID, client, ask)
	if err != nil {
		d.consentFailed(r, http.StatusServiceUnavailable, err)
		return
	}
	d.count("agent_allowed", nil)
	d.sendBack(r, ask, url.Values{"code": {code}})
}

// judged reports whether a request can go on. Else it has answered: to the client where that is
// known to be safe, or to the person.
func (d *Door) judged(r *request, ask *grant.Ask) (grant.Client, bool) {
	client, err := d.Grants.Judge(r.Request.Context(), ask)
	if err == nil {
		return client, true
	}
	if code := grant.Code(err); code != "" {
		d.sendBack(r, *ask, url.Values{"error": {code}, "error_description": {err.Error()}})
	} else if fault.KindOf(err) == fault.Invalid {
		d.consentFailed(r, http.StatusBadRequest, err)
	} else {
		d.consentFailed(r, http.StatusServiceUnavailable, err)
	}
	return grant.Client{}, false
}

// sendBack leads to the client, which is told who answers (RFC 9207).
func (d *Door) sendBack(r *request, ask grant.Ask, answer url.Values) {
	if ask.State != "" {
		answer.Set("state", ask.State)
	}
	answer.Set("iss", d.Tokens.Issuer)
	join := "?"
	if strings.Contains(ask.Redirect, "?") {
		join = "&"
	}
	r.Header("Location", ask.Redirect+join+answer.Encode())
	r.Header("Cache-Control", "no-store")
	r.Header("Referrer-Policy", "no-referrer")
	r.Status(http.StatusFound)
	r.Writer.WriteHeaderNow()
}

// proof binds a question to the session that was asked.
func (d *Door) proof(in user.Present, question string) string {
	mac := hmac.New(sha256.New, d.Secret)
	mac.Write([]byte("consent\x00" + in.Session.ID + "\x00" + question))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (d *Door) consentFailed(r *request, status int, err error) {
	_ = r.Error(err) // for the log line
	if wait := retryAfter(err); wait != "" {
		r.Header("Retry-After", wait)
	}
	detail := "Something went wrong here. Try again in a moment."
	if e, ok := errors.AsType[*fault.Error](err); ok && status < http.StatusInternalServerError {
		detail = e.Message
	}
	d.show(r, status, "", failedPage(detail))
}

// show answers with a page that can do nothing but send its form, here and, by redirect, to the
// client.
func (d *Door) show(r *request, status int, formTo string, page g.Node) {
	r.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' "+formTo+"; frame-ancestors 'none'; base-uri 'none'")
	r.Header("Cache-Control", "no-store")
	r.Header("Referrer-Policy", "same-origin")
	r.Header("X-Content-Type-Options", "nosniff")
	r.Header("Content-Type", "text/html; charset=utf-8")
	r.Status(status)
	if err := page.Render(r.Writer); err != nil {
		_ = r.Error(err) // the person may be gone
	}
}

// callback is where a form may lead to by redirect, as a policy says it.
func (d *Door) callback(redirect string) string {
	if origin := originOf(redirect); origin != "" {
		return origin
	}
	scheme, _, _ := strings.Cut(redirect, ":")
	return scheme + ":"
}

// leads is where an answer goes, for people to judge.
func leads(redirect string) string {
	if origin := originOf(redirect); origin != "" {
		return origin
	}
	return redirect
}

// words are what scopes mean.
func words(scope string) (said []string) {
	for _, s := range strings.Fields(scope) {
		said = append(said, map[string]string{
			"tasks:read": "see your tasks", "tasks:write": "add, change, complete and delete your tasks", "audit:read": "see the history of your tasks",
		}[s])
	}
	return said
}
