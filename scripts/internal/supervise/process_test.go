package supervise_test

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

// house runs a shell script as a process that has this long to end, and returns it with
// the lines of its log.
func house(t *testing.T, script string, grace time.Duration) (*supervise.Process, <-chan string) {
	t.Helper()
	read, write := io.Pipe()
	p := &supervise.Process{
		Name: "demo", Grace: grace, Log: &supervise.Log{Out: write, Name: "stack"},
		Command: func(ctx context.Context, first bool) (*exec.Cmd, error) {
			kind := "again"
			if first {
				kind = "first"
			}
			return exec.CommandContext(ctx, "sh", "-c", script, "sh", kind), nil
		},
	}
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := p.Run(ctx); err != nil {
			t.Error(err)
		}
		write.Close()
	})
	lines := make(chan string, 1000)
	done.Go(func() {
		for scanner := bufio.NewScanner(read); scanner.Scan(); {
			lines <- scanner.Text()
		}
		close(lines)
	})
	t.Cleanup(func() {
		stop()
		done.Wait()
	})
	return p, lines
}

// see waits for a line that contains text.
func see(t *testing.T, lines <-chan string, text string) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-lines:
			if strings.Contains(line, text) {
				return
			} else if !open {
				t.Fatalf("the log ended without %q", text)
			}
		case <-timeout:
			t.Fatalf("no line with %q", text)
		}
	}
}

func TestAProcessThatEndsIsStartedAgain(t *testing.T) {
	t.Parallel()
	p, lines := house(t, `echo "hello $1"; [ $1 = again ] && exec sleep 60; exit 3`, 0)
	see(t, lines, "hello first")
	see(t, lines, "demo ended (exit status 3); again in 500ms")
	see(t, lines, "hello again")
	if err := p.Send(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	see(t, lines, "demo ended (signal: killed); again in 1s")
	p.Release() // does not wait for the second
	see(t, lines, "hello again")
	if p.Starts() != 3 {
		t.Errorf("started %d times", p.Starts())
	}
}

func TestAHeldProcessStaysDownUntilItIsReleased(t *testing.T) {
	t.Parallel()
	p, lines := house(t, `trap 'echo bye; exit' TERM; echo "up"; while :; do sleep 0.05; done`, 0)
	see(t, lines, "up")
	if err := p.Send(syscall.SIGSTOP); err != nil { // a paused one is held as well
		t.Fatal(err)
	}
	if err := p.Hold(t.Context()); err != nil || p.Pid() != 0 {
		t.Fatalf("pid %d, %v", p.Pid(), err)
	}
	see(t, lines, "bye")
	if err := p.Send(syscall.SIGKILL); err == nil {
		t.Error("a signal went to nobody")
	}
	p.Release()
	see(t, lines, "up")
}

func TestWhoDoesNotEndIsKilledAfterItsGrace(t *testing.T) {
	t.Parallel()
	p, lines := house(t, `trap '' TERM; echo "up"; while :; do sleep 0.05; done`, 50*time.Millisecond)
	see(t, lines, "up")
	if err := p.Hold(t.Context()); err != nil || p.Pid() != 0 {
		t.Errorf("pid %d, %v", p.Pid(), err)
	}
}
