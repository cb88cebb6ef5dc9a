package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// statuses are those of wire-api.md §2, by the code that goes with each.
var statuses = map[string]int{
	"malformed": 400, "unauthorized": 401, "forbidden": 403, "not_found": 404, "method_not_allowed": 405, "conflict": 409,
	"precondition_failed": 412, "too_large": 413, "unsupported_media_type": 415, "invalid": 422, "rate_limited": 429,
}

// Learn remembers ids of an answer, for requests to come.
func (g *Generator) Learn(r *Request, body []byte) { g.pool.learn(noun(r.Call.Path), body) }

// Check returns all that is wrong with an answer. Markers are texts that only another person
// has written.
func (r *Request) Check(res *http.Response, body []byte, markers []string) error {
	var wrong []error
	note := func(form string, args ...any) { wrong = append(wrong, fmt.Errorf(form, args...)) }
	if res.StatusCode >= 500 {
		note("answers %d", res.StatusCode)
	}
	whole := fmt.Sprint(res.Header) + string(body)
	for _, marker := range markers {
		if strings.Contains(whole, marker) {
			note("shows another person's %s", marker)
		}
	}
	if r.Method != http.MethodHead {
		if err := r.Call.op.Answer(res.StatusCode, res.Header.Get("Content-Type"), body); err != nil {
			wrong = append(wrong, err)
		}
	} else if len(body) > 0 {
		note("HEAD has a body")
	}
	if r.Call.own {
		r.checkOwn(res, body, note)
	}
	return errors.Join(wrong...)
}

// checkOwn is for what wire-api.md §2 says of all calls.
func (r *Request) checkOwn(res *http.Response, body []byte, note func(string, ...any)) {
	id := res.Header.Get("X-Request-Id")
	if id == "" {
		note("has no X-Request-Id")
	}
	if own := strings.Contains(r.Call.Path, "{user_id}"); own && (r.foreign || r.nobody) != (res.StatusCode == http.StatusUnauthorized) {
		note("answers %d: another's path is %v, no good token %v", res.StatusCode, r.foreign, r.nobody)
	}
	replayed := res.Header.Get("Idempotency-Replayed") != "" // what it made may be gone, and its state with it
	if res.StatusCode == http.StatusCreated && (res.Header.Get("Location") == "" || res.Header.Get("ETag") == "" && !replayed) {
		note("201 with Location %q and ETag %q", res.Header.Get("Location"), res.Header.Get("ETag"))
	}
	if res.StatusCode == http.StatusNoContent && len(body) > 0 {
		note("204 has a body")
	}
	if res.StatusCode < 400 || r.Method == http.MethodHead {
		return
	}
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
		RequestID                 string `json:"request_id"`
		Errors                    []struct{ Field, Code, Detail string }
	}
	if media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); media != "application/problem+json" || json.Unmarshal(body, &p) != nil {
		note("the failure is no problem: %s", body)
		return
	}
	if p.Status != res.StatusCode || statuses[p.Code] != res.StatusCode || p.Type != "/problems/"+p.Code || p.Title == "" || p.Detail == "" || p.RequestID != id {
		note("the problem is %+v", p)
	}
	if p.Code == "invalid" && len(p.Errors) == 0 {
		note("no field is named: %s", p.Detail)
	}
	if res.StatusCode == http.StatusUnauthorized && res.Header.Get("WWW-Authenticate") != "Bearer" {
		note("401 without WWW-Authenticate")
	}
	if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
		note("429 without Retry-After")
	}
}
