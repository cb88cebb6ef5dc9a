package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What needs a house is told in scripts/e2e.

// run runs the command without a house, with these variables.
func run(t *testing.T, folder string, variables map[string]string, args ...string) (code int, out string) {
	t.Helper()
	var said bytes.Buffer
	s := &session{
		in: strings.NewReader(""), out: &said, err: &said, folder: folder, now: time.Now,
		lookup: func(name string) (string, bool) { text, ok := variables[name]; return text, ok },
	}
	code = s.run(context.Background(), args)
	return code, said.String()
}

func TestAScriptCanTellWhyItFailed(t *testing.T) {
	t.Parallel()
	nobody := map[string]string{"TICKLER_URL": "http://127.0.0.1:1", "TICKLER_TOKEN": "e30.eyJzdWIiOiJhZGEifQ.x"}
	for args, want := range map[string]int{
		"--help": exitDone, "": exitDone, "completion bash": exitDone,
		"nope": exitUsage, "add": exitUsage, "list --nope": exitUsage, "add --dry-run --literal x": exitUsage, "watch now": exitUsage,
		"list": exitSignIn, "undo": exitSignIn, "list --url ftp://x": exitUsage,
	} {
		if code, said := run(t, t.TempDir(), nil, strings.Fields(args)...); code != want {
			t.Errorf("%q ends with %d, want %d: %s", args, code, want, said)
		}
	}
	if code, said := run(t, t.TempDir(), nobody, "list"); code != exitAway {
		t.Errorf("with nobody there: %d: %s", code, said)
	}
}

func TestTheLoginIsForNobodyElseAndNoOtherServer(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "tickler")
	s := &session{folder: folder}
	if err := s.keep(loginFile, login{URL: "https://todo.example", UserID: "ada", Token: "tkl_x"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, loginFile)
	for name, want := range map[string]os.FileMode{folder: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if code, said := run(t, folder, map[string]string{"TICKLER_URL": "https://other.example"}, "list"); code != exitSignIn {
		t.Errorf("at another server: %d: %s", code, said)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, said := run(t, folder, nil, "list"); code != exitFailed || !strings.Contains(said, "others can read") {
		t.Errorf("readable by others: %d: %s", code, said)
	}
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	due, past := "2026-12-31T09:00:00+01:00", time.Date(2026, 12, 31, 8, 0, 0, 0, time.UTC)
	one := task{Title: "Pay\x1b[2J rent\u202e", Priority: "high", Tags: []string{"home"}, DueDate: &due, DueAt: &past}
	for name, c := range map[string]struct {
		terminal  bool
		variables map[string]string
		want      string
	}{
		"a terminal":      {true, nil, "Pay�[2J rent�  \x1b[31mThu 31 Dec 2026 09:00\x1b[0m  \x1b[33m!high\x1b[0m  \x1b[35m#home\x1b[0m"},
		"a pipe":          {false, nil, "Pay�[2J rent�  Thu 31 Dec 2026 09:00  !high  #home"},
		"NO_COLOR":        {true, map[string]string{"NO_COLOR": "1"}, "Pay�[2J rent�  Thu 31 Dec 2026 09:00  !high  #home"},
		"an empty one":    {true, map[string]string{"NO_COLOR": ""}, "Pay�[2J rent�  \x1b[31mThu 31 Dec 2026 09:00\x1b[0m  \x1b[33m!high\x1b[0m  \x1b[35m#home\x1b[0m"},
		"a dumb terminal": {true, map[string]string{"TERM": "dumb"}, "Pay�[2J rent�  Thu 31 Dec 2026 09:00  !high  #home"},
	} {
		s := &session{terminal: c.terminal, now: func() time.Time { return past.Add(time.Hour) }, lookup: func(name string) (string, bool) {
			text, ok := c.variables[name]
			return text, ok
		}}
		if got := s.line(&one); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
