package rest

import (
	"bytes"
	"io"
	"net/http"
)

// mostHeld bounds the body of a request that is read before it is passed on, in bytes.
const mostHeld = 64 << 10

// hold reads a small body before the request is passed on. A service may answer before the
// transport has seen the body's end, and with the answer begun the server closes the body: then
// the transport would end the connection in the middle of the answer.
//
// It also lets the transport send a request once more whose connection closed as it left, as that
// of a replica does which is being replaced: with an Idempotency-Key that does no harm (RFC 9110,
// section 9.2.2).
func hold(out *http.Request) {
	if out.Body == nil || out.ContentLength <= 0 || out.ContentLength > mostHeld {
		return
	}
	body := make([]byte, out.ContentLength)
	if n, err := io.ReadFull(out.Body, body); err != nil { // whoever sends it breaks off: so do we
		out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:n]), out.Body))
		return
	}
	held := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Body, _ = held()
	if out.Header.Get("Idempotency-Key") != "" {
		out.GetBody = held
	}
}
