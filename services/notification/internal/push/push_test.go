package push_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/internal/push"
)

// service is a push service, and the browsers behind it.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	status map[string]int // by path; 201 unless told
	got    map[string]*http.Request
	bodies map[string][]byte
}

func start(t *testing.T) *service {
	s := &service{status: map[string]int{}, got: map[string]*http.Request{}, bodies: map[string][]byte{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got[r.URL.Path] = r
		s.bodies[r.URL.Path], _ = io.ReadAll(r.Body)
		if status := s.status[r.URL.Path]; status != 0 {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(status)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(s.Close)
	return s
}

// browser is one that subscribed.
type browser struct {
	notice.Subscription
	key  *ecdh.PrivateKey
	auth []byte
}

func (s *service) browser(t *testing.T, path string) browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	_, _ = rand.Read(auth)
	return browser{notice.Subscription{
		ID: uuid.New(), Endpoint: s.URL + path,
		P256dh: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), Auth: base64.RawURLEncoding.EncodeToString(auth),
	}, key, auth}
}

// read decrypts a message as a browser does (RFC 8291 section 3.4, RFC 8188 section 2).
func (b browser) read(t *testing.T, body []byte) (message map[string]string) {
	t.Helper()
	salt, sender, sealed := body[:16], body[21:21+int(body[20])], body[21+int(body[20]):]
	from, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := b.key.ECDH(from)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		out, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ikm := derive(shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(sender), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := aead.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), sealed, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(strings.TrimRight(strings.TrimRight(string(plain), "\x00"), "\x02")), &message); err != nil {
		t.Fatal(err)
	}
	return message
}

// drawer keeps keys, and what was forgotten.
type drawer struct {
	public, private string
	forgotten       []uuid.UUID
}

func (d *drawer) PushKeys(_ context.Context, fresh func() (string, string, error)) (string, string, error) {
	var err error
	if d.public == "" {
		d.public, d.private, err = fresh()
	}
	return d.public, d.private, err
}

func (d *drawer) Unsubscribed(_ context.Context, id uuid.UUID) error {
	d.forgotten = append(d.forgotten, id)
	return nil
}

func TestABrowserReadsWhatItIsSent(t *testing.T) {
	t.Parallel()
	s, keys := start(t), &drawer{}
	sender := &push.Sender{Calls: reach.New(reach.Config{Target: "push"}), Keys: keys, Subject: "tickler@todo.example", Now: time.Now}
	phone, gone := s.browser(t, "/phone"), s.browser(t, "/gone")
	s.status["/gone"] = http.StatusGone
	p := &notice.Parcel{
		Delivery: notice.Delivery{ID: uuid.New()}, Notice: notice.Notice{ID: uuid.New(), Kind: notice.Reminder, Title: "Pay rent", TaskID: "t", Urgent: true},
		Subscriptions: []notice.Subscription{gone.Subscription, phone.Subscription},
	}
	if err := sender.Send(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if message := phone.read(t, s.bodies["/phone"]); message["title"] != "Reminder: Pay rent" || message["task_id"] != "t" || message["id"] != p.Notice.ID.String() {
		t.Errorf("reads %v", message)
	}
	header := s.got["/phone"].Header
	if header.Get("TTL") != "86400" || header.Get("Urgency") != "high" || len(header.Get("Topic")) != 22 || !strings.HasSuffix(header.Get("Authorization"), ", k="+keys.public) {
		t.Errorf("headers %v", header)
	}
	if !slices.Equal(keys.forgotten, []uuid.UUID{gone.ID}) {
		t.Errorf("forgotten %v", keys.forgotten)
	}
}

func TestWhatAPushServiceAnswers(t *testing.T) {
	t.Parallel()
	s, keys := start(t), &drawer{}
	sender := &push.Sender{Calls: reach.New(reach.Config{Target: "push"}), Keys: keys, Subject: "tickler@todo.example", Now: time.Now}
	p := &notice.Parcel{Delivery: notice.Delivery{ID: uuid.New()}, Notice: notice.Notice{Kind: notice.Reminder, Title: "Pay rent"}}
	if err := sender.Send(t.Context(), p); fault.KindOf(err) != fault.Invalid {
		t.Errorf("to no browser: %v", err)
	}
	for status, kind := range map[int]fault.Kind{404: fault.Invalid, 410: fault.Invalid, 413: fault.Invalid, 429: fault.RateLimited, 500: fault.Unavailable} {
		s.mu.Lock()
		s.status["/one"], s.status["/gone"] = status, http.StatusGone
		s.mu.Unlock()
		p.Subscriptions = []notice.Subscription{s.browser(t, "/gone").Subscription, s.browser(t, "/one").Subscription}
		if err := sender.Send(t.Context(), p); fault.KindOf(err) != kind {
			t.Errorf("%d: %v", status, err)
		}
	}
	p.Subscriptions = []notice.Subscription{{Endpoint: s.URL, P256dh: "AAAA", Auth: "AAAA"}}
	if err := sender.Send(t.Context(), p); fault.KindOf(err) != fault.Invalid {
		t.Errorf("to keys that are none: %v", err)
	}
}

func TestAHouseMayBringItsOwnKeys(t *testing.T) {
	t.Parallel()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, private := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), base64.RawURLEncoding.EncodeToString(key.Bytes())
	var sender push.Sender
	if err := sender.Use(public, private); err != nil {
		t.Fatal(err)
	}
	if got, err := sender.PublicKey(t.Context()); err != nil || got != public {
		t.Errorf("%s, %v", got, err)
	}
	if sender.Use("short", private) == nil || sender.Use(public, "short") == nil {
		t.Error("took keys that are none")
	}
}
