// Package push sends notices to browsers (web push, RFC 8030, 8291 and 8292).
package push

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
)

// Caller makes calls to push services, whose addresses browsers gave.
type Caller interface {
	Do(req *http.Request) (*http.Response, error)
}

// Keys is where the house's own key pair is kept if it was given none.
type Keys interface {
	// PushKeys returns the pair that is kept; at first it keeps the one that fresh makes.
	PushKeys(ctx context.Context, fresh func() (public, private string, err error)) (public, private string, err error)
	// Unsubscribed forgets a browser that its push service knows no more.
	Unsubscribed(ctx context.Context, subscription uuid.UUID) error
}

// Sender implements notice.Sender.
type Sender struct {
	Calls   Caller
	Keys    Keys
	Subject string // whom a push service may write to: mailto:… or https:…
	Now     func() time.Time

	mu              sync.Mutex
	public, private string
}

// Use takes a key pair that the house was given.
func (s *Sender) Use(public, private string) error {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(public, "="))
	if err != nil || len(raw) != 65 {
		return errors.New("VAPID_PUBLIC_KEY is no uncompressed point of P-256 in base64url")
	}
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(private, "=")); err != nil || len(raw) != 32 {
		return errors.New("VAPID_PRIVATE_KEY is not 32 bytes in base64url")
	}
	s.public, s.private = strings.TrimRight(public, "="), strings.TrimRight(private, "=")
	return nil
}

// PublicKey is what a browser subscribes with.
func (s *Sender) PublicKey(ctx context.Context) (string, error) {
	public, _, err := s.pair(ctx)
	return public, err
}

func (s *Sender) pair(ctx context.Context) (public, private string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.public == "" {
		s.public, s.private, err = s.Keys.PushKeys(ctx, func() (string, string, error) {
			private, public, err := webpush.GenerateVAPIDKeys()
			return public, private, err
		})
	}
	return s.public, s.private, err
}

// ttl is how long a push service keeps a message for a browser that is away, in seconds.
const ttl = 24 * 60 * 60

// Send tells every browser of the person. One that took it is enough; only where none did does
// another attempt tell them all, and the topic makes a push service replace what it still holds.
func (s *Sender) Send(ctx context.Context, p *notice.Parcel) error {
	if len(p.Subscriptions) == 0 {
		return fault.New(fault.Invalid, "no browser takes push messages")
	}
	public, private, err := s.pair(ctx)
	if err != nil {
		return err
	}
	short, long := p.Notice.Words()
	message, err := json.Marshal(map[string]string{"id": p.Notice.ID.String(), "title": short, "body": long, "task_id": p.Notice.TaskID, "kind": p.Notice.Kind})
	if err != nil {
		return fmt.Errorf("write push message: %w", err)
	}
	options := &webpush.Options{
		HTTPClient: s.Calls, Subscriber: strings.TrimPrefix(s.Subject, "mailto:"), TTL: ttl, Urgency: webpush.UrgencyNormal,
		// At most 32 characters of the URL-safe alphabet (RFC 8030, section 5.4).
		Topic:          base64.RawURLEncoding.EncodeToString(p.ID[:]),
		VAPIDPublicKey: public, VAPIDPrivateKey: private,
	}
	if p.Notice.Urgent {
		options.Urgency = webpush.UrgencyHigh
	}
	var took bool
	var failed error
	for _, sub := range p.Subscriptions {
		if err := s.one(ctx, message, sub, options); err == nil {
			took = true
		} else if failed == nil || fault.KindOf(failed).Lasting() {
			failed = err // one that another attempt may mend counts
		}
	}
	if took {
		return nil
	}
	return failed
}

func (s *Sender) one(ctx context.Context, message []byte, sub notice.Subscription, options *webpush.Options) error {
	to := &webpush.Subscription{Endpoint: sub.Endpoint, Keys: webpush.Keys{Auth: sub.Auth, P256dh: sub.P256dh}}
	res, err := webpush.SendNotificationWithContext(ctx, message, to, options)
	if fault.KindOf(err) == fault.Unavailable {
		return err
	} else if err != nil {
		return fault.Wrap(fault.Invalid, err, "the browser's keys are no keys")
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096)) // so that the connection is used again
	if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone {
		err := fault.New(fault.Invalid, "the browser has taken its consent back")
		return errors.Join(err, s.Keys.Unsubscribed(ctx, sub.ID))
	}
	return notice.Answered(res.StatusCode, res.Header.Get("Retry-After"), s.Now())
}
