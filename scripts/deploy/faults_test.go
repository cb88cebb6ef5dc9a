package deploy

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/journal"
	"github.com/tickler-app/tickler/scripts/internal/port"
)

// A mishap is something that is wrong when a service starts.
type mishap struct {
	name    string
	service string
	happens func(*ground)     // to what is around the service
	set     map[string]string // settings; one that is empty is not set
	says    string            // what it says, that names the setting or what to do
	exits   bool              // it is nothing that waiting mends; else it is not ready, and lives
}

// waits is for how long a state is waited for, on the slowest of machines.
const waits = 30 * time.Second

// A server that waits is one that does not do half of its work: it says on its probe what is
// wrong, and so to whoever looks after it; and once in its log.
func TestAServiceSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	for _, m := range mishaps {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			g := newGround(t, bin, m.service, !m.exits)
			if m.happens != nil {
				m.happens(g)
			}
			for name, value := range m.set {
				g.environment[name] = value
			}
			if m.exits {
				g.refuses(m.says)
				return
			}
			g.start()
			g.becomes(http.StatusServiceUnavailable, m.says)
			if status, _ := g.get("/livez"); status != http.StatusOK {
				t.Errorf("it is not alive: %d", status)
			}
		})
	}
}

// The same ground without a mishap, so that those above are what was wrong. A schema of a
// newer release is none: migrations only add.
func TestAServiceIsReadyWhereNothingIsWrong(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	for _, service := range []string{"audit", "identity", "recurring", "scheduler"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			g := newGround(t, bin, service, true)
			if g.database != "" {
				g.execute(`INSERT INTO ` + service + `.migrations (set_name, file_name, sha256) VALUES ('` + service + `', '9999_later.sql', '')`)
			}
			g.start()
			g.becomes(http.StatusOK, "ready")
		})
	}
}

// Without any setting each says all that it lacks, one a line.
func TestAServiceSaysAllThatItLacks(t *testing.T) {
	t.Parallel()
	bin := programs(t)
	for _, name := range folders(t) {
		program := filepath.Join(bin, name)
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = []string{}
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 {
			t.Errorf("%s without settings ended with %d: %s", name, code, out)
		}
		for variable, fallback := range takes(t.Context(), t, program) {
			if fallback == "(required)" && !strings.Contains(string(out), "\n"+variable+" is not set (") {
				t.Errorf("%s does not say that it lacks %s: %s", name, variable, out)
			}
		}
	}
}

// start runs the service at a free port, and at another if somebody was faster.
func (g *ground) start() {
	g.Helper()
	for end := time.Now().Add(waits); time.Now().Before(end); {
		address, err := port.Any()
		if err != nil {
			g.Fatal(err)
		}
		g.address, g.said = address, &journal.Journal{}
		cmd := g.command()
		cmd.Env = append(cmd.Env, "ADDR="+address)
		if err := cmd.Start(); err != nil {
			g.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		g.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); <-ended })
		for time.Now().Before(end) {
			if status, _ := g.get("/livez"); status == http.StatusOK {
				return
			}
			select {
			case <-ended:
			case <-time.After(50 * time.Millisecond):
				continue
			}
			break
		}
		if !strings.Contains(g.said.String(), "address already in use") {
			break
		}
	}
	g.Fatalf("%s does not answer: %s", g.service, g.said)
}

// refuses runs the service, which is to end by itself and to say why in one line.
func (g *ground) refuses(why string) {
	g.Helper()
	cmd := g.command()
	cmd.Env = append(cmd.Env, "ADDR=127.0.0.1:0")
	done := make(chan error, 1)
	if err := cmd.Start(); err != nil {
		g.Fatal(err)
	}
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(waits):
		_ = cmd.Process.Kill()
		<-done
		g.Fatalf("%s starts all the same: %s", g.service, g.said)
	}
	if code := cmd.ProcessState.ExitCode(); code != 1 && code != 2 {
		g.Errorf("it ended with %d", code)
	}
	for line := range strings.Lines(g.said.String()) {
		if strings.Contains(line, why) {
			return
		}
	}
	g.Errorf("no line says %q: %s", why, g.said)
}

func (g *ground) command() *exec.Cmd {
	cmd := exec.Command(filepath.Join(g.bin, g.service))
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{}, g.said, g.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	for name, value := range g.environment {
		if value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

// becomes waits until readiness has a status and says something.
func (g *ground) becomes(want int, says string) {
	g.Helper()
	var status int
	var body string
	for end := time.Now().Add(waits); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if status, body = g.get("/readyz"); status == want && strings.Contains(body, says) {
			return
		}
	}
	g.Errorf("readiness is %d %s, not %d with %q; it said %s", status, body, want, says, g.said)
}

func (g *ground) get(path string) (int, string) {
	scheme := "http"
	if g.environment["TLS_CERT_FILE"] != "" {
		scheme = "https"
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the certificate is what is wrong
	}}
	res, err := client.Get(fmt.Sprintf("%s://%s%s", scheme, g.address, path))
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}
