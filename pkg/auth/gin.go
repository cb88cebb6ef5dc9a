package auth

import (
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/httpd"
)

// Guard lets only the path's own person pass, on routes with a :user_id; others are open.
// The handlers find the person with From.
func (v *Verifier) Guard(c *gin.Context) {
	owner, own := c.Params.Get("user_id")
	if !own || c.FullPath() == "" { // gin leaves parameters of a route that it did not match
		return
	}
	p, err := v.Verify(c.Request.Context(), Bearer(c.GetHeader("Authorization")))
	if err == nil && p.UserID != owner {
		err = ErrUnauthorized
	}
	if err != nil {
		httpd.Fail(c, err)
		return
	}
	c.Request = c.Request.WithContext(With(c.Request.Context(), p))
}

// Bearer returns the token of an Authorization header (RFC 6750), or "".
func Bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
