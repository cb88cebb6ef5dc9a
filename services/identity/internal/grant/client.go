// Package grant is what a person allows an agent's program to do: who may ask, what they are
// asked, and the codes and refresh tokens that follow (OAuth 2.1).
package grant

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
)

// Client is a program that asks for access. It has no secret: anybody can say they are it, so
// what it gets goes only where it says it lives.
type Client struct {
	ID        string // ours, if it registered here, or the address of its metadata document
	Name      string
	Redirects []string
	CreatedAt time.Time
}

// Bounds of what a client says of itself.
const (
	longestName     = 100
	longestRedirect = 2000
	mostRedirects   = 20
)

// ErrMetadata is the error of client metadata that cannot be taken.
var ErrMetadata = fault.New(fault.Invalid, "the client's metadata cannot be taken")

// ErrRedirects is the error of redirect addresses that cannot be taken.
var ErrRedirects = fault.New(fault.Invalid, "redirect_uris must be https, http on loopback, or a scheme with a dot, without a fragment")

// NewClient checks what a client says of itself. An empty id makes it one that is registered here.
func NewClient(id, name string, redirects []string, now time.Time) (Client, error) {
	if len(redirects) == 0 || len(redirects) > mostRedirects || slices.ContainsFunc(redirects, func(r string) bool { return !fit(r) }) {
		return Client{}, ErrRedirects
	}
	if id == "" {
		id = secret.Text(32)
	}
	if name = clean(name); name == "" {
		name = clean(hostOf(redirects[0]))
	}
	return Client{ID: id, Name: name, Redirects: redirects, CreatedAt: now}, nil
}

// clean makes one short line of a name, which is a stranger's text. What cannot be seen goes:
// some of it turns round what follows.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	for utf8.RuneCountInString(name) > longestName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// fit reports whether an address can be one that codes are sent to (RFC 8252 and OAuth 2.1,
// section 2.3.1).
func fit(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > longestRedirect || u.Fragment != "" || strings.Contains(address, "#") || strings.ContainsAny(address, "\x00\r\n") {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != "" && u.User == nil
	case "http":
		return loopback(u.Hostname()) && u.User == nil
	}
	return strings.Contains(u.Scheme, ".")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// at puts behind the name where the document that gave it lies, whatever the name's length: that
// part is checked.
func (c Client) at(host string) Client {
	c.Name += " (" + host + ")"
	return c
}

// leads reports whether the client lives at that address: it is one of its own, letter by
// letter, but for the port on loopback, which a program takes as it finds it (RFC 8252, 7.3).
func (c *Client) leads(address string) bool {
	return slices.ContainsFunc(c.Redirects, func(own string) bool { return own == address || sameButPort(own, address) })
}

func sameButPort(own, address string) bool {
	a, err1 := url.Parse(own)
	b, err2 := url.Parse(address)
	if err1 != nil || err2 != nil || a.Scheme != "http" || !loopback(a.Hostname()) || !fit(address) {
		return false
	}
	a.Host, b.Host = a.Hostname(), b.Hostname()
	return a.String() == b.String()
}

// hostOf is where an address leads, for people to judge.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// IsDocument reports whether a client's id is the address of its metadata document.
func IsDocument(id string) bool {
	u, err := url.Parse(id)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.Fragment == "" && strings.Trim(u.Path, "/") != "" && len(id) <= longestRedirect
}
