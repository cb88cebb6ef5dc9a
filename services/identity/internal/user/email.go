package user

import (
	"regexp"
	"strings"
)

// email is what better-auth takes for an address (zod 4, z.email), its lookaheads apart.
var email = regexp.MustCompile(`^[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`)

// longestEmail is RFC 5321's bound on a path, less its brackets.
const longestEmail = 254

// ValidEmail reports whether the text can be an e-mail address.
func ValidEmail(text string) bool {
	return len(text) <= longestEmail && !strings.HasPrefix(text, ".") && !strings.Contains(text, "..") && email.MatchString(text)
}

// Normal is the form in which addresses are kept and compared.
func Normal(address string) string { return strings.ToLower(address) }
