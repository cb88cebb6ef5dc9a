package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/house"
)

// built is this command as make up builds it.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stack")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return path
}

// children are the processes that one started.
func children(t *testing.T, pid int) (found []int) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		content, _ := os.ReadFile(task)
		for field := range strings.FieldsSeq(string(content)) {
			child, _ := strconv.Atoi(field)
			found = append(found, child)
		}
	}
	return found
}

// A killed make up cannot stop anything; the kernel tells the others.
func TestAKilledStackLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	program := built(t)
	offset, free, err := house.FreeOffset()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(free)
	environment := append(os.Environ(), "PORT_OFFSET="+strconv.Itoa(offset), "ONLY=none", "DATABASE_URL=", "KAFKA_BROKERS=", "SMTP_URL=")
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = environment
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		reset := exec.Command(program, "reset")
		reset.Env = environment
		if said, err := reset.CombinedOutput(); err != nil {
			t.Errorf("reset: %v: %s", err, said)
		}
		os.RemoveAll(filepath.Join("../../.tickler", strconv.Itoa(offset)))
	})
	var said strings.Builder
	ready := false
	for lines := bufio.NewScanner(out); !ready && lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		ready = strings.HasPrefix(lines.Text(), "ready in ")
	}
	started := children(t, cmd.Process.Pid)
	if !ready || len(started) != 3 {
		t.Errorf("ready %v with children %v:\n%s", ready, started, &said)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out) // until the last of them has closed it
	_ = cmd.Wait()
	late, look := time.After(20*time.Second), time.Tick(20*time.Millisecond)
	for _, pid := range started {
		for alive(pid) {
			select {
			case <-look:
			case <-late:
				t.Fatalf("process %d lives on", pid)
			}
		}
	}
}

// Whatever becomes of the command, nothing of its house stays; its failure is ours.
func TestACommandHasAHouseForAsLongAsItRuns(t *testing.T) {
	t.Parallel()
	program, temp := built(t), t.TempDir()
	if err := os.Chmod(temp, 0o755); err != nil { // PostgreSQL runs as somebody else
		t.Fatal(err)
	}
	for _, code := range []string{"0", "3"} {
		cmd := exec.CommandContext(t.Context(), program, "with", "sh", "-c", "echo page $TICKLER_URL, mail $TICKLER_MAIL; exit "+code)
		cmd.Env = append(os.Environ(), "TMPDIR="+temp, "ONLY=none", "DATABASE_URL=", "KAFKA_BROKERS=", "SMTP_URL=")
		said, err := cmd.CombinedOutput()
		if (err == nil) != (code == "0") || !strings.Contains(string(said), "page http://127.0.0.1:") {
			t.Errorf("exit %s: %v: %s", code, err, said)
		}
		left, err := filepath.Glob(temp + "/tickler-with-*")
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"0": 0, "3": 1}[code]; len(left) != want { // the log of what failed
			t.Errorf("exit %s leaves %q", code, left)
		}
	}
}

func alive(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !bytes.Contains(status, []byte(") Z ")) && syscall.Kill(pid, 0) == nil
}

func TestAWrongCallIsTold(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"dance"}, {"with"}, {"broker"}, {"broker", "kfake", "x", "y"}, {"broker", "rabbit", "1", t.TempDir()}, {"mail"}, {"postgres"}} {
		if err := run(t.Context(), args[0], args[1:]); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
