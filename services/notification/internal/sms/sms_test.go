package sms_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/sms"
)

// Twilio answers as its documentation says: 201 with the message, errors with code and message.
func TestMessagesByTwilio(t *testing.T) {
	t.Parallel()
	var answer atomic.Int32
	var form atomic.Pointer[url.Values]
	release := make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.URL.Path != "/2010-04-01/Accounts/AC1/Messages.json" || user != "AC1" || password != "token" || r.ParseForm() != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		form.Store(&r.PostForm)
		status := int(answer.Load())
		switch status {
		case 0: // never answers
			<-release
		case 429:
			w.Header().Set("Retry-After", "5")
		}
		if status > 0 {
			w.WriteHeader(status)
		}
		if status == 400 {
			_, _ = w.Write([]byte(`{"code":21211,"message":"Invalid 'To' Phone Number: +1500","more_info":"https://www.twilio.com/docs/errors/21211","status":400}`))
		}
	}))
	t.Cleanup(api.Close)
	t.Cleanup(func() { close(release) })
	twilio := &sms.Twilio{
		Calls: reach.New(reach.Config{Target: "twilio", Timeout: 300 * time.Millisecond}), Base: api.URL, Account: "AC1", Token: "token", From: "+15005550006",
		Public: "https://todo.example", Now: time.Now,
	}
	p := &notice.Parcel{
		Delivery: notice.Delivery{ID: uuid.New()}, Notice: notice.Notice{Kind: notice.Reminder, Title: "Pay rent", Due: "2026-12-31"},
		Preferences: notice.Preferences{Phone: "+4915112345678"},
	}
	for _, test := range []struct {
		status int
		kind   fault.Kind
		reason string
		wait   time.Duration
	}{
		{201, "", "", 0}, {400, fault.Invalid, "the provider refuses it: Invalid 'To' Phone Number: +1500 (21211)", 0},
		{429, fault.RateLimited, "the provider asks to come back later (429)", 5 * time.Second},
		{500, fault.Unavailable, "the provider is in trouble (500)", 0}, {0, fault.Unavailable, "twilio does not answer", 0},
	} {
		status := test.status
		answer.Store(int32(status))
		err := twilio.Send(t.Context(), p)
		if test.kind == "" {
			if err != nil {
				t.Errorf("%d: %v", status, err)
			}
			continue
		}
		told, ok := err.(*fault.Error)
		if !ok || told.Kind != test.kind || told.Message != test.reason || told.RetryAfter != test.wait {
			t.Errorf("%d: %v", status, err)
		}
	}
	got := *form.Load()
	if got.Get("To") != "+4915112345678" || got.Get("From") != "+15005550006" || got.Get("Body") != "Reminder: Pay rent (due 2026-12-31)\nhttps://todo.example/tasks" {
		t.Errorf("sent %v", got)
	}
	answer.Store(201)
	twilio.From = "MG1"
	err := twilio.Send(t.Context(), p)
	if got = *form.Load(); err != nil || got.Get("MessagingServiceSid") != "MG1" || got.Has("From") {
		t.Errorf("by a messaging service: %v, %v", got, err)
	}
	p.Preferences.Phone = ""
	if err := twilio.Send(t.Context(), p); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a number: %v", err)
	}
}
