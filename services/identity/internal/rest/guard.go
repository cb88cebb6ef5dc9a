package rest

import (
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/auth"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/httpd"
	"github.com/tickler-app/tickler/services/identity/internal/token"
)

// Guard lets only the path's own person pass, on routes with a :user_id. It is pkg/auth's, but
// for the keys: identity has them, and need not ask itself for them over HTTP.
func Guard(tokens *token.Service) gin.HandlerFunc {
	return func(c *gin.Context) {
		owner, own := c.Params.Get("user_id")
		if !own || c.FullPath() == "" { // gin leaves parameters behind where no route matched
			return
		}
		scheme, given, _ := strings.Cut(c.GetHeader("Authorization"), " ")
		claims, err := tokens.Read(strings.TrimSpace(given))
		if !strings.EqualFold(scheme, "Bearer") || err == nil && claims.UserID != owner || fault.KindOf(err) == fault.Unauthorized {
			err = auth.ErrUnauthorized
		}
		if err != nil {
			httpd.Fail(c, err)
			return
		}
		p := auth.Principal{UserID: claims.UserID, Name: claims.Name, SessionID: claims.SessionID}
		if claims.Scope != nil {
			p.Scopes = append([]string{}, strings.Fields(*claims.Scope)...)
		}
		for a := claims.Actor; a != nil; a = a.Actor {
			p.Actors = append(p.Actors, a.Subject)
		}
		c.Request = c.Request.WithContext(auth.With(c.Request.Context(), p))
	}
}

// self lets only the person's own token pass: no scope names settings or tokens, and who acts
// for the person shall not make itself a token that outlives the errand.
func self(c *gin.Context) {
	if p := auth.From(c.Request.Context()); p.Scopes != nil || p.Actors != nil {
		httpd.Fail(c, fault.New(fault.Forbidden, "only the person's own token reaches this"))
	}
}
