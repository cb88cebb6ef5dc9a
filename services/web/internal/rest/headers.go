package rest

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// pagePolicy lets the page load and call its own origin alone. Styles may be inline because
// the components place pop-ups with them; scripts may not. Older browsers do not count a
// socket's address as 'self'.
func pagePolicy(public *url.URL) string {
	socket, upgrade := "ws://"+public.Host, ""
	if public.Scheme == "https" {
		socket, upgrade = "wss://"+public.Host, "; upgrade-insecure-requests"
	}
	return "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self' " + socket + "; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
		"frame-ancestors 'none'" + upgrade
}

// headers are those of every answer.
func (o *Origin) headers(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if o.cfg.Public.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// sealed completes a service's answer: what this origin says of itself stands once, an answer
// that names no policy is no page, and one that says nothing of caches is a person's own.
func sealed(h http.Header) {
	for _, ours := range []string{
		"X-Request-Id", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Strict-Transport-Security",
	} {
		h.Del(ours)
	}
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
}

// forwardedHeaders say whence a request came.
var forwardedHeaders = []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"}

// forwarded writes them. What the request says itself is believed only of a proxy in front of
// us that we trust; anybody could say it.
func forwarded(r *http.Request, trusted []netip.Prefix) {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		peer = r.RemoteAddr
	}
	if !believed(peer, trusted) {
		for _, header := range forwardedHeaders {
			r.Header.Del(header)
		}
	}
	for _, other := range []string{"Forwarded", "X-Real-Ip"} { // nobody behind us is to read these
		r.Header.Del(other)
	}
	r.Header.Set("X-Forwarded-For", strings.Join(append(r.Header["X-Forwarded-For"], peer), ", "))
	if r.Header.Get("X-Forwarded-Host") == "" {
		r.Header.Set("X-Forwarded-Host", r.Host)
	}
	if r.Header.Get("X-Forwarded-Proto") == "" {
		r.Header.Set("X-Forwarded-Proto", "http")
	}
}

func believed(peer string, trusted []netip.Prefix) bool {
	address, err := netip.ParseAddr(peer)
	if err != nil {
		return false
	}
	for _, network := range trusted {
		if network.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}
