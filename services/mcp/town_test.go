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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
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
	args := []string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", scratch + "/", "."}
	for _, name := range []string{"identity", "api", "audit", "web"} {
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
	public               string // the origin, where web passes on to all others
	identity, api, audit string
	mcp                  string // the first replica
	common               []string
}

// in is the town for one test of several that share it.
func (w *town) in(t *testing.T) *town {
	its := *w
	its.T = t
	return &its
}

// settle starts a town.
func settle(t *testing.T) *town {
	t.Helper()
	if err := built(); err != nil {
		t.Fatal(err)
	}
	w := &town{T: t, public: free(t), identity: free(t), api: free(t), audit: free(t), mcp: free(t)}
	brokers := topics(t)
	w.common = []string{
		"PATH=" + os.Getenv("PATH"), "LOG_LEVEL=warn", "PUBLIC_URL=" + w.public, "KAFKA_BROKERS=" + strings.Join(brokers, ","),
		"AUTH_ISSUER=" + w.public, "AUTH_AUDIENCE=" + w.public, "AUTH_JWKS_URL=" + w.identity + "/api/auth/jwks",
		"API_URL=" + w.api, "AUDIT_URL=" + w.audit, "IDENTITY_URL=" + w.identity, "MCP_URL=" + w.mcp, "REALTIME_URL=http://127.0.0.1:1",
		"AUTH_SECRET=" + strings.Repeat("s", 32), "SECRET_KEY=k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "RATE_LIMITS=account",
	}
	for name, at := range map[string]string{"identity": w.identity, "api": w.api, "audit": w.audit} {
		ways := testkit.Provision(t, testkit.Database(t), name)
		environment := slices.Concat(w.common, []string{
			"DATABASE_URL=" + ways.URL, "WORK_DATABASE_URL=" + ways.WorkURL, "MIGRATE_DATABASE_URL=" + ways.MigrateURL,
			"AUTH_CLIENT_SECRET=web:web-secret-web-secret,mcp:" + secret + ",chat:chat-secret-chat-secret",
		})
		w.run(name, "migrate", environment)
		w.start(name, at, environment)
	}
	w.start("mcp", w.mcp, w.ours())
	w.start("web", w.public, append(w.ours(), "AUTH_CLIENT_SECRET=web-secret-web-secret", "ADMIN_ADDR=127.0.0.1:0"))
	return w
}

// topics starts a broker with what the programs of the town need on it.
func topics(t *testing.T) (addresses []string) {
	t.Helper()
	addresses = testkit.Broker(t).ListenAddrs()
	broker, err := kgo.NewClient(kgo.SeedBrokers(addresses...))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	for _, name := range []string{"identity", "api", "audit"} {
		want := kafka.Want(events.Needs(name))
		for i := range want {
			want[i].Partitions = testkit.Partitions
		}
		if _, err := kafka.ApplyTopics(t.Context(), broker, want); err != nil {
			t.Fatal(err)
		}
	}
	return addresses
}

// ours are the settings of this service.
func (w *town) ours() []string {
	return slices.Concat(w.common, []string{"AUTH_CLIENT_SECRET=" + secret})
}

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
		if w.ask("GET", at+"/openapi.json", "").status != 0 {
			return cmd.Process
		}
	}
}

// reply is what came back; status 0 means that nothing did.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask makes a request, with headers as "Name: value".
func (w *town) ask(method, url, body string, headers ...string) reply {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // a redirect is an answer, too
	if err != nil {
		return reply{body: []byte(err.Error())}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{body: []byte(err.Error())}
	}
	return reply{res.StatusCode, res.Header, raw}
}

// must is ask that succeeds; it reads the answer's JSON.
func (w *town) must(answer any, method, url, body string, headers ...string) reply {
	w.Helper()
	got := w.ask(method, url, body, headers...)
	if got.status >= 400 || got.status == 0 {
		w.Fatalf("%s %s: %d %s", method, url, got.status, got.body)
	}
	if answer != nil {
		if err := json.Unmarshal(got.body, answer); err != nil {
			w.Fatalf("%s %s: %v: %s", method, url, err, got.body)
		}
	}
	return got
}

// person is somebody who has signed up.
type person struct {
	*town
	id, token, cookie string
}

func (w *town) signUp() person {
	w.Helper()
	var up struct{ User struct{ ID string } }
	got := w.must(&up, "POST", w.public+"/api/auth/sign-up/email",
		`{"name":"Ada","email":"`+uuid.NewString()+`@example.com","password":"correct horse","timeZone":"Europe/Berlin"}`, "Origin: "+w.public)
	p := person{town: w, id: up.User.ID}
	p.cookie, _, _ = strings.Cut(got.header.Get("Set-Cookie"), ";")
	var signed struct{ Token string }
	w.must(&signed, "GET", w.public+"/api/auth/token", "", "Cookie: "+p.cookie)
	p.token = signed.Token
	return p
}

// own makes a call of the person's own, through web.
func (p person) own(answer any, method, path, body string) reply {
	p.Helper()
	return p.must(answer, method, p.public+"/api/"+p.id+"/"+path, body, "Authorization: Bearer "+p.token)
}

// entry is one of the trail.
type entry struct {
	EventID   string `json:"event_id"`
	Type      string `json:"event_type"`
	Actor     struct{ Type, Name string }
	Source    string
	TaskID    string `json:"task_id"`
	RequestID string `json:"request_id"`
}

// trail waits until so many entries about tasks are on the person's trail, the newest first.
func (p person) trail(n int) []entry {
	p.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); ; {
		var page struct {
			Logs []entry `json:"audit_logs"`
		}
		p.own(&page, "GET", "audit-logs?limit=200", "")
		all := slices.DeleteFunc(page.Logs, func(e entry) bool { return e.TaskID == "" })
		if len(all) >= n {
			return all
		}
		select {
		case <-tick.C:
		case <-end:
			p.Fatalf("the trail has %d entries of %d", len(all), n)
		}
	}
}

// apiToken makes an API token of the person's.
func (p person) apiToken(name, scopes string) (token, id string) {
	p.Helper()
	var made struct{ ID, Token string }
	p.own(&made, "POST", "tokens", `{"name":"`+name+`","scopes":["`+strings.ReplaceAll(scopes, " ", `","`)+`"]}`)
	return made.Token, made.ID
}
