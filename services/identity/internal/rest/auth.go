// Package rest is the HTTP door: better-auth's wire below /api/auth, settings and API tokens,
// and the exchange of tokens below /oauth.
package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/pkg/seal"
	"github.com/tickler-app/tickler/pkg/telemetry"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
	"github.com/tickler-app/tickler/services/identity/internal/key"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/session"
	"github.com/tickler-app/tickler/services/identity/internal/token"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// Door is what the routes need.
type Door struct {
	Users  *user.Service
	Tokens *token.Service
	Grants *grant.Service
	Ring   *key.Ring
	Limits *limit.Limits
	Seal   *seal.Keys

	Public   string   // URL of the house, without a slash at its end
	Origins  []string // whose pages may sign in and be led back to, Public apart
	Secret   []byte   // signs cookies
	Attempts *prometheus.CounterVec
}

// NewAttempts returns the counter of what people tried at the door.
func NewAttempts(metrics prometheus.Registerer) *prometheus.CounterVec {
	attempts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tickler_auth_attempts_total", Help: "Sign-ins, sign-ups and so on, and how they ended.",
	}, []string{"kind", "result"})
	metrics.MustRegister(attempts)
	return attempts
}

// base is where better-auth's wire is spoken.
const base = "/api/auth"

// Routes adds the door's routes to r.
func (d *Door) Routes(r *gin.Engine) {
	group := r.Group(base)
	for _, call := range d.calls() {
		group.Handle(call.method, call.path, func(c *gin.Context) { d.serve(c, call) })
	}
	// better-auth knows no 405, and its 404 has no body.
	r.NoRoute(elsewhere(fault.New(fault.NotFound, "no such path")))
	r.NoMethod(elsewhere(fault.New(fault.MethodNotAllowed, "not with this method")))
	d.settings(r)
	d.tokens(r)
	d.oauth(r)
	d.agents(r)
}

func elsewhere(err error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.URL.Path == base || strings.HasPrefix(c.Request.URL.Path, base+"/") {
			c.Status(http.StatusNotFound)
			c.Writer.WriteHeaderNow()
			return
		}
		httpd.Fail(c, err)
	}
}

// call is one call of better-auth's wire.
type call struct {
	method, path string
	rule         limit.Rule
	form         bool // takes a form too, and is guarded against forged ones
	handle       func(*request) (any, error)
}

func (d *Door) calls() []call {
	const get, post = http.MethodGet, http.MethodPost
	usual, strict, mails := limit.Requests, limit.SignIns, limit.Mails
	return []call{
		{get, "/ok", usual, false, d.ok},
		{get, "/error", usual, false, d.errorPage},
		{post, "/sign-up/email", strict, true, d.signUp},
		{post, "/sign-in/email", strict, true, d.signIn},
		{post, "/sign-out", usual, false, d.signOut},
		{get, "/get-session", usual, false, d.getSession},
		{post, "/get-session", usual, false, d.postSession},
		{get, "/token", usual, false, d.token},
		{get, "/jwks", usual, false, d.jwks},
		{get, "/list-sessions", usual, false, d.listSessions},
		{post, "/revoke-session", usual, false, d.revokeSession},
		{post, "/revoke-sessions", usual, false, d.revokeSessions},
		{post, "/revoke-other-sessions", usual, false, d.revokeOtherSessions},
		{post, "/update-user", usual, false, d.updateUser},
		{post, "/change-password", strict, false, d.changePassword},
		{post, "/change-email", strict, false, d.changeEmail},
		{post, "/request-password-reset", mails, false, d.requestReset},
		{get, "/reset-password/:token", usual, false, d.followReset},
		{post, "/reset-password", usual, false, d.reset},
		{post, "/send-verification-email", mails, false, d.sendVerification},
		{get, "/verify-email", usual, false, d.verifyEmail},
		{post, "/delete-user", usual, false, d.deleteUser},
		{get, "/list-accounts", usual, false, d.listAccounts},
	}
}

// request is one call in hand.
type request struct {
	*gin.Context
	body any // as encoding/json reads it; missing{} if there is none
}

// serve answers a call as better-auth does: limits, then the body, then where it comes from,
// then the call itself.
func (d *Door) serve(c *gin.Context, call call) {
	if httpd.WasHead(c.Request.Context()) { // better-auth has none
		c.Status(http.StatusNotFound)
		return
	}
	r := &request{Context: c, body: missing{}}
	answer, err := d.answer(r, call)
	if err != nil {
		fail(c, err)
		return
	}
	if c.Writer.Written() { // a redirect, or a page
		return
	}
	reply(c, http.StatusOK, answer)
}

func (d *Door) answer(r *request, call call) (any, error) {
	ctx := r.Request.Context()
	// The path of a letter's link has its token in it: what is counted is the call.
	if err := d.Limits.FromAddress(ctx, call.rule, address(r.Context), call.path); err != nil {
		return nil, err
	}
	if call.method == http.MethodPost && call.path != "/get-session" {
		if err := r.read(call.form); err != nil {
			return nil, err
		}
	}
	if err := d.fromTrusted(r, call); err != nil {
		return nil, err
	}
	return call.handle(r)
}

func reply(c *gin.Context, status int, answer any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // as JavaScript writes it
	if err := encoder.Encode(answer); err != nil {
		fail(c, err)
		return
	}
	c.Data(status, typeJSON, bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}

// visit is who is at the door.
func (r *request) visit() session.Visit {
	return session.Visit{Address: r.ClientIP(), Agent: clean(r.GetHeader("User-Agent")), RequestID: telemetry.RequestID(r.Request.Context())}
}

// clean makes a header's text one that can be kept: headers are bytes, PostgreSQL wants UTF-8.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// address is whom limits count: the client's IPv4 address, or its IPv6 network, of which
// one client commonly has a /64.
func address(c *gin.Context) string {
	ip, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	network, _ := ip.WithZone("").Prefix(64) // cannot fail for an IPv6 address
	return network.String()
}

// stamp is how better-auth writes an instant: with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (d *Door) count(kind string, err error) {
	result := "ok"
	if err != nil {
		result = string(fault.KindOf(err))
	}
	d.Attempts.WithLabelValues(kind, result).Inc()
}
