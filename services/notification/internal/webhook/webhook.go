// Package webhook tells people's own programs what happens, signed as Standard Webhooks says
// (github.com/standard-webhooks/standard-webhooks, version 1.0.0).
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Caller makes calls to addresses that people gave.
type Caller interface {
	Do(req *http.Request) (*http.Response, error)
}

// Sender implements notice.Sender.
type Sender struct {
	Calls Caller
	Now   func() time.Time
}

// Send posts a delivery. Whatever a program answers but 2xx is tried again, since it may be
// mended meanwhile; only 410 says that it wants no more of it.
func (s *Sender) Send(ctx context.Context, p *notice.Parcel) error {
	switch {
	case p.WebhookID == uuid.Nil, p.Hook.ID == uuid.Nil:
		return fault.New(fault.Invalid, "there is no webhook")
	case !p.Hook.Enabled:
		return fault.New(fault.Invalid, "the webhook is turned off")
	}
	key, err := p.Hook.Key()
	if err != nil {
		return fmt.Errorf("key of a webhook: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Hook.URL, bytes.NewReader(p.Body))
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "the address is no address")
	}
	at := strconv.FormatInt(s.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Tickler-Webhook/1")
	req.Header.Set("Webhook-Id", p.ID.String())
	req.Header.Set("Webhook-Timestamp", at)
	req.Header.Set("Webhook-Signature", sign(key, p.ID.String(), at, p.Body))
	res, err := s.Calls.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096)) // so that the connection is used again
	err = notice.Answered(res.StatusCode, res.Header.Get("Retry-After"), s.Now())
	if fault.KindOf(err) == fault.Invalid && res.StatusCode != http.StatusGone {
		return fault.New(fault.Unavailable, "the webhook answers %d", res.StatusCode)
	}
	return err
}

// sign is the signature of one attempt.
func sign(key []byte, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
