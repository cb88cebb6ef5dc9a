package mail

import (
	"log/slog"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/tickler-app/tickler/pkg/outbox"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/tickler-app/tickler/services/identity/internal/letter"
	"github.com/tickler-app/tickler/services/identity/internal/secret"
	"github.com/tickler-app/tickler/services/identity/internal/store"
	"github.com/tickler-app/tickler/services/identity/internal/user"
	"github.com/tickler-app/tickler/services/identity/test/catcher"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// office is a postman over a database and a clock of the test's own.
type office struct {
	*Postman
	people *store.People
	now    time.Time
	ada    user.User
}

func open(t *testing.T, server string) *office {
	t.Helper()
	t.Parallel()
	ways := testkit.Service(t, "identity", outbox.Migrations, store.Migrations)
	app, err1 := postgres.Open(ways.URL)
	work, err2 := postgres.Open(ways.WorkURL)
	metrics := prometheus.NewRegistry()
	reached, err3 := NewServer("smtp://"+server, "Tickler <tickler@todo.example>", metrics)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { app.Close(); work.Close() })
	o := &office{people: &store.People{DB: app, Hint: func() {}}, now: noon}
	o.Postman = New(Postman{
		Tray: &store.Work{DB: work}, Server: reached, Links: user.Links{Secret: []byte("secret")}, Public: "https://todo.example",
		Now: func() time.Time { return o.now }, Log: slog.New(slog.DiscardHandler),
	}, metrics)
	o.ada = user.New(user.Registration{Name: "Ada\r\nBcc: eve@example.com", Email: "ada@example.com"}, noon)
	if err := o.people.Add(t.Context(), user.Account{User: o.ada, Password: "x"}, user.With{}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) post(t *testing.T, l letter.Letter) letter.Letter {
	t.Helper()
	if err := o.people.Post(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return l
}

// turn does one round and returns how many letters it took.
func (o *office) turn(t *testing.T) int {
	t.Helper()
	n, err := o.round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestALetterIsKeptWhileTheServerIsAwayAndSentOnce(t *testing.T) {
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := away.Addr().String()
	away.Close()
	o := open(t, addr)
	l := o.post(t, letter.New(letter.Reset, "ada@example.com", "/reset?x=1&y=2", noon))
	if n := o.turn(t); n != 1 {
		t.Fatalf("took %d", n)
	}
	c := catcher.Start(t, addr)
	if n := o.turn(t); n != 0 {
		t.Errorf("tried again at once: %d", n)
	}
	o.now = noon.Add(30 * time.Second)
	o.turn(t)
	came := c.Messages()
	if len(came) != 1 || came[0].ID != "<"+l.ID.String()+"@todo.example>" || !slices.Equal(came[0].To, []string{"ada@example.com"}) {
		t.Fatalf("came %+v", came)
	}
	token := o.Links.Reset(l)
	want := "https://todo.example/api/auth/reset-password/" + token + "?callbackURL=%2Freset%3Fx%3D1%26y%3D2"
	if !strings.Contains(came[0].Text, want+"\r\n") || !strings.Contains(came[0].Text, "Hello Ada Bcc: eve@example.com,") {
		t.Errorf("says %s", came[0].Text)
	}
	if id, err := o.people.FindReset(t.Context(), secret.Hash(token), noon); err != nil || id != o.ada.ID {
		t.Errorf("its token: %q, %v", id, err)
	}
	o.now = noon.Add(time.Hour)
	if n := o.turn(t); n != 0 {
		t.Errorf("still in the tray: %d", n)
	}
}

func TestALetterThatNobodyNeedsIsDropped(t *testing.T) {
	c := catcher.Start(t, "127.0.0.1:0")
	o := open(t, c.Addr)
	bob := user.New(user.Registration{Name: "Bob", Email: "refused.bob@example.com"}, noon)
	bob.EmailVerified = true
	if err := o.people.Add(t.Context(), user.Account{User: bob, Password: "x"}, user.With{}); err != nil {
		t.Fatal(err)
	}
	move := letter.New(letter.Move, "ada@example.com", "", noon)
	move.NewEmail = bob.Email
	for name, l := range map[string]letter.Letter{
		"to an address of nobody":      letter.New(letter.Reset, "nobody@example.com", "", noon),
		"to verify what is verified":   letter.New(letter.Verify, bob.Email, "", noon),
		"to move to what is taken":     move,
		"whose link would be too late": letter.New(letter.Reset, "ada@example.com", "", noon.Add(-letter.Life)),
		"that the server refuses":      letter.New(letter.Reset, bob.Email, "", noon),
	} {
		o.post(t, l)
		if n := o.turn(t); n != 1 {
			t.Errorf("%s: took %d", name, n)
		}
		o.now = o.now.Add(20 * time.Minute)
		if n := o.turn(t); n != 0 {
			t.Errorf("%s: kept", name)
		}
		o.now = noon
	}
	if came := c.Messages(); len(came) != 0 {
		t.Errorf("came %+v", came)
	}
	if got := testutil.ToFloat64(o.Sent.WithLabelValues("reset", "dropped")); got != 3 {
		t.Errorf("%v resets dropped", got)
	}
}

func TestEachKindSaysWhatItIsFor(t *testing.T) {
	c := catcher.Start(t, "127.0.0.1:0")
	o := open(t, c.Addr)
	move, moved := letter.New(letter.Move, "ada@example.com", "", noon), letter.New(letter.Moved, "ada@example.com", "", noon)
	move.NewEmail, moved.NewEmail = "new@example.com", "new@example.com"
	link := regexp.MustCompile(`https://\S+`)
	for _, test := range []struct {
		l             letter.Letter
		to, sub, link string
	}{
		{letter.New(letter.Verify, "ada@example.com", "", noon), "ada@example.com", "Confirm your e-mail address", "/api/auth/verify-email?token="},
		{move, "new@example.com", "Confirm your e-mail address", "/api/auth/verify-email?token="},
		{moved, "ada@example.com", "Your e-mail address was changed", "/"},
		{letter.New(letter.Taken, "ada@example.com", "", noon), "ada@example.com", "You have an account already", "/signin"},
	} {
		o.post(t, test.l)
		o.turn(t)
		came := c.Messages()
		last := came[len(came)-1]
		if last.To[0] != test.to || last.Subject != test.sub || !strings.HasPrefix(link.FindString(last.Text), "https://todo.example"+test.link) {
			t.Errorf("%s: %+v", test.l.Kind, last)
		}
	}
}

func TestWhatIsNoMailServerIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"localhost:25", "http://localhost", "smtp://", "smtp://a:b:c"} {
		if _, err := NewServer(address, "a@b.co", prometheus.NewRegistry()); err == nil {
			t.Errorf("%s was taken", address)
		}
	}
	if _, err := NewServer("smtp://localhost", "nobody", prometheus.NewRegistry()); err == nil || !strings.Contains(err.Error(), "SMTP_FROM") {
		t.Errorf("a sender that is none: %v", err)
	}
}
