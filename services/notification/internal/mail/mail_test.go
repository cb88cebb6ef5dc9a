package mail

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/reach"
	"github.com/tickler-app/tickler/services/notification/internal/notice"
	"github.com/tickler-app/tickler/services/notification/test/catcher"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func parcel(email string) *notice.Parcel {
	return &notice.Parcel{
		Delivery: notice.Delivery{ID: uuid.MustParse("0198c5a0-0000-7000-8000-000000000003"), CreatedAt: noon},
		Notice:   notice.Notice{Kind: notice.Reminder, TaskID: "0198c5a0-0000-7000-8000-000000000004", Title: "Pay <rent> für März", Due: "2026-12-31"},
		Person:   notice.Person{UserID: "ada", Email: email, Name: "Ada\r\nBcc: eve@example.com", Version: 1, Unsubscribe: "secret"},
	}
}

func server(t *testing.T, addr string) (*Server, *prometheus.Registry) {
	t.Helper()
	metrics := prometheus.NewRegistry()
	s, err := NewServer("smtp://"+addr, "Tickler <tickler@todo.example>", "https://todo.example", metrics)
	if err != nil {
		t.Fatal(err)
	}
	return s, metrics
}

func TestALetterIsPlainAndHTMLWithAWayToStopIt(t *testing.T) {
	t.Parallel()
	post := catcher.Start(t, "127.0.0.1:0")
	s, _ := server(t, post.Addr)
	if err := s.Send(t.Context(), parcel("ada@example.com")); err != nil {
		t.Fatal(err)
	}
	came := post.Messages()
	if len(came) != 1 || !slices.Equal(came[0].To, []string{"ada@example.com"}) || came[0].Subject != "Reminder: Pay <rent> für März" {
		t.Fatalf("%+v", came)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0198c5a0-0000-7000-8000-000000000003@todo.example>", "List-Unsubscribe": "<https://todo.example/unsubscribe/secret>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated", "Bcc": "",
	} {
		if got := came[0].Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if !strings.Contains(came[0].Text, "Pay <rent> für März\r\n\r\nDue: Thursday, 31 December 2026\r\n\r\nOpen Tickler:\r\nhttps://todo.example/tasks/0198c5a0-0000-7000-8000-000000000004\r\n") || !strings.Contains(came[0].Text, "Hello Ada Bcc: eve@example.com,") {
		t.Errorf("text %s", came[0].Text)
	}
	if !strings.Contains(came[0].HTML, "Pay &lt;rent&gt; für März") || !strings.Contains(came[0].HTML, `href="https://todo.example/unsubscribe/secret"`) {
		t.Errorf("html %s", came[0].HTML)
	}
}

func TestWhatAMailServersRefusalMeans(t *testing.T) {
	t.Parallel()
	post := catcher.Start(t, "127.0.0.1:0")
	s, _ := server(t, post.Addr)
	stopped := parcel("ada@example.com")
	stopped.Preferences.MailStopped = true
	unheard := parcel("")
	unheard.Person.Version = 0
	for name, test := range map[string]struct {
		parcel *notice.Parcel
		kind   fault.Kind
		reason string
	}{
		"for good":        {parcel("refused.ada@example.com"), fault.Invalid, "the mail server refuses it: 550"},
		"for now":         {parcel("busy.ada@example.com"), fault.Unavailable, "the mail server asks to come back: 451"},
		"no address":      {parcel(""), fault.Invalid, "there is no e-mail address"},
		"no such form":    {parcel("ada"), fault.Invalid, "no letter can be made of it"},
		"not heard yet":   {unheard, fault.Unavailable, "the person's address is not known yet"},
		"mail is stopped": {stopped, fault.Invalid, "the person stopped mail"},
	} {
		err := s.Send(t.Context(), test.parcel)
		told, ok := err.(*fault.Error)
		if !ok || told.Kind != test.kind || !strings.HasPrefix(told.Message, test.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if came := post.Messages(); len(came) != 0 {
		t.Errorf("came %+v", came)
	}
}

func TestAMailServerThatIsAwayIsNotAskedAgainAtOnce(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	s, metrics := server(t, ln.Addr().String())
	for range failuresToBreak + 1 {
		if err = s.Send(t.Context(), parcel("ada@example.com")); fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
	}
	if told, ok := err.(*fault.Error); !ok || told.RetryAfter != breakFor {
		t.Errorf("while the breaker is open: %v", err)
	}
	want := "# HELP tickler_breaker_state 0 closed, 1 half open, 2 open: nothing is sent to the target.\n# TYPE tickler_breaker_state gauge\ntickler_breaker_state{target=\"smtp\"} 2\n"
	if err := testutil.GatherAndCompare(metrics, strings.NewReader(want), "tickler_breaker_state"); err != nil {
		t.Error(err)
	}
}

func TestAddressesOfMailServers(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"smtp://localhost:1025": true, "smtps://user:pass@mail.example": true, "smtp://mail.example?tls=required": true,
		"http://mail.example": false, "mail.example:25": false, "smtp://": false, "smtp://host:port": false,
	} {
		if _, err := NewServer(address, "tickler@todo.example", "", prometheus.NewRegistry()); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := NewServer("smtp://localhost", "nobody", "", prometheus.NewRegistry()); err == nil {
		t.Error("a sender that is no address")
	}
}

// SendGrid answers as its documentation says: 202 without a body, errors as a list.
func TestLettersBySendGrid(t *testing.T) {
	t.Parallel()
	var status int
	var got map[string]any
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/v3/mail/send" || r.Method != "POST" || r.Header.Get("Authorization") != "Bearer SG.key" || json.Unmarshal(body, &got) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "30")
		}
		w.WriteHeader(status)
		if status == http.StatusBadRequest {
			_, _ = w.Write([]byte(`{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email","help":null}]}`))
		}
	}))
	t.Cleanup(api.Close)
	s := &SendGrid{
		Calls: reach.New(reach.Config{Target: "sendgrid"}), Base: api.URL, Key: "SG.key", From: "Tickler <tickler@todo.example>",
		Public: "https://todo.example", Now: func() time.Time { return noon },
	}
	for _, test := range []struct {
		status int
		kind   fault.Kind
		reason string
		wait   time.Duration
	}{
		{202, "", "", 0}, {400, fault.Invalid, "the provider refuses it: Does not contain a valid address.", 0},
		{429, fault.RateLimited, "the provider asks to come back later (429)", 30 * time.Second}, {503, fault.Unavailable, "the provider is in trouble (503)", 0},
	} {
		status = test.status
		err := s.Send(t.Context(), parcel("ada@example.com"))
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
	headers, _ := got["headers"].(map[string]any)
	if headers["Message-ID"] != "<0198c5a0-0000-7000-8000-000000000003@todo.example>" || headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" {
		t.Errorf("headers %v", headers)
	}
	content := got["content"].([]any)
	if len(content) != 2 || content[0].(map[string]any)["type"] != "text/plain" || got["from"].(map[string]any)["name"] != "Tickler" {
		t.Errorf("sent %v", got)
	}
}
