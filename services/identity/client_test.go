package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// binary is the program as it is run: built once, migrated, and started on a free port.
type binary struct {
	url   string
	mails *catcher
	env   []string
	path  string
	ways  postgres.Settings
}

func start(t *testing.T, more ...string) *binary {
	t.Helper()
	b := &binary{path: filepath.Join(t.TempDir(), "identity"), mails: catch(t)}
	shell(t, nil, "go", "build", "-o", b.path, ".")
	address := testkit.Database(t)
	ways, err := postgres.Provision(t.Context(), address, "identity", func(role string) string { return role })
	if err != nil {
		t.Fatal(err)
	}
	b.ways = ways
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	b.url = "http://" + addr
	b.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "ADDR=" + addr, "PUBLIC_URL=" + b.url,
		"DATABASE_URL=" + ways.URL, "WORK_DATABASE_URL=" + ways.WorkURL, "MIGRATE_DATABASE_URL=" + ways.MigrateURL,
		"KAFKA_BROKERS=" + strings.Join(testkit.Broker(t, "user-events", "outbox-cursors").ListenAddrs(), ","),
		"AUTH_SECRET=" + strings.Repeat("s", 32), "SECRET_KEY=k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"AUTH_CLIENT_SECRET=web:web-secret-web-secret,mcp:mcp-secret-mcp-secret,chat:chat-secret-chat-secret",
		"SMTP_URL=smtp://" + b.mails.addr, "RATE_LIMITS=account", "LOG_LEVEL=warn",
	}, more...)
	shell(t, b.env, b.path, "migrate")
	b.serve(t)
	return b
}

// serve starts the program and waits until it is ready.
func (b *binary) serve(t *testing.T) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), b.path)
	cmd.Env, cmd.Stderr, cmd.WaitDelay = b.env, &log, 20*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var end error
	go func() { end = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		<-ended
		if t.Failed() {
			t.Logf("it ended with %v; its log:\n%s", end, log.String())
		}
	})
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		check := exec.CommandContext(t.Context(), b.path, "healthcheck")
		check.Env = b.env
		if check.Run() == nil {
			return
		}
		select {
		case <-ended:
			t.Fatal("it ended before it was ready")
		case <-time.After(30 * time.Second):
			t.Fatal("not ready")
		case <-poll.C:
		}
	}
}

func shell(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// The clients come from npm and are not touched: what they ask and expect is what we answer.
func TestUnmodifiedBetterAuthClientsWork(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("test", "better-auth")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		shell(t, nil, "npm", "ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund")
	}
	b := start(t)
	cmd := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", "vanilla.test.mjs", "react.test.mjs")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "IDENTITY_URL="+b.url, "MAILS_URL="+b.mails.url)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// catcher is a mail server that keeps what it is given, and shows it over HTTP.
type catcher struct {
	addr, url string
	mu        sync.Mutex
	messages  []message
}

type message struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	ID      string   `json:"id"`
}

func catch(t *testing.T) *catcher {
	t.Helper()
	c := &catcher{messages: []message{}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &visit{c: c}, nil }))
	go server.Serve(ln)
	t.Cleanup(func() { server.Close() })
	shown := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		json.NewEncoder(w).Encode(map[string]any{"messages": c.messages})
	}))
	t.Cleanup(shown.Close)
	c.addr, c.url = ln.Addr().String(), shown.URL
	return c
}

// visit is one connection to the catcher.
type visit struct {
	c  *catcher
	to []string
}

func (v *visit) Mail(string, *smtp.MailOptions) error { return nil }
func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.to = append(v.to, to)
	return nil
}
func (v *visit) Reset()        { v.to = nil }
func (v *visit) Logout() error { return nil }

func (v *visit) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		return err
	}
	v.c.mu.Lock()
	defer v.c.mu.Unlock()
	v.c.messages = append(v.c.messages, message{v.to, m.Header.Get("Subject"), string(text), m.Header.Get("Message-ID")})
	return nil
}
