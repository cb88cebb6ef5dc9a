package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tickler-app/tickler/scripts/internal/person"
)

// terminal is where somebody has the built scripts/tickler, and a folder of their own for it.
type terminal struct {
	*scene
	program, home string
}

func (s *scene) terminal() *terminal {
	s.Helper()
	at := &terminal{scene: s, program: filepath.Join(s.TempDir(), "tickler"), home: s.TempDir()}
	if text, err := exec.CommandContext(s.Context(), "go", "build", "-o", at.program, "../tickler").CombinedOutput(); err != nil {
		s.Fatalf("%v\n%s", err, text)
	}
	return at
}

func (at *terminal) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(at.Context(), at.program, args...)
	cmd.Env = []string{"HOME=" + at.home, "XDG_CONFIG_HOME=" + at.home, "TICKLER_URL=" + at.house.Public()}
	return cmd
}

// enter runs the command with these lines as input, and returns what it printed. It must end
// with code.
func (at *terminal) enter(code int, input string, args ...string) string {
	at.Helper()
	cmd := at.command(args...)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &said
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || cmd.ProcessState.ExitCode() != code {
		at.Fatalf("%q ended with %v, want %d: %s%s", args, err, code, out.String(), said.String())
	}
	return out.String()
}

func aTerminalIsEnough(s *scene) {
	at, ada := s.terminal(), s.signUp()
	at.enter(3, "", "list")
	at.enter(3, ada.Email+"\nwrong password\n", "login")
	if said := at.enter(0, ada.Email+"\n"+person.Password+"\n", "login"); !strings.HasPrefix(said, "Signed in at "+s.house.Public()) {
		s.Errorf("login said %q", said)
	}
	if info, err := os.Stat(filepath.Join(at.home, "tickler", "login.json")); err != nil || info.Mode().Perm() != 0o600 {
		s.Errorf("the login: %v, %v", info, err)
	}
	said := at.enter(0, "", "add", "pay rent every last workday 9am !high #home remind 1h before")
	for _, want := range []string{"Added: pay rent  ", "  !high  #home\n", "repeats    every month on the last workday  “every last workday”", "reminds    1 hour before  “remind 1h before”"} {
		if !strings.Contains(said, want) {
			s.Errorf("add said %q, without %q", said, want)
		}
	}
	if said := at.enter(0, "", "add", "--dry-run", "buy", "milk", "tomorrow"); !strings.HasPrefix(said, "Would add: buy milk  ") {
		s.Errorf("a dry run said %q", said)
	}
	at.enter(0, "", "add", "--literal", "buy milk tomorrow")
	if listed := at.enter(0, "", "list"); !strings.HasPrefix(listed, "  1 pay rent  ") || !strings.HasSuffix(listed, "\n  2 buy milk tomorrow\n") {
		s.Errorf("the list:\n%s", listed)
	}
	if listed := at.enter(0, "", "list", "--tag", "HOME", "-p", "high", "--sort", "title"); strings.Count(listed, "\n") != 1 {
		s.Errorf("the filtered list:\n%s", listed)
	}
	at.enter(5, "", "list", "--due", "never")
	at.enter(0, "", "list", "milk")
	at.enter(0, "", "done", "1") // of that list
	at.enter(4, "", "done", "milk")
	at.enter(4, "", "done", "2")
	at.enter(0, "", "undo")
	at.enter(0, "", "rm", "buy milk")
	if said := at.enter(0, "", "undo"); said != "As before: buy milk tomorrow\n" {
		s.Errorf("undo said %q", said)
	}
	at.enter(0, "", "add", "--literal", "made by mistake")
	if said := at.enter(0, "", "undo"); said != "In the trash: made by mistake\n" {
		s.Errorf("undo of what was made said %q", said)
	}
	var listed struct{ Tasks []person.Task }
	if err := json.Unmarshal([]byte(at.enter(0, "", "list", "--json", "milk")), &listed); err != nil || len(listed.Tasks) != 1 || listed.Tasks[0].Completed {
		s.Errorf("as JSON: %+v, %v", listed, err)
	}
	if offers := at.enter(0, "", "__complete", "done", ""); !strings.Contains(offers, listed.Tasks[0].ID+"\tbuy milk tomorrow\n") {
		s.Errorf("completion offers %q", offers)
	}
	at.enter(0, "", "logout")
	at.enter(3, "", "list")
	at.withAnAPIToken(ada)
}

// withAnAPIToken does without a session: only what the token is for.
func (at *terminal) withAnAPIToken(ada *person.Person) {
	at.Helper()
	var made struct{ Token string }
	if _, err := ada.Call(at.Context(), "POST", "tokens", map[string]any{"name": "terminal", "scopes": []string{"tasks:read"}}, "", &made); err != nil {
		at.Fatal(err)
	}
	at.enter(3, "tkl_no-such-token\n", "login", "--token")
	at.enter(0, made.Token+"\n", "login", "--token")
	at.enter(0, "", "list")
	at.enter(3, "", "add", "not allowed")
	at.enter(0, "", "logout")
}

// Whoever watches is told everything once, also what happens while the feed is away.
func whoeverWatchesMissesNothing(s *scene) {
	at, ada := s.terminal(), s.signUp()
	at.enter(0, ada.Email+"\n"+person.Password+"\n", "login")
	cmd := at.command("watch", "--json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	defer func() {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGINT), cmd.Wait()); err != nil {
			s.Errorf("watch ended with %v", err)
		}
	}()
	frames := json.NewDecoder(bufio.NewReader(out))
	titles := func(n int) (seen []string) {
		for len(seen) < n {
			var f struct {
				Type string
				Task struct{ Title string }
			}
			if err := frames.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
				s.Fatalf("after %q: %v", seen, err)
			} else if err != nil {
				s.Fatalf("it ended after %q", seen)
			}
			if f.Type != "hello" {
				seen = append(seen, f.Type+" "+f.Task.Title)
			}
		}
		return seen
	}
	var hello struct{ Type string }
	if err := frames.Decode(&hello); err != nil || hello.Type != "hello" {
		s.Fatalf("%+v, %v", hello, err)
	}
	s.add(ada, "one")
	seen := titles(1)
	release := s.hold("realtime")
	s.add(ada, "two")
	release()
	s.add(ada, "three")
	if seen = append(seen, titles(2)...); fmt.Sprint(seen) != "[task.created one task.created two task.created three]" {
		s.Errorf("seen: %q", seen)
	}
}
