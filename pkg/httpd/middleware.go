package httpd

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/openapi"
	"github.com/tickler-app/tickler/pkg/telemetry"
)

const requestIDHeader = "X-Request-Id"

// likeRequestID is what a caller's request id may look like. It goes into logs, events and
// the trail, so it is short and plain.
var likeRequestID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$`)

// RequestID returns the caller's request id if it looks like one, else a new one.
func RequestID(r *http.Request) string {
	if id := r.Header.Get(requestIDHeader); likeRequestID.MatchString(id) {
		return id
	}
	return uuid.Must(uuid.NewV7()).String()
}

// identified gives the request its id.
func identified(c *gin.Context) {
	id := RequestID(c.Request)
	c.Header(requestIDHeader, id)
	c.Request = c.Request.WithContext(telemetry.WithRequestID(c.Request.Context(), id))
	c.Next()
}

// unescaped gives the handlers their path's parameters as text. The router looks at the path
// as it was sent, so that an escaped slash is a part of a parameter, such as a tag.
func unescaped(c *gin.Context) {
	if c.Request.URL.RawPath == "" { // the path had nothing that stands for something else
		return
	}
	for i, param := range c.Params {
		if text, err := url.PathUnescape(param.Value); err == nil { // it was parsed once
			c.Params[i].Value = text
		}
	}
}

// cors lets the pages of the given origins call, see the Fetch standard's CORS protocol.
func cors(origins []string) gin.HandlerFunc {
	return func(c *gin.Context) {
		origin := c.GetHeader("Origin")
		if origin == "" || !slices.Contains(origins, origin) {
			c.Next()
			return
		}
		header := c.Writer.Header()
		header.Add("Vary", "Origin")
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", "ETag, Location, Retry-After, X-Request-Id, Idempotency-Replayed, X-Conversation-Id, WWW-Authenticate")
		if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
			header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE")
			header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Idempotency-Window, X-Request-Id, X-Tickler-Client, traceparent, MCP-Protocol-Version, Mcp-Method, Mcp-Name")
			header.Set("Access-Control-Max-Age", "600")
			c.AbortWithStatus(http.StatusNoContent)
			return
		}
		c.Next()
	}
}

// validated refuses what the document does not allow. The body is read here, once, and
// bounded; the handler reads it again from memory.
func validated(doc *openapi.Document) gin.HandlerFunc {
	return func(c *gin.Context) {
		op := doc.Operation(c.Request.Method, c.FullPath())
		if op == nil {
			c.Next()
			return
		}
		values, err := url.ParseQuery(c.Request.URL.RawQuery)
		if err != nil { // what cannot be read would pass for absent
			Fail(c, fault.New(fault.Malformed, "the query cannot be read: %s", err))
			return
		}
		body, err := read(c.Writer, c.Request, op.MaxBody)
		if err == nil {
			err = both(op.Query(values), op.Body(c.GetHeader("Content-Type"), body))
		}
		if err != nil {
			Fail(c, err)
			return
		}
		c.Next()
	}
}

// both is what is wrong with the one and the other: fields of both where that is all.
func both(query, body error) error {
	one, ok1 := errors.AsType[*fault.Error](query)
	two, ok2 := errors.AsType[*fault.Error](body)
	if ok1 && ok2 && one.Kind == fault.Invalid && two.Kind == fault.Invalid {
		return fault.Fields(slices.Concat(one.Fields, two.Fields)...)
	}
	return cmp.Or(query, body)
}

// passedOver is how much of a body that is too large is read all the same. Who is answered while
// it still sends may see its connection reset instead of the answer, a proxy above all.
const passedOver = 8 << 20

func read(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, fault.New(fault.UnsupportedMediaType, "the body's Content-Encoding %q is not taken", encoding)
	}
	tooLarge := fault.New(fault.TooLarge, "the body is larger than %d bytes", most)
	if r.ContentLength > most+passedOver { // no need to wait for it
		w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return nil, fault.New(fault.Malformed, "the body ended early")
	}
	if int64(len(body)) > most {
		_, _ = io.CopyN(io.Discard, r.Body, passedOver) // what is left more ends the connection
		return nil, tooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}
