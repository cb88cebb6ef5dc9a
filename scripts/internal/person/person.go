// Package person is somebody who uses Tickler from outside, as a program would: over HTTP
// and the live feed, knowing nothing of what is behind.
package person

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Person is somebody who has signed up. Its methods may be called side by side.
type Person struct {
	ID    string
	Email string // with Password
	Token string // good for 15 minutes; see Refresh
	// API and Trail are where their calls go: the public origin, unless a benchmark wants to
	// leave that out.
	API, Trail string

	origin string
	http   *http.Client
	calls  *http.Client
	feeds  *http.Client
}

// Password is every person's: nobody else can reach the houses that they live in.
const Password = "correct horse battery staple"

// SignUp makes a new person at a public origin, in a time zone.
func SignUp(ctx context.Context, origin, zone string) (*Person, error) {
	return SignUpThrough(ctx, origin, "", zone)
}

// SignUpThrough is SignUp for whoever stands inside, where the public origin answers at
// another address, such as http://web:3000.
func SignUpThrough(ctx context.Context, origin, at, zone string) (*Person, error) {
	p, err := nobody(origin, at)
	if err != nil {
		return nil, err
	}
	name := uuid.NewString()
	return p, p.enter(ctx, name+"@example.com", "/sign-up/email", map[string]any{
		"name": "Person " + name[:4], "email": name + "@example.com", "password": Password, "timeZone": zone})
}

// SignIn returns a person who signed up before.
func SignIn(ctx context.Context, origin, email string) (*Person, error) {
	p, err := nobody(origin, "")
	if err != nil {
		return nil, err
	}
	return p, p.enter(ctx, email, "/sign-in/email", map[string]any{"email": email, "password": Password})
}

// enter signs up or in.
func (p *Person) enter(ctx context.Context, email, path string, body map[string]any) error {
	var made struct{ User struct{ ID string } }
	if err := p.auth(ctx, "POST", path, body, &made); err != nil {
		return err
	}
	p.ID, p.Email = made.User.ID, email
	return p.Refresh(ctx)
}

// nobody is a person who has not entered yet.
func nobody(origin, at string) (*Person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	var transport http.RoundTripper = &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxIdleConnsPerHost: 64, MaxIdleConns: 256,
	}
	if at != "" {
		inside, err := url.Parse(at)
		if err != nil {
			return nil, err
		}
		transport = elsewhere{inside, transport}
	}
	return &Person{API: origin, Trail: origin, origin: origin,
		http:  &http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: transport},
		calls: &http.Client{Timeout: 20 * time.Second, Transport: transport},
		feeds: &http.Client{Transport: transport},
	}, nil
}

// elsewhere sends requests to another address than theirs, as a name server would.
type elsewhere struct {
	at   *url.URL
	next http.RoundTripper
}

// RoundTrip leaves the Host as it was asked for.
func (e elsewhere) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := req.Clone(req.Context())
	sent.Host = req.URL.Host
	sent.URL.Scheme, sent.URL.Host = e.at.Scheme, e.at.Host
	return e.next.RoundTrip(sent)
}

// Refresh gets a new token for the session.
func (p *Person) Refresh(ctx context.Context) error {
	var got struct{ Token string }
	err := p.auth(ctx, "GET", "/token", nil, &got)
	p.Token = got.Token
	return err
}

// Leave deletes the person, with all that is theirs.
func (p *Person) Leave(ctx context.Context) error {
	return p.auth(ctx, "POST", "/delete-user", map[string]any{"password": Password}, nil)
}

func (p *Person) auth(ctx context.Context, method, path string, body, answer any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.origin+"/api/auth"+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Origin", p.origin)
	req.Header.Set("Content-Type", "application/json")
	_, err = read(p.http, req, answer)
	return err
}

// Problem is an answer that is none of success.
type Problem struct {
	Status     int
	Code       string `json:"code"`
	Detail     string `json:"detail"`
	RetryAfter string `json:"-"`
}

// Error says what was answered.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// StatusOf is the status of an answer, or 0 where there was none.
func StatusOf(err error) int {
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem.Status
	}
	return 0
}

// Call makes a call under /api/{user_id}/ and reads its JSON into answer, if that is not
// nil. A key is its Idempotency-Key. The error is a *Problem where there was an answer.
func (p *Person) Call(ctx context.Context, method, path string, body any, key string, answer any) (http.Header, error) {
	header := http.Header{}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return p.CallWith(ctx, method, path, body, header, answer)
}

// CallWith is Call with these headers besides those that every call has.
func (p *Person) CallWith(ctx context.Context, method, path string, body any, header http.Header, answer any) (http.Header, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	base := p.API
	if path == "audit-logs" || len(path) > 10 && path[:11] == "audit-logs?" {
		base = p.Trail
	}
	req, err := http.NewRequestWithContext(ctx, method, base+"/api/"+p.ID+"/"+path, content)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return read(p.calls, req, answer)
}

func read(client *http.Client, req *http.Request, answer any) (http.Header, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 400 {
		problem := &Problem{Status: res.StatusCode, RetryAfter: res.Header.Get("Retry-After"), Detail: string(content)}
		_ = json.Unmarshal(content, problem) // better-auth's errors have another form, and stay as they are
		return res.Header, problem
	}
	if answer == nil || len(content) == 0 {
		return res.Header, nil
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return res.Header, fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	return res.Header, nil
}

// Task is what a person looks at of a task.
type Task struct {
	ID        string  `json:"id"`
	Title     string  `json:"title"`
	Completed bool    `json:"completed"`
	DueDate   *string `json:"due_date"`
	Version   int     `json:"version"`
	DeletedAt *string `json:"deleted_at"`
	Reminders []struct {
		Status string  `json:"status"`
		SentAt *string `json:"sent_at"`
	} `json:"reminders"`
}

// Add adds a task with these fields.
func (p *Person) Add(ctx context.Context, key string, fields map[string]any) (t Task, err error) {
	_, err = p.Call(ctx, "POST", "tasks", fields, key, &t)
	return t, err
}

// Entry is one of the trail.
type Entry struct {
	EventID   string `json:"event_id"`
	Type      string `json:"event_type"`
	TaskID    string `json:"task_id"`
	Version   int    `json:"version"`
	RequestID string `json:"request_id"`
	Source    string `json:"source"`
	Actor     struct {
		Type string `json:"type"`
		Name string `json:"name"`
	} `json:"actor"`
}

// Entries reads the whole trail of the person's tasks, newest first.
func (p *Person) Entries(ctx context.Context) (all []Entry, err error) {
	for path := "audit-logs?limit=200"; ; {
		var page struct {
			Logs []Entry `json:"audit_logs"`
			Next *string `json:"next_cursor"`
		}
		if _, err := p.Call(ctx, "GET", path, nil, "", &page); err != nil {
			return nil, err
		}
		for _, e := range page.Logs {
			if e.TaskID != "" {
				all = append(all, e)
			}
		}
		if page.Next == nil {
			return all, nil
		}
		path = "audit-logs?limit=200&cursor=" + *page.Next
	}
}

// SignOut ends the session. Tokens that it gave are good for the services until they end,
// but not for the feed.
func (p *Person) SignOut(ctx context.Context) error {
	return p.auth(ctx, "POST", "/sign-out", map[string]any{}, nil)
}
