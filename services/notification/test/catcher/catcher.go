// Package catcher is a mail server for tests: it keeps what it is given.
package catcher

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Catcher is a mail server on Addr. Who is addressed at "refused." is refused for good, at
// "busy." for now.
type Catcher struct {
	Addr string

	mu       sync.Mutex
	messages []Message
}

// Message is a letter that came.
type Message struct {
	Header     mail.Header
	To         []string
	Subject    string
	Text, HTML string
}

// Start listens on addr until the test ends.
func Start(t testing.TB, addr string) *Catcher {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &Catcher{Addr: ln.Addr().String()}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &visit{catcher: c}, nil }))
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(ln) }() // ends with an error when it is closed
	t.Cleanup(func() { _ = server.Close(); <-ended })
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
	switch {
	case strings.HasPrefix(to, "refused."):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here"}
	case strings.HasPrefix(to, "busy."):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
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
	subject, err1 := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	_, params, err2 := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	var texts [2]string
	for i := range texts {
		part, err := parts.NextRawPart()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return err
		}
		texts[i] = string(text)
	}
	v.catcher.mu.Lock()
	defer v.catcher.mu.Unlock()
	v.catcher.messages = append(v.catcher.messages, Message{m.Header, v.to, subject, texts[0], texts[1]})
	return nil
}
