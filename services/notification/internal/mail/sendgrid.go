package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Caller makes calls to SendGrid.
type Caller interface {
	Do(req *http.Request) (*http.Response, error)
}

// SendGrid implements notice.Sender by its API (v3 mail send).
type SendGrid struct {
	Calls  Caller
	Base   string // of the API, without a slash at its end
	Key    string
	From   string
	Public string // URL of the house
	Now    func() time.Time
}

// grid is a letter as SendGrid takes it.
type grid struct {
	Personalizations []gridTo          `json:"personalizations"`
	From             gridAddress       `json:"from"`
	Subject          string            `json:"subject"`
	Content          []gridContent     `json:"content"`
	Headers          map[string]string `json:"headers"`
	CustomArgs       map[string]string `json:"custom_args"`
}

type gridTo struct {
	To []gridAddress `json:"to"`
}

type gridAddress struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

type gridContent struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Send hands a letter over.
func (s *SendGrid) Send(ctx context.Context, p *notice.Parcel) error {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return fmt.Errorf("SMTP_FROM: %w", err)
	}
	l, err := write(p, s.Public, domainOf(from.Address))
	if err != nil {
		return err
	}
	html, err := l.html()
	if err != nil {
		return err
	}
	headers := l.headers()
	headers["Message-ID"] = "<" + l.ID + ">"
	body, err := json.Marshal(grid{
		Personalizations: []gridTo{{To: []gridAddress{{Email: l.To}}}}, From: gridAddress{from.Address, from.Name}, Subject: l.Subject,
		Content: []gridContent{{"text/plain", l.text()}, {"text/html", html}}, Headers: headers,
		CustomArgs: map[string]string{"delivery": p.ID.String()},
	})
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Base+"/v3/mail/send", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call SendGrid: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Key)
	req.Header.Set("Content-Type", "application/json")
	res, err := s.Calls.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what is missing is only missed in the reason
	answered := notice.Answered(res.StatusCode, res.Header.Get("Retry-After"), s.Now())
	if answered == nil || !fault.KindOf(answered).Lasting() {
		return answered
	}
	var refusal struct{ Errors []struct{ Message string } }
	if json.Unmarshal(said, &refusal) != nil || len(refusal.Errors) == 0 {
		return answered
	}
	return fault.New(fault.Invalid, "the provider refuses it: %s", refusal.Errors[0].Message)
}
