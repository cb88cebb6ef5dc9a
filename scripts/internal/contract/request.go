package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is one that was made up. It can be read again in a failure's message.
type Request struct {
	Call   *Call
	Method string // HEAD, where the call is a GET, and what no call is
	Path   string // escaped, with its query
	Header http.Header
	Body   []byte

	foreign bool // it is on another person's path
	nobody  bool // it has no token that is good
}

// String is short enough to be read.
func (r *Request) String() string {
	body := r.Body
	if len(body) > 600 {
		body = append(body[:600:600], "…"...)
	}
	return fmt.Sprintf("%s %s %s: %s %s %q %q", r.Call.doc.Service, r.Call.ID, r.Method, r.Path, r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), body)
}

// Request makes one for a call. About a third of them are as the document wants them.
func (g *Generator) Request(c *Call) *Request {
	g.spoil = pick(g, []float64{0, 0.05, 0.3})
	r := &Request{Call: c, Method: c.Method, Header: http.Header{"X-Tickler-Client": {pick(g, []string{"web", "script", ""})}}}
	if r.Method == http.MethodGet && g.chance(0.1) {
		r.Method = http.MethodHead
	}
	r.Path = c.Path
	query := url.Values{}
	for _, param := range c.params {
		name, _ := param["name"].(string)
		switch needed, _ := param["required"].(bool); {
		case param["in"] == "path":
			r.Path = strings.ReplaceAll(r.Path, "{"+name+"}", url.PathEscape(g.segment(r, name)))
		case !needed && g.chance(0.5):
		case param["in"] == "query":
			for _, value := range g.values(c.doc, name, object(param["schema"])) {
				query.Add(name, value)
			}
		case param["in"] == "header":
			for _, value := range g.values(c.doc, name, object(param["schema"])) {
				r.Header.Set(name, headerText(value))
			}
		}
	}
	if g.chance(g.spoil / 3) {
		query.Add(pick(g, []string{"unknown", "", "limit"}), pick(g, hostile))
	}
	if len(query) > 0 {
		r.Path += "?" + query.Encode()
	}
	g.body(r)
	r.nobody = g.chance(0.03)
	return r
}

// segment is a part of the path.
func (g *Generator) segment(r *Request, name string) string {
	if name == "user_id" {
		if r.foreign = g.chance(0.04); r.foreign {
			return g.pool.Theirs["user_id"]
		}
		return g.pool.UserID
	}
	learned := map[string]string{"id": noun(r.Call.Path), "rid": "reminders", "delivery_id": "deliveries"}[name]
	if text := g.pool.of(g, learned); text != "" && g.chance(0.8) {
		return text
	}
	if known := plausible[name]; known != nil && g.chance(0.7) {
		return pick(g, known)
	}
	text := g.pool.id(g)
	for part := range strings.SplitSeq(text, "/") {
		if part == "" || part == "." || part == ".." { // these are no segments, and lead elsewhere
			return "none"
		}
	}
	return text
}

// noun is what a path is about: tasks of /api/{user_id}/tasks/{id}/complete. Deliveries lie
// below webhooks.
func noun(path string) string {
	parts := strings.Split(path, "/")
	if strings.HasSuffix(path, "/deliveries") {
		return "deliveries"
	}
	if len(parts) > 3 {
		return parts[3]
	}
	return ""
}

// values writes a value as parameters are written, several of them for a list.
func (g *Generator) values(d *Document, name string, schema map[string]any) (texts []string) {
	value := g.value(d, name, schema, 0)
	if many, ok := value.([]any); ok {
		for _, one := range many {
			texts = append(texts, fmt.Sprint(one))
		}
		return texts
	}
	return []string{fmt.Sprint(value)}
}

// headerText leaves out what cannot be sent in a header.
func headerText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

func (g *Generator) body(r *Request) {
	if len(r.Call.bodies) == 0 {
		return
	}
	media := pick(g, slices.Sorted(maps.Keys(r.Call.bodies)))
	value := g.value(r.Call.doc, "", r.Call.bodies[media], 0)
	r.Header.Set("Content-Type", media)
	switch {
	case strings.HasSuffix(media, "json"):
		r.Body, _ = json.Marshal(value) // all of it can be written
	case media == "application/x-www-form-urlencoded":
		form := url.Values{}
		for name, one := range object(value) {
			form.Set(name, fmt.Sprint(one))
		}
		r.Body = []byte(form.Encode())
	default:
		r.Body = []byte(pick(g, append(hostile, g.words(500))))
	}
	if g.chance(g.spoil / 2) {
		g.maim(r)
	}
}

// maim makes a body none.
func (g *Generator) maim(r *Request) {
	switch g.rand.IntN(7) {
	case 0:
		r.Body = r.Body[:g.rand.IntN(len(r.Body)+1)]
	case 1:
		r.Body = append(r.Body, 0xff, 0xfe)
	case 2:
		r.Body = bytes.Repeat([]byte("["), 20_000)
	case 3:
		r.Header.Set("Content-Type", pick(g, []string{"text/plain", "", "application/json; charset=latin1", ";", "application/xml"}))
	case 4:
		r.Body = nil
	case 5:
		r.Body = fmt.Appendf(nil, `{"title":"%s"}`, strings.Repeat("x", 1<<20))
	case 6:
		r.Body = append(r.Body, r.Body...)
	}
}

// Send sends it to where a service answers, and returns the answer with its body read.
func (r *Request) Send(ctx context.Context, client *http.Client, base string, header http.Header) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, base+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(req.Header, r.Header)
	maps.Copy(req.Header, header)
	if r.nobody {
		req.Header.Set("Authorization", "Bearer tkl_x.y.z")
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}
