package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
)

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "mcp"); err != nil {
		panic(err)
	}
	code := testkit.Main(m)
	_ = os.RemoveAll(scratch) // a test's rubbish
	os.Exit(code)
}

// scratch is the folder of what all tests share.
var scratch string

// built makes the programs, once for all tests.
var built = sync.OnceValue(func() error {
	args := []string{"build", "-o", scratch + "/", "."}
	for _, name := range []string{"identity", "api", "audit"} {
		args = append(args, "../"+name)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
})

const secret = "mcp-secret-mcp-secret"

// town is this service and those that it calls, as programs on free ports.
type town struct {
	*testing.T
	identity, api, audit string // where they are
	mcp                  string // the first replica
	public               string // also what identity is reached at
	common               []string
}

// settle starts a town.
func settle(t *testing.T) *town {
	t.Helper()
	if err := built(); err != nil {
		t.Fatal(err)
	}
	mcp := free(t)
	w := &town{T: t, identity: free(t), api: free(t), audit: free(t)}
	w.public = w.identity
	brokers := testkit.Broker(t, "user-events", "outbox-cursors", "task-events", "task-updates", "timer-commands", "task-commands", "notification-events").ListenAddrs()
	w.common = []string{
		"PATH=" + os.Getenv("PATH"), "LOG_LEVEL=warn", "PUBLIC_URL=" + w.public, "KAFKA_BROKERS=" + strings.Join(brokers, ","),
		"AUTH_ISSUER=" + w.public, "AUTH_AUDIENCE=" + w.public, "AUTH_JWKS_URL=" + w.identity + "/api/auth/jwks",
		"API_URL=" + w.api, "AUDIT_URL=" + w.audit, "IDENTITY_URL=" + w.identity,
		"AUTH_SECRET=" + strings.Repeat("s", 32), "SECRET_KEY=k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "RATE_LIMITS=account",
		"AUTH_CLIENT_SECRET=web:web-secret-web-secret,mcp:" + secret + ",chat:chat-secret-chat-secret",
	}
	for name, at := range map[string]string{"identity": w.identity, "api": w.api, "audit": w.audit} {
		ways, err := postgres.Provision(t.Context(), testkit.Database(t), name, func(role string) string { return role })
		if err != nil {
			t.Fatal(err)
		}
		environment := append([]string{
			"DATABASE_URL=" + ways.URL, "WORK_DATABASE_URL=" + ways.WorkURL, "MIGRATE_DATABASE_URL=" + ways.MigrateURL,
		}, w.common...)
		w.run(name, "migrate", environment)
		w.start(name, at, environment)
	}
	w.mcp = mcp
	w.start("mcp", mcp, w.ours())
	return w
}

// ours are the settings of this service.
func (w *town) ours() []string { return append(w.common, "AUTH_CLIENT_SECRET="+secret) }

func free(t *testing.T) string {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	return "http://" + port.Addr().String()
}

func (w *town) run(name, command string, environment []string) {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), filepath.Join(scratch, name), command)
	cmd.Env = environment
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("%s %s: %v\n%s", name, command, err, out)
	}
}

// start runs a program until the test ends or it is killed, and waits until it answers.
func (w *town) start(name, at string, environment []string) *os.Process {
	w.Helper()
	var log bytes.Buffer
	cmd := exec.CommandContext(w.Context(), filepath.Join(scratch, name))
	cmd.Env, cmd.Stderr, cmd.WaitDelay = append(environment, "ADDR="+strings.TrimPrefix(at, "http://")), &log, 20*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // a killed one ends with an error
	w.Cleanup(func() {
		<-ended
		if w.Failed() {
			w.Logf("%s said:\n%s", name, log.String())
		}
	})
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); ; {
		select {
		case <-ended:
			w.Fatalf("%s ended before it was ready", name)
		case <-end:
			w.Fatalf("%s is not ready", name)
		case <-tick.C:
		}
		if status, _ := w.http("GET", at+"/livez", "", nil); status == http.StatusOK {
			return cmd.Process
		}
	}
}

// http makes a request and returns the answer's status, 0 for none, and its body.
func (w *town) http(method, url, body string, header map[string]string) (int, []byte) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		if !strings.HasPrefix(name, "?") {
			req.Header.Set(name, value)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	for name := range header { // "?Name" asks for a header of the answer
		if value, ok := strings.CutPrefix(name, "?"); ok {
			header[name] = res.Header.Get(value)
		}
	}
	return res.StatusCode, raw
}

// person is somebody who has signed up.
type person struct {
	*town
	id, token, cookie string
}

func (w *town) signUp(name string) person {
	w.Helper()
	var up struct {
		User  struct{ ID string }
		Token string
	}
	cookie := map[string]string{"Origin": w.public, "?Set-Cookie": ""}
	w.must(cookie, "POST", w.identity+"/api/auth/sign-up/email",
		fmt.Sprintf(`{"name":%q,"email":"%s-%s@example.com","password":"correct horse","timeZone":"Europe/Berlin"}`, name, strings.ToLower(name), strings.ToLower(filepath.Base(w.mcp)[len("127.0.0.1:"):])), &up)
	p := person{town: w, id: up.User.ID}
	p.cookie, _, _ = strings.Cut(cookie["?Set-Cookie"], ";")
	var signed struct{ Token string }
	w.must(map[string]string{"Cookie": p.cookie}, "GET", w.identity+"/api/auth/token", "", &signed)
	p.token = signed.Token
	return p
}

// must makes a request that succeeds, and reads its JSON.
func (w *town) must(header map[string]string, method, url, body string, answer any) {
	w.Helper()
	status, raw := w.http(method, url, body, header)
	if status >= 400 || status == 0 {
		w.Fatalf("%s %s: %d %s", method, url, status, raw)
	}
	if answer != nil {
		if err := json.Unmarshal(raw, answer); err != nil {
			w.Fatalf("%s %s: %v: %s", method, url, err, raw)
		}
	}
}

// call is a call of the person's own at api or audit.
func (p person) call(method, path, body string, answer any) {
	p.Helper()
	at := p.api
	if strings.HasPrefix(path, "audit-logs") {
		at = p.audit
	}
	p.must(map[string]string{"Authorization": "Bearer " + p.token}, method, at+"/api/"+p.id+"/"+path, body, answer)
}
