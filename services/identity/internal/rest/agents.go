package rest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/identity/internal/grant"
	"github.com/tickler-app/tickler/services/identity/internal/limit"
	"github.com/tickler-app/tickler/services/identity/internal/token"
)

// agents adds what an agent's program needs of an authorization server (OAuth 2.1), and how a
// person takes back what they allowed.
func (d *Door) agents(r *gin.Engine) {
	r.GET("/.well-known/oauth-authorization-server", open, d.metadata)
	r.GET(pathAuthorize, d.authorize)
	r.POST(pathAuthorize, d.decide)
	r.POST("/oauth/register", open, d.register)
	r.POST("/oauth/revoke", open, d.revoke)
	for _, path := range []string{"/.well-known/oauth-authorization-server", "/oauth/register", "/oauth/revoke", "/oauth/token"} {
		r.OPTIONS(path, open, func(c *gin.Context) {
			c.Header("Access-Control-Allow-Methods", "GET, POST")
			c.Header("Access-Control-Allow-Headers", "Content-Type, Authorization, MCP-Protocol-Version")
			c.Header("Access-Control-Max-Age", "600")
			c.Status(http.StatusNoContent)
		})
	}
	own := r.Group("/api/:user_id/tokens/agents", self)
	own.GET("", d.listGrants)
	own.DELETE("/:id", d.endGrant)
}

// open lets pages of any origin ask: these calls take no cookie, and what they need nobody else has.
func open(c *gin.Context) { c.Header("Access-Control-Allow-Origin", "*") }

// metadata says what there is (RFC 8414, RFC 9207, RFC 8707).
func (d *Door) metadata(c *gin.Context) {
	c.Header("Cache-Control", "public, max-age=300")
	c.JSON(http.StatusOK, gin.H{
		"issuer": d.Tokens.Issuer, "authorization_endpoint": d.Public + pathAuthorize, "token_endpoint": d.Public + "/oauth/token",
		"registration_endpoint": d.Public + "/oauth/register", "revocation_endpoint": d.Public + "/oauth/revoke", "jwks_uri": d.Public + base + "/jwks",
		"scopes_supported": token.Scopes, "response_types_supported": []string{"code"}, "response_modes_supported": []string{"query"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token", grantExchange},
		"token_endpoint_auth_methods_supported":          []string{"none", "client_secret_basic"},
		"revocation_endpoint_auth_methods_supported":     []string{"none"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true, "client_id_metadata_document_supported": true,
	})
}

// register keeps a client that tells us of itself (RFC 7591). It gets no secret.
func (d *Door) register(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	if err := d.Limits.FromAddress(c.Request.Context(), limit.SignIns, address(c), "/oauth/register"); err != nil {
		refuseGrant(c, err)
		return
	}
	var said struct {
		Name      string   `json:"client_name"`
		Redirects []string `json:"redirect_uris"`
		Method    string   `json:"token_endpoint_auth_method"`
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, 64<<10))
	if err != nil || json.Unmarshal(raw, &said) != nil {
		refuse(c, http.StatusBadRequest, "invalid_client_metadata", "the body is not the client's metadata in JSON")
		return
	}
	if said.Method != "" && said.Method != "none" {
		refuse(c, http.StatusBadRequest, "invalid_client_metadata", "token_endpoint_auth_method must be none")
		return
	}
	made, err := d.Grants.Register(c.Request.Context(), said.Name, said.Redirects)
	if errors.Is(err, grant.ErrRedirects) {
		refuse(c, http.StatusBadRequest, "invalid_redirect_uri", err.Error())
		return
	} else if err != nil {
		refuseGrant(c, err)
		return
	}
	c.JSON(http.StatusCreated, gin.H{
		"client_id": made.ID, "client_id_issued_at": made.CreatedAt.Unix(), "client_name": made.Name, "redirect_uris": made.Redirects,
		"token_endpoint_auth_method": "none", "grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"},
	})
}

// redeem gives tokens for a code or a refresh token.
func (d *Door) redeem(c *gin.Context, form url.Values) {
	if err := d.Limits.FromAddress(c.Request.Context(), limit.Requests, address(c), "/oauth/token"); err != nil {
		refuseGrant(c, err)
		return
	}
	client := form.Get("client_id")
	var given grant.Given
	var err error
	if form.Get("grant_type") == "refresh_token" {
		given, err = d.Grants.Turn(c.Request.Context(), client, form.Get("refresh_token"), form.Get("scope"))
	} else {
		given, err = d.Grants.Redeem(c.Request.Context(), client, form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	}
	d.count("redeem", err)
	if err != nil {
		refuseGrant(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{
		"access_token": given.Token, "token_type": "Bearer", "expires_in": int(given.Life.Seconds()), "refresh_token": given.Refresh, "scope": *given.Scope,
	})
}

// revoke ends what a refresh token belongs to (RFC 7009). It never says whether there was one.
func (d *Door) revoke(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 64<<10)
	if err := c.Request.ParseForm(); err != nil {
		refuse(c, http.StatusBadRequest, "invalid_request", "the body cannot be read")
		return
	}
	if err := d.Grants.Revoke(c.Request.Context(), c.Request.PostForm.Get("token")); err != nil {
		refuseGrant(c, err)
		return
	}
	c.Status(http.StatusOK)
}

func refuseGrant(c *gin.Context, err error) {
	if code := grant.Code(err); code != "" {
		_ = c.Error(err) // for the log line
		refuse(c, http.StatusBadRequest, code, err.Error())
		return
	}
	if fault.KindOf(err) == fault.RateLimited {
		c.Header("Retry-After", retryAfter(err))
		refuse(c, http.StatusTooManyRequests, "slow_down", err.Error())
		return
	}
	refuseExchange(c, err)
}

type grantJSON struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	ClientID  string    `json:"client_id"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"last_used_at"`
}

func (d *Door) listGrants(c *gin.Context) {
	found, err := d.Grants.Store.Grants(c.Request.Context(), c.Param("user_id"))
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	shown := []grantJSON{}
	for _, g := range found {
		shown = append(shown, grantJSON{g.ID, g.ClientName, g.ClientID, strings.Fields(g.Scope), g.CreatedAt, g.UsedAt})
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"agents": shown, "next_cursor": nil})
}

func (d *Door) endGrant(c *gin.Context) {
	if err := d.Grants.Store.End(c.Request.Context(), c.Param("user_id"), c.Param("id")); err != nil {
		httpd.Fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}
