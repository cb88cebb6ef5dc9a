// Package sms sends notices as text messages, by Twilio's API.
package sms

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Caller makes calls to Twilio.
type Caller interface {
	Do(req *http.Request) (*http.Response, error)
}

// Twilio implements notice.Sender.
type Twilio struct {
	Calls   Caller
	Base    string // of the API, without a slash at its end
	Account string // SID
	Token   string
	From    string // a number, or the SID of a messaging service (MG…)
	Public  string // URL of the house
	Now     func() time.Time
}

// Send hands a message over. Twilio has no idempotency key; ours is sent for those who stand
// before it.
func (t *Twilio) Send(ctx context.Context, p *notice.Parcel) error {
	if p.Preferences.Phone == "" {
		return fault.New(fault.Invalid, "there is no phone number")
	}
	short, _ := p.Notice.Words()
	if p.Notice.Due != "" {
		short += " (due " + p.Notice.Due + ")"
	}
	form := url.Values{"To": {p.Preferences.Phone}, "Body": {short + "\n" + t.Public + "/tasks"}}
	if strings.HasPrefix(t.From, "MG") {
		form.Set("MessagingServiceSid", t.From)
	} else {
		form.Set("From", t.From)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Base+"/2010-04-01/Accounts/"+url.PathEscape(t.Account)+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("call Twilio: %w", err)
	}
	req.SetBasicAuth(t.Account, t.Token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Idempotency-Key", p.ID.String())
	res, err := t.Calls.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what is missing is only missed in the reason
	if err := notice.Answered(res.StatusCode, res.Header.Get("Retry-After"), t.Now()); err == nil || !fault.KindOf(err).Lasting() {
		return err
	}
	var told struct {
		Code    int
		Message string
	}
	if json.Unmarshal(body, &told) != nil || told.Message == "" {
		told.Message = res.Status
	}
	return fault.New(fault.Invalid, "the provider refuses it: %s (%d)", told.Message, told.Code)
}
