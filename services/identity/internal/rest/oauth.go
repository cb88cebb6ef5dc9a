package rest

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/token"
)

// Words of RFC 8693, and ours for an API token.
const (
	grantExchange   = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeAccessToken = "urn:ietf:params:oauth:token-type:access_token"
	typeJWT         = "urn:ietf:params:oauth:token-type:jwt"
	typeAPIToken    = "urn:tickler:api-token"
)

func (d *Door) oauth(r *gin.Engine) {
	r.POST("/oauth/token", open, d.grant)
}

// oauthError is the body of a refusal (RFC 6749, section 5.2).
type oauthError struct {
	Code   string `json:"error"`
	Detail string `json:"error_description,omitempty"`
}

// grant answers by grant_type: services of ours exchange, agents' programs redeem.
func (d *Door) grant(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Pragma", "no-cache")
	if media, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type")); media != typeForm {
		refuse(c, http.StatusBadRequest, "invalid_request", "the body must be "+typeForm)
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 64<<10)
	if err := c.Request.ParseForm(); err != nil {
		refuse(c, http.StatusBadRequest, "invalid_request", "the body cannot be read")
		return
	}
	form := c.Request.PostForm
	for name, values := range form {
		if len(values) > 1 {
			refuse(c, http.StatusBadRequest, "invalid_request", "a parameter is there twice: "+name)
			return
		}
	}
	switch form.Get("grant_type") {
	case "authorization_code", "refresh_token":
		d.redeem(c, form)
	default:
		d.exchange(c, form)
	}
}

// exchange makes a token of another one for a service of ours (RFC 8693).
func (d *Door) exchange(c *gin.Context, form url.Values) {
	client, given := basic(c.Request)
	if !d.Tokens.Known(client, given) {
		d.count("exchange", token.ErrClient)
		c.Header("WWW-Authenticate", `Basic realm="tickler", charset="UTF-8"`)
		refuse(c, http.StatusUnauthorized, "invalid_client", token.ErrClient.Error())
		return
	}
	if code, why := unfit(form); code != "" {
		refuse(c, http.StatusBadRequest, code, why)
		return
	}
	audience := form.Get("audience")
	if audience == "" {
		audience = form.Get("resource") // RFC 8707
	}
	made, err := d.Tokens.Exchange(c.Request.Context(), token.Exchange{
		Client: client, Secret: given, Subject: form.Get("subject_token"), Audience: audience, Scope: form.Get("scope"),
	})
	d.count("exchange", err)
	if err != nil {
		refuseExchange(c, err)
		return
	}
	answer := gin.H{"access_token": made.Token, "issued_token_type": typeAccessToken, "token_type": "Bearer", "expires_in": int(made.Life.Seconds())}
	if made.Scope != nil {
		answer["scope"] = *made.Scope
	}
	c.JSON(http.StatusOK, answer)
}

// basic reads a client's id and secret, which are encoded as in a form before they are encoded
// once more (RFC 6749, section 2.3.1).
func basic(r *http.Request) (client, secret string) {
	client, secret, _ = r.BasicAuth()
	if plain, err := url.QueryUnescape(client); err == nil {
		client = plain
	}
	if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain
	}
	return client, secret
}

// unfit returns what is wrong with a request before its token is looked at.
func unfit(form url.Values) (code, why string) {
	requested, kinds := form.Get("requested_token_type"), []string{typeAccessToken, typeJWT, typeAPIToken}
	switch {
	case form.Get("grant_type") == "":
		return "invalid_request", "grant_type is needed"
	case form.Get("grant_type") != grantExchange:
		return "unsupported_grant_type", ""
	case form.Get("subject_token") == "":
		return "invalid_request", "subject_token is needed"
	case !slices.Contains(kinds, form.Get("subject_token_type")):
		return "invalid_request", "subject_token_type is not one that is taken"
	case form.Get("actor_token") != "":
		return "invalid_request", "the client itself is the actor"
	case requested != "" && requested != typeAccessToken && requested != typeJWT:
		return "invalid_request", "requested_token_type is not one that is made"
	}
	return "", ""
}

func refuseExchange(c *gin.Context, err error) {
	_ = c.Error(err) // for the log line
	switch {
	case errors.Is(err, token.ErrTarget):
		refuse(c, http.StatusBadRequest, "invalid_target", err.Error())
	case errors.Is(err, token.ErrScope):
		refuse(c, http.StatusBadRequest, "invalid_scope", err.Error())
	case errors.Is(err, token.ErrSubject), errors.Is(err, token.ErrEnded), errors.Is(err, token.ErrAPIToken):
		// RFC 8693, section 2.2.2, has invalid_request for a token that is no good.
		refuse(c, http.StatusBadRequest, "invalid_request", err.Error())
	case fault.KindOf(err) == fault.Unavailable:
		c.Header("Retry-After", retryAfter(err))
		refuse(c, http.StatusServiceUnavailable, "temporarily_unavailable", "")
	default:
		refuse(c, http.StatusInternalServerError, "server_error", "")
	}
}

func refuse(c *gin.Context, status int, code, detail string) {
	c.AbortWithStatusJSON(status, oauthError{code, detail})
}
