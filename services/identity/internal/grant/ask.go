package grant

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/token"
)

// Ask is what a client's authorization request says.
type Ask struct {
	ClientID  string
	Redirect  string
	Type      string // response_type
	State     string
	Challenge string // PKCE (RFC 7636)
	Method    string
	Scope     string // afterwards: what the person is asked for
	Resource  string // afterwards: the audience
}

// What is wrong with a request whose client and redirect are known. Code is RFC 6749's word.
type refusal struct {
	error
	Code string
}

func (r refusal) Unwrap() error { return r.error }

func refuse(code, why string) error { return refusal{fault.New(fault.Invalid, "%s", why), code} }

// Code is the OAuth error code of a request that was refused, or "".
func Code(err error) string {
	if r, ok := errors.AsType[refusal](err); ok {
		return r.Code
	}
	return ""
}

// Errors that may not be told to the redirect address, because it is not known to be the client's.
var (
	ErrClient   = fault.New(fault.Invalid, "no such client")
	ErrRedirect = fault.New(fault.Invalid, "redirect_uri is not one of the client's")
)

// ErrGrant is RFC 6749's invalid_grant: a code or refresh token that is none, or no longer.
var ErrGrant = refusal{fault.New(fault.Invalid, "the code or refresh token is not valid"), "invalid_grant"}

var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// settle checks a request of a known client, and fills in what it left open. audience is the one
// resource that there is to ask for.
func (a *Ask) settle(audience string) error {
	switch {
	case a.Type != "code":
		return refuse("unsupported_response_type", "response_type must be code")
	case a.Method != "S256" || !challenge.MatchString(a.Challenge):
		return refuse("invalid_request", "PKCE with S256 is needed")
	case len(a.State) > 2000:
		return refuse("invalid_request", "state is too long")
	case a.Resource != "" && a.Resource != audience && a.Resource != audience+"/":
		return refuse("invalid_target", "there is only "+audience)
	}
	a.Resource = audience
	var asked []string
	for _, word := range strings.Fields(a.Scope) {
		if word == "offline_access" { // everybody gets a refresh token
			continue
		}
		if !slices.Contains(token.Scopes, word) {
			return refuse("invalid_scope", "the scopes are "+strings.Join(token.Scopes, " "))
		}
		if !slices.Contains(asked, word) {
			asked = append(asked, word)
		}
	}
	if asked == nil {
		asked = token.Scopes
	}
	a.Scope = strings.Join(asked, " ")
	return nil
}

// proves reports whether a verifier is the challenge's (RFC 7636, section 4.6).
func proves(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}
