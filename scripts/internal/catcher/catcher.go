// Package catcher is a mail server that delivers nothing: it takes every letter and shows
// it, to people on a page and to programs as JSON.
package catcher

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/tickler-app/tickler/pkg/run"
)

// What is kept at most; then the oldest goes.
const (
	maxMessages = 1000
	maxBytes    = 64 << 20
	maxMessage  = 5 << 20 // bytes of one letter; more is refused
)

// Message is a letter. From and To are the envelope's addresses.
type Message struct {
	From       string            `json:"from"`
	To         []string          `json:"to"`
	Subject    string            `json:"subject"`
	Text       string            `json:"text"`
	HTML       string            `json:"html"`
	Headers    map[string]string `json:"headers"` // by the name as it was written
	ReceivedAt time.Time         `json:"received_at"`

	size int
}

// Catcher keeps what was caught, in memory. Its zero value is empty and ready.
type Catcher struct {
	mu       sync.Mutex
	messages []Message
	bytes    int
}

// Serve takes letters from one listener and shows them on the other, until ctx ends.
func (c *Catcher) Serve(ctx context.Context, letters, pages net.Listener) error {
	post := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{catcher: c}, nil }))
	post.Domain, post.MaxMessageBytes, post.MaxRecipients, post.EnableSMTPUTF8 = "localhost", maxMessage, 100, true
	post.ReadTimeout, post.WriteTimeout = time.Minute, time.Minute
	web := &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	return run.Together(ctx,
		func(ctx context.Context) error {
			defer context.AfterFunc(ctx, func() { post.Close() })()
			return unlessEnded(ctx, post.Serve(letters))
		},
		func(ctx context.Context) error {
			defer context.AfterFunc(ctx, func() { web.Close() })()
			return unlessEnded(ctx, web.Serve(pages))
		})
}

func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// add keeps a message, and forgets the oldest where there are too many.
func (c *Catcher) add(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, m)
	c.bytes += m.size
	for len(c.messages) > maxMessages || c.bytes > maxBytes {
		c.bytes -= c.messages[0].size
		c.messages = c.messages[1:]
	}
}

// list returns what was caught, oldest first; never nil.
func (c *Catcher) list() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Message{}, c.messages...)
}

func (c *Catcher) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages, c.bytes = nil, 0
}

// A session is one SMTP connection.
type session struct {
	catcher *Catcher
	from    string
	to      []string
}

func (s *session) Reset()                                      { s.from, s.to = "", nil }
func (s *session) Logout() error                               { return nil }
func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error   { s.to = append(s.to, to); return nil }

// Data takes the letter itself. What cannot be understood of it is shown as it came.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := parse(raw)
	m.From, m.To, m.ReceivedAt = s.from, append([]string{}, s.to...), time.Now().UTC()
	s.catcher.add(m)
	return nil
}
