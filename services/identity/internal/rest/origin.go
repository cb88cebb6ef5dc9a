package rest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// fromTrusted refuses what another site makes a browser send: a call that writes and carries
// cookies must come from a page of ours, and so must one that signs in, if a browser sent it.
// Where a call leads back to has to be ours too.
func (d *Door) fromTrusted(r *request, call call) error {
	if call.method == http.MethodGet {
		return nil
	}
	cookies := r.Request.Header["Cookie"] != nil
	if cookies {
		if err := d.origin(r); err != nil {
			return err
		}
	}
	if err := d.leadsHome(r); err != nil {
		return err
	}
	if cookies || !call.form {
		return nil
	}
	return d.noForgery(r)
}

// noForgery guards signing in without cookies: a page elsewhere could sign its visitor in as
// somebody else. Browsers tell by Fetch Metadata; what is no browser sends none.
func (d *Door) noForgery(r *request) error {
	site, mode, dest := r.GetHeader("Sec-Fetch-Site"), r.GetHeader("Sec-Fetch-Mode"), r.GetHeader("Sec-Fetch-Dest")
	if site == "cross-site" && mode == "navigate" {
		return errNavigation
	}
	if strings.TrimSpace(site+mode+dest) != "" || r.GetHeader("Origin") != "" || r.GetHeader("Referer") != "" {
		return d.origin(r)
	}
	return nil
}

// origin checks the Origin of a call, or else its Referer.
func (d *Door) origin(r *request) error {
	from := r.GetHeader("Origin")
	if from == "null" && r.GetHeader("Sec-Fetch-Site") == "same-origin" {
		return nil // a page of ours whose policy hides its address
	}
	if from == "" {
		from = r.GetHeader("Referer")
	}
	if from == "" || from == "null" {
		return errNoOrigin
	}
	if !d.trusted(from) {
		return errOrigin
	}
	return nil
}

// trusted reports whether an address is one of ours.
func (d *Door) trusted(address string) bool {
	origin := originOf(address)
	return origin != "" && (origin == originOf(d.Public) || slices.ContainsFunc(d.Origins, func(o string) bool { return originOf(o) == origin }))
}

// originOf is the origin of an address with http or https (RFC 6454), or "".
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}

// back are the fields that say where to lead the person, and what better-auth calls them.
var back = []struct{ field, name, code string }{
	{"callbackURL", "callbackURL", "INVALID_CALLBACK_URL"},
	{"redirectTo", "redirectURL", "INVALID_REDIRECT_URL"},
	{"errorCallbackURL", "errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"},
	{"newUserCallbackURL", "newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"},
}

func (d *Door) leadsHome(r *request) error {
	body, _ := r.body.(map[string]any)
	for _, b := range back {
		value, ok := body[b.field]
		if !ok || value == nil || value == "" || value == false || value == 0.0 { // what JavaScript takes for false
			continue
		}
		address, ok := value.(string)
		if !ok {
			return &failure{http.StatusBadRequest, "Invalid " + b.name + ": expected a string", ""}
		}
		if !d.home(address) {
			return &failure{http.StatusForbidden, "Invalid " + b.name, b.code}
		}
	}
	return nil
}

// home reports whether somebody may be led to an address: a path of ours, or a trusted origin.
func (d *Door) home(address string) bool {
	if strings.HasPrefix(address, "/") {
		return safePath(address)
	}
	return d.trusted(address)
}

var (
	control   = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}]`)
	separator = regexp.MustCompile(`(?i)%2f|%5c`)
)

// safePath reports whether every browser and router takes the address for a path of this site.
func safePath(address string) bool {
	if strings.HasPrefix(address, "//") || strings.Contains(address, `\`) || control.MatchString(address) {
		return false
	}
	path, _, _ := strings.Cut(address, "?")
	path, _, _ = strings.Cut(path, "#")
	if separator.MatchString(path) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host == "" && u.Scheme == ""
}

// with adds a parameter to an address that home allows.
func with(address, name, value string) string {
	address, fragment, _ := strings.Cut(address, "#")
	join := "?"
	if strings.Contains(address, "?") {
		join = "&"
	}
	if fragment != "" {
		fragment = "#" + fragment
	}
	return address + join + name + "=" + url.QueryEscape(value) + fragment
}
