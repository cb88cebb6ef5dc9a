package rest

import (
	"bytes"
	"io"
	"net/http"
)

// mostAgain bounds the body of a request that may be sent again, in bytes.
const mostAgain = 64 << 10

// again lets the transport send a request once more whose connection closed as it left, as that
// of a replica does which is being replaced: with an Idempotency-Key that does no harm (RFC 9110,
// section 9.2.2), but a body has to be read before, to be there twice.
func again(out *http.Request) {
	if out.Header.Get("Idempotency-Key") == "" || out.Body == nil || out.ContentLength <= 0 || out.ContentLength > mostAgain {
		return
	}
	body := make([]byte, out.ContentLength)
	if n, err := io.ReadFull(out.Body, body); err != nil { // whoever sends it breaks off: so do we
		out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:n]), out.Body))
		return
	}
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Body, _ = out.GetBody()
}
