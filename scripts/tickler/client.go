package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// client makes calls for one person.
type client struct {
	url    string
	userID string
	cookie string // of the session that tokens are got with; empty: token is all there is
	token  string
	http   *http.Client
}

// problem is an answer that is none of success.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Errors []struct{ Field, Detail string }

	Message string `json:"message"` // in its place where better-auth's wire is spoken
}

// Error says what was answered, for a person.
func (p *problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Message
	}
	switch {
	case text != "":
	case p.Status == http.StatusUnauthorized:
		text = "the token is wrong, or has ended"
	default:
		text = fmt.Sprintf("the server answers %d", p.Status)
	}
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s %s", strings.TrimPrefix(e.Field, "/"), e.Detail)
	}
	return text
}

func (p *problem) exit() int {
	switch {
	case p.Status == http.StatusUnauthorized, p.Status == http.StatusForbidden:
		return exitSignIn
	case p.Status == http.StatusNotFound:
		return exitNotFound
	case p.Status == http.StatusTooManyRequests, p.Status >= 500:
		return exitAway
	case p.Status >= 400:
		return exitRefused
	}
	return exitFailed
}

var errAway = errors.New("the server cannot be reached")

const (
	callWithin = 30 * time.Second
	attempts   = 3
	mostAnswer = 64 << 20
)

// origin is where the server is: what was asked for, else where the last login was.
func (s *session) origin(kept login) (string, error) {
	text := s.url
	if text == "" {
		text, _ = s.lookup("TICKLER_URL")
	}
	if text == "" {
		text = kept.URL
	}
	if text == "" {
		text = "http://127.0.0.1:3000" // where make up answers
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is not of the form https://host; %w", text, errUsage)
	}
	return u.Scheme + "://" + u.Host, nil
}

// client returns one for who is signed in.
func (s *session) client(ctx context.Context) (*client, error) {
	var kept login
	if err := s.kept(loginFile, &kept); err != nil {
		return nil, err
	}
	origin, err := s.origin(kept)
	if err != nil {
		return nil, err
	}
	c := &client{url: origin, http: &http.Client{Timeout: callWithin, Transport: s.transport}}
	if token, _ := s.lookup("TICKLER_TOKEN"); token != "" {
		c.token = token
		c.userID, err = c.whose(ctx)
		return c, err
	}
	// What is kept is for the server that gave it, and no other.
	if kept.URL != origin || kept.Cookie == "" && kept.Token == "" {
		return nil, errSignIn
	}
	c.userID, c.cookie, c.token = kept.UserID, kept.Cookie, kept.Token
	return c, c.refresh(ctx)
}

// refresh gets a token of the session, which lasts for a quarter of an hour.
func (c *client) refresh(ctx context.Context) error {
	if c.cookie == "" {
		return nil
	}
	var got struct{ Token string }
	_, err := c.do(ctx, http.MethodGet, "/api/auth/token", nil, http.Header{"Cookie": {c.cookie}}, &got)
	if found := (*problem)(nil); errors.As(err, &found) && found.Status == http.StatusUnauthorized {
		return errSignIn
	}
	c.token = got.Token
	return err
}

// call makes a call under /api/{user_id}/.
func (c *client) call(ctx context.Context, method, path string, body, answer any) error {
	header := http.Header{"Authorization": {"Bearer " + c.token}}
	if method == http.MethodPost {
		header.Set("Idempotency-Key", uuid.NewString()) // so that trying again is no second one
	}
	_, err := c.do(ctx, method, "/api/"+url.PathEscape(c.userID)+"/"+path, body, header, answer)
	return err
}

// do makes a call, again if the server is away for a moment.
func (c *client) do(ctx context.Context, method, path string, body any, header http.Header, answer any) (res *http.Response, err error) {
	var content []byte
	if body != nil {
		if content, err = json.Marshal(body); err != nil {
			return nil, err
		}
		header = header.Clone()
		header.Set("Content-Type", "application/json")
	}
	for attempt := 1; ; attempt++ {
		res, err = c.once(ctx, method, path, content, header, answer)
		found := (*problem)(nil)
		again := errors.Is(err, errAway) || errors.As(err, &found) && found.Status == http.StatusServiceUnavailable
		if !again || attempt == attempts {
			return res, err
		}
		select {
		case <-ctx.Done():
			return res, err
		case <-time.After(time.Duration(attempt) * 300 * time.Millisecond):
		}
	}
}

func (c *client) once(ctx context.Context, method, path string, content []byte, header http.Header, answer any) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return res, fmt.Errorf("%w: %w", errAway, err)
	}
	if res.StatusCode >= 400 {
		found := &problem{}
		_ = json.Unmarshal(text, found) // a proxy in between may speak otherwise
		found.Status = res.StatusCode
		return res, found
	}
	if answer == nil || len(text) == 0 {
		return res, nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return res, fmt.Errorf("%s is no Tickler: %w", c.url, err)
	}
	return res, nil
}
