// Package catcher is a mail server for tests: it keeps what it is given and shows it over HTTP.
package catcher

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Catcher is a mail server on Addr; URL shows its messages as JSON.
type Catcher struct {
	Addr, URL string

	mu       sync.Mutex
	messages []Message
}

// Message is a letter that came.
type Message struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	ID      string   `json:"id"`
}

// Start listens on addr until the test ends. Who is addressed at "refused." is refused for good.
func Start(t testing.TB, addr string) *Catcher {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &Catcher{Addr: ln.Addr().String(), messages: []Message{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &visit{catcher: c}, nil }))
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(ln) }() // ends with an error when it is closed
	t.Cleanup(func() { _ = server.Close(); <-ended })
	shown := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": c.Messages()}) // the test may be gone
	}))
	t.Cleanup(shown.Close)
	c.URL = shown.URL
	return c
}

// Messages are the letters that came, in order.
func (c *Catcher) Messages() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.messages)
}

// visit is one connection.
type visit struct {
	catcher *Catcher
	to      []string
}

// Mail implements smtp.Session.
func (v *visit) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "refused.") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here"}
	}
	v.to = append(v.to, to)
	return nil
}

// Reset implements smtp.Session.
func (v *visit) Reset() { v.to = nil }

// Logout implements smtp.Session.
func (v *visit) Logout() error { return nil }

// Data implements smtp.Session.
func (v *visit) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	subject, headerErr := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err := errors.Join(err, headerErr); err != nil {
		return err
	}
	v.catcher.mu.Lock()
	defer v.catcher.mu.Unlock()
	v.catcher.messages = append(v.catcher.messages, Message{v.to, subject, string(text), m.Header.Get("Message-ID")})
	return nil
}
