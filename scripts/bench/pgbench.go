package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// createSQL is the SQL of one new task, as api sends it, for pgbench.
//
//go:embed create.sql
var createSQL string

// reference is what the database alone does with the SQL of a new task.
type reference struct {
	took *times  // at the rate of the row
	most float64 // a second
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench drives the SQL of a new task with as many clients as there were people: at the same
// rate, and as fast as it can.
func (b *bench) pgbench(ctx context.Context) (ref reference, err error) {
	program, err := exec.LookPath("pgbench")
	if err != nil {
		return ref, fmt.Errorf("pgbench is needed (Debian: apt-get install postgresql-contrib): %w", err)
	}
	dir, err := os.MkdirTemp("", "tickler-pgbench-")
	if err != nil {
		return ref, err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "create.sql")
	if err := os.WriteFile(script, []byte(createSQL), 0o600); err != nil {
		return ref, err
	}
	address, err := b.empty(ctx)
	if err != nil {
		return ref, err
	}
	drive := func(more ...string) (string, error) {
		said, err := pgbenchCommand(ctx, program, script, address, b.seconds, more).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("pgbench: %w: %s", err, said)
		}
		return string(said), nil
	}
	if _, err := drive("-R", strconv.Itoa(b.rate), "-l", "--log-prefix", filepath.Join(dir, "log")); err != nil {
		return ref, err
	}
	if ref.took, err = logged(filepath.Join(dir, "log.*")); err != nil {
		return ref, err
	}
	said, err := drive()
	if err != nil {
		return ref, err
	}
	found := tps.FindStringSubmatch(said)
	if found == nil {
		return ref, fmt.Errorf("pgbench told no rate: %s", said)
	}
	ref.most, err = strconv.ParseFloat(found[1], 64)
	return ref, err
}

func pgbenchCommand(ctx context.Context, program, script string, address *url.URL, seconds int, more []string) *exec.Cmd {
	args := []string{"-n", "-f", script, "-c", strconv.Itoa(people), "-j", "2", "-T", strconv.Itoa(seconds),
		"-h", address.Hostname(), "-p", address.Port(), "-U", address.User.Username()}
	cmd := exec.CommandContext(ctx, program, append(append(args, more...), address.Path[1:])...)
	password, _ := address.User.Password()
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	return cmd
}

// logged reads the log of transactions: the third word of a line is how many microseconds one took,
// from when it was due.
func logged(files string) (*times, error) {
	names, err := filepath.Glob(files)
	if err != nil {
		return nil, err
	}
	took := &times{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(line)
			if len(words) < 3 {
				continue
			}
			micro, err := strconv.Atoi(words[2])
			if err != nil {
				return nil, fmt.Errorf("pgbench's log: %q", line)
			}
			took.add(time.Duration(micro) * time.Microsecond)
		}
	}
	if len(took.all) == 0 {
		return nil, fmt.Errorf("pgbench logged nothing")
	}
	return took, nil
}
