package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/webhook"
)

// The secret and signature are those of Standard Webhooks' own example.
const (
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	messageID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
)

func TestADeliveryIsSignedAsStandardWebhooksSays(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(hook.Close)
	sender := &webhook.Sender{Calls: reach.New(reach.Config{Target: "outside"}), Now: func() time.Time { return time.Unix(1614265330, 0) }}
	id := uuid.New()
	p := &notice.Parcel{
		Delivery: notice.Delivery{ID: uuid.New(), WebhookID: id, Body: []byte(`{"test": 2432232314}`)},
		Hook:     notice.Hook{ID: id, URL: hook.URL, Enabled: true, Secret: secret},
	}
	if err := sender.Send(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	signed := func(id string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + ".1614265330." + `{"test": 2432232314}`))
		return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	if signed(messageID) != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Fatal("the test signs otherwise than the specification")
	}
	if got.Header.Get("webhook-id") != p.ID.String() || got.Header.Get("webhook-timestamp") != "1614265330" ||
		got.Header.Get("webhook-signature") != signed(p.ID.String()) || string(body) != `{"test": 2432232314}` {
		t.Errorf("%v %s", got.Header, body)
	}
}

func TestWhatAProgramAnswers(t *testing.T) {
	t.Parallel()
	status := 0
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://127.0.0.1/elsewhere")
		w.WriteHeader(status)
	}))
	t.Cleanup(hook.Close)
	sender := &webhook.Sender{Calls: reach.New(reach.Config{Target: "outside"}), Now: time.Now}
	id := uuid.New()
	p := &notice.Parcel{Delivery: notice.Delivery{WebhookID: id}, Hook: notice.Hook{ID: id, URL: hook.URL, Enabled: true, Secret: secret}}
	for answered, kind := range map[int]fault.Kind{400: fault.Unavailable, 404: fault.Unavailable, 410: fault.Invalid, 307: fault.Unavailable, 500: fault.Unavailable, 429: fault.RateLimited} {
		status = answered
		if err := sender.Send(t.Context(), p); fault.KindOf(err) != kind {
			t.Errorf("%d: %v", status, err)
		}
	}
	off, none := *p, notice.Parcel{}
	off.Hook.Enabled = false
	for name, p := range map[string]*notice.Parcel{"turned off": &off, "none": &none} {
		if err := sender.Send(t.Context(), p); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
