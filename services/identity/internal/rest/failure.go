package rest

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/password"
	"github.com/tickler-app/tickler/services/identity/internal/user"
)

// failure is an error as better-auth's wire shows it.
type failure struct {
	status  int
	Message string `json:"message"`
	Code    string `json:"code,omitempty"`
}

func (f *failure) Error() string { return f.Message }

// Failures that are the door's own. Texts and codes are better-auth's.
var (
	errUnauthorized = &failure{http.StatusUnauthorized, "Unauthorized", "UNAUTHORIZED"}
	errNotFresh     = &failure{http.StatusForbidden, "Session is not fresh", "SESSION_NOT_FRESH"}
	errPost         = &failure{http.StatusMethodNotAllowed, "POST method requires deferSessionRefresh to be enabled in session config", "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED"}
	errJSON         = &failure{http.StatusBadRequest, "Invalid JSON in request body", "BAD_REQUEST"}
	errTooLarge     = &failure{http.StatusRequestEntityTooLarge, "Request body is too large", "PAYLOAD_TOO_LARGE"}
	errNoFields     = &failure{http.StatusBadRequest, "No fields to update", ""}
	errEmailFixed   = &failure{http.StatusBadRequest, "Email can not be updated", "EMAIL_CAN_NOT_BE_UPDATED"}
	errNoObject     = &failure{http.StatusBadRequest, "Body must be an object", "BODY_MUST_BE_AN_OBJECT"}
	errEmail        = &failure{http.StatusBadRequest, "Invalid email", "INVALID_EMAIL"}
	errOrigin       = &failure{http.StatusForbidden, "Invalid origin", "INVALID_ORIGIN"}
	errNoOrigin     = &failure{http.StatusForbidden, "Missing or null Origin", "MISSING_OR_NULL_ORIGIN"}
	errNavigation   = &failure{http.StatusForbidden, "Cross-site navigation login blocked. This request appears to be a CSRF attack.", "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"}
	errResetOff     = &failure{http.StatusBadRequest, "Reset password isn't enabled", "RESET_PASSWORD_DISABLED"}
	errVerifyOff    = &failure{http.StatusBadRequest, "Verification email isn't enabled", "VERIFICATION_EMAIL_NOT_ENABLED"}
	errMoveOff      = &failure{http.StatusBadRequest, "Change email is disabled", "CHANGE_EMAIL_DISABLED"}
	errInternal     = &failure{http.StatusInternalServerError, "Internal Server Error", "INTERNAL_SERVER_ERROR"}
	errToken        = &failure{http.StatusBadRequest, "Invalid token", "INVALID_TOKEN"}
	errExpired      = &failure{http.StatusUnauthorized, "Token expired", "TOKEN_EXPIRED"}
	errUserGone     = &failure{http.StatusUnauthorized, "User not found", "USER_NOT_FOUND"}
	errOtherUser    = &failure{http.StatusUnauthorized, "Invalid user", "INVALID_USER"}
)

// known are the nouns' errors as better-auth calls them.
var known = []struct {
	is error
	as *failure
}{
	{password.ErrShort, &failure{http.StatusBadRequest, "Password too short", "PASSWORD_TOO_SHORT"}},
	{password.ErrLong, &failure{http.StatusBadRequest, "Password too long", "PASSWORD_TOO_LONG"}},
	{password.ErrCommon, &failure{http.StatusBadRequest, "This password is among the most used ones: choose another", "PASSWORD_COMPROMISED"}},
	{password.ErrOwn, &failure{http.StatusBadRequest, "This password is little more than your address or the name of this place: choose another", "PASSWORD_COMPROMISED"}},
	{user.ErrTaken, &failure{http.StatusUnprocessableEntity, "User already exists. Use another email.", "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"}},
	{user.ErrCredentials, &failure{http.StatusUnauthorized, "Invalid email or password", "INVALID_EMAIL_OR_PASSWORD"}},
	{user.ErrNotVerified, &failure{http.StatusForbidden, "Email not verified", "EMAIL_NOT_VERIFIED"}},
	{user.ErrVerified, &failure{http.StatusBadRequest, "Email is already verified", "EMAIL_ALREADY_VERIFIED"}},
	{user.ErrPassword, &failure{http.StatusBadRequest, "Invalid password", "INVALID_PASSWORD"}},
	{user.ErrNoPassword, &failure{http.StatusBadRequest, "Credential account not found", "CREDENTIAL_ACCOUNT_NOT_FOUND"}},
	{user.ErrNotFresh, &failure{http.StatusBadRequest, "Session expired. Re-authenticate to perform this action.", "SESSION_EXPIRED"}},
	{user.ErrToken, errToken},
	{user.ErrExpired, errExpired},
	{user.ErrOtherPerson, errOtherUser},
	{user.ErrSameEmail, &failure{http.StatusBadRequest, "Email is the same", ""}},
	{user.ErrOtherEmail, &failure{http.StatusBadRequest, "Email mismatch", "EMAIL_MISMATCH"}},
	{user.ErrNobody, errUnauthorized},
	{user.ErrNotFound, errUnauthorized}, // deleted while the call was in hand
}

// fail answers with the error as better-auth does. What is internal goes into the log alone.
func fail(c *gin.Context, err error) {
	_ = c.Error(err) // for the log line
	f := asFailure(err)
	if wait := retryAfter(err); wait != "" {
		c.Header("Retry-After", wait)
		if f.status == http.StatusTooManyRequests {
			c.Header("X-Retry-After", wait)
		}
	}
	reply(c, f.status, f)
	c.Abort()
}

func asFailure(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	for _, k := range known {
		if errors.Is(err, k.is) {
			return k.as
		}
	}
	e, _ := errors.AsType[*fault.Error](err)
	switch fault.KindOf(err) {
	case fault.RateLimited:
		return &failure{http.StatusTooManyRequests, e.Message, ""}
	case fault.Unavailable:
		return &failure{http.StatusServiceUnavailable, e.Message, "SERVICE_UNAVAILABLE"}
	case fault.Invalid:
		return &failure{http.StatusBadRequest, e.Message, "VALIDATION_ERROR"}
	}
	return errInternal
}

// retryAfter is when another try makes sense, in whole seconds, or "".
func retryAfter(err error) string {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.RateLimited && e.Kind != fault.Unavailable {
		return ""
	}
	return strconv.Itoa(max(1, int(math.Ceil(e.RetryAfter.Seconds()))))
}
