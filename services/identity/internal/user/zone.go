package user

import (
	"regexp"
	"strings"
	"time"
)

// First days of a week.
const (
	Monday = "monday"
	Sunday = "sunday"
)

var zone = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}$`)

// notZones are files that time.LoadLocation finds beside the zones of a Unix system. Its own
// "Local" means wherever the server stands.
var notZones = []string{"Local", "localtime", "posixrules", "Factory"}

// ValidZone reports whether the name is one of the IANA time zone database.
func ValidZone(name string) bool {
	if !zone.MatchString(name) || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return false
	}
	for _, not := range notZones {
		if name == not {
			return false
		}
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

var locale = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func validLocale(tag string) bool { return len(tag) <= 35 && locale.MatchString(tag) }

// LocaleFrom picks the first language of an Accept-Language header (RFC 9110, section 12.5.4),
// which browsers put first, or "".
func LocaleFrom(header string) string {
	tag, _, _ := strings.Cut(header, ",")
	tag, _, _ = strings.Cut(tag, ";")
	if tag = strings.TrimSpace(tag); validLocale(tag) {
		return tag
	}
	return ""
}
