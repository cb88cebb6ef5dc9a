package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/pkg/testkit"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/services/identity/test/catcher"
	"github.com/twmb/franz-go/pkg/kgo"
)

// scratch is the folder of what all tests share.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "identity"); err != nil {
		panic(err)
	}
	code := testkit.Main(m)
	_ = os.RemoveAll(scratch) // a test's rubbish
	os.Exit(code)
}

// built is the path of the program, which is built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "identity")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// binary is the program as it is run: migrated, and started on a free port.
type binary struct {
	url   string
	mails *catcher.Catcher
	env   []string
	path  string
	ways  postgres.Settings

	brokers []string
}

// topics are those of this service, on a broker of their own.
func topics(t *testing.T) (addresses []string) {
	t.Helper()
	addresses = testkit.Broker(t).ListenAddrs()
	broker, err := kgo.NewClient(kgo.SeedBrokers(addresses...))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	want := kafka.Want(events.Needs("identity"))
	for i := range want {
		want[i].Partitions = testkit.Partitions
	}
	if _, err := kafka.ApplyTopics(t.Context(), broker, want); err != nil {
		t.Fatal(err)
	}
	return addresses
}

func start(t *testing.T, more ...string) *binary {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	b := &binary{path: path, mails: catcher.Start(t, "127.0.0.1:0")}
	ways := testkit.Provision(t, testkit.Database(t), "identity")
	b.ways, b.brokers = ways, topics(t)
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
		"KAFKA_BROKERS=" + strings.Join(b.brokers, ","),
		"AUTH_SECRET=" + strings.Repeat("s", 32), "SECRET_KEY=k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"AUTH_CLIENT_SECRET=web:web-secret-web-secret,mcp:mcp-secret-mcp-secret,chat:chat-secret-chat-secret",
		"SMTP_URL=smtp://" + b.mails.Addr, "RATE_LIMITS=account", "LOG_LEVEL=warn",
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
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "IDENTITY_URL="+b.url, "MAILS_URL="+b.mails.URL)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
