package catcher

import (
	"bytes"
	"io"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // letters in other character sets than UTF-8
	"github.com/emersion/go-message/mail"
)

// parse reads a letter: its header, and of its parts the first text and the first HTML.
func parse(raw []byte) Message {
	m := Message{Headers: map[string]string{}, size: len(raw)}
	reader, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		m.Text = string(raw)
		return m
	}
	for fields := reader.Header.Fields(); fields.Next(); {
		name := written(fields)
		value, err := fields.Text()
		if err != nil {
			value = fields.Value()
		}
		if before, again := m.Headers[name]; again {
			value = before + ", " + value
		}
		m.Headers[name] = value
	}
	if m.Subject, err = reader.Header.Subject(); err != nil {
		m.Subject = reader.Header.Get("Subject")
	}
	for {
		part, err := reader.NextPart()
		if err != nil && !message.IsUnknownCharset(err) {
			return m // its end, or a part that nobody could read
		}
		inline, ok := part.Header.(*mail.InlineHeader)
		if !ok {
			continue // an attachment
		}
		kind, _, _ := inline.ContentType()
		body, _ := io.ReadAll(part.Body)
		switch text := strings.ReplaceAll(string(body), "\r\n", "\n"); {
		case kind == "text/html" && m.HTML == "":
			m.HTML = text
		case kind != "text/html" && m.Text == "":
			m.Text = text
		}
	}
}

// written is a field's name as the sender wrote it, not as the library would.
func written(fields message.HeaderFields) string {
	raw, err := fields.Raw()
	if name, _, ok := bytes.Cut(raw, []byte(":")); err == nil && ok {
		return strings.TrimSpace(string(name))
	}
	return fields.Key()
}
