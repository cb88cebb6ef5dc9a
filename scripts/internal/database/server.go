// Package database runs the embedded PostgreSQL, with its data on disk.
package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	embedded "github.com/fergusstrange/embedded-postgres"
	"golang.org/x/sys/unix"

	"github.com/tickler-app/tickler/scripts/internal/port"
)

// version is PostgreSQL's. Another major version cannot read the data of this one.
const version = embedded.V18

// Server says what is to run where.
type Server struct {
	Programs string // folder for PostgreSQL itself, shared by all servers of a user
	Data     string // folder of this server's data
	Port     int
	Password string // of the role postgres, which may do everything; it never changes
}

// settings are for two cores that PostgreSQL shares with all services. What was committed
// is on the disk: fsync and synchronous_commit keep their defaults, on.
var settings = map[string]string{
	"listen_addresses":          "127.0.0.1",
	"unix_socket_directories":   "", // a path of more than 107 bytes would not do
	"max_connections":           "400",
	"shared_buffers":            "128MB",
	"max_wal_size":              "1GB",
	"checkpoint_timeout":        "15min",
	"random_page_cost":          "1.1",
	"jit":                       "off", // our queries are too short to repay it
	"log_checkpoints":           "off",
	"recovery_init_sync_method": "syncfs", // after a crash: one call instead of one a file
	"log_min_messages":          "warning",
	// People's words belong in no log: neither a failing statement nor the row it failed on.
	"log_min_error_statement": "panic",
	"log_error_verbosity":     "terse",
}

// Exec becomes the server: on success it does not return, and this process is PostgreSQL,
// which SIGINT ends in order. The first on a machine downloads it, the first with this data
// makes an empty cluster.
func (s Server) Exec(ctx context.Context) error {
	if err := s.install(ctx); err != nil {
		return fmt.Errorf("install PostgreSQL in %s: %w", s.Programs, err)
	}
	if err := s.initialise(ctx); err != nil {
		return fmt.Errorf("make the database in %s: %w", s.Data, err)
	}
	if err := s.awaitPredecessor(ctx); err != nil {
		return err
	}
	args := []string{s.program("postgres"), "-D", s.cluster(), "-p", strconv.Itoa(s.Port)}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	// The signal at our parent's end is a matter of threads, and Exec goes on with this one.
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGINT), 0, 0, 0); err != nil {
		return err
	}
	return fmt.Errorf("run %s: %w", args[0], syscall.Exec(args[0], args, environment()))
}

// cluster is renamed to once it is whole, so what has this name can be started.
func (s Server) cluster() string            { return clusterIn(s.Data) }
func clusterIn(data string) string          { return filepath.Join(data, "cluster") }
func (s Server) program(name string) string { return filepath.Join(s.Programs, "bin", name) }

// environment is all that PostgreSQL gets of ours, so that it behaves alike everywhere.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// install downloads and unpacks PostgreSQL unless that was done. Whoever comes second
// waits for the first.
func (s Server) install(ctx context.Context) error {
	lock, err := os.OpenFile(filepath.Join(s.Programs, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	whole := filepath.Join(s.Programs, "whole")
	if _, err := os.Stat(whole); err == nil {
		return nil
	}
	for _, rest := range []string{"bin", "lib", "share"} {
		if err := os.RemoveAll(filepath.Join(s.Programs, rest)); err != nil {
			return err
		}
	}
	scratch, err := os.MkdirTemp(s.Data, "install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := os.Setenv("TMPDIR", scratch); err != nil { // for the library's log
		return err
	}
	// The library unpacks only on the way to a running server, so it gets one to start; elsewhere
	// than at our port, where who waits for ours would meet it.
	elsewhere, err := port.AnyNumber()
	if err != nil {
		return err
	}
	trial := embedded.NewDatabase(embedded.DefaultConfig().Version(version).Port(uint32(elsewhere)).Logger(io.Discard).
		BinariesPath(s.Programs).CachePath(filepath.Join(s.Programs, "cache")).
		RuntimePath(filepath.Join(scratch, "run")).DataPath(filepath.Join(scratch, "data")).
		StartParameters(map[string]string{"fsync": "off", "listen_addresses": "localhost"}))
	fmt.Fprintln(os.Stderr, "the first start here gets PostgreSQL", version, "into", s.Programs)
	if err := errors.Join(trial.Start(), trial.Stop()); err != nil {
		return err
	}
	return os.WriteFile(whole, []byte(version), 0o600)
}

// initialise makes an empty cluster unless there is one. Texts are compared and changed in
// case by Unicode's rules that PostgreSQL itself brings, the same on every machine.
func (s Server) initialise(ctx context.Context) error {
	if _, err := os.Stat(s.cluster()); err == nil {
		return nil
	}
	half := s.cluster() + ".half"
	password := filepath.Join(s.Data, "password")
	defer os.Remove(password)
	if err := errors.Join(os.RemoveAll(half), os.WriteFile(password, []byte(s.Password), 0o600)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.program("initdb"), "-D", half, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", password,
		"-E", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
	cmd.Env = environment()
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, said)
	}
	return os.Rename(half, s.cluster())
}

// awaitPredecessor clears away what is left of a server that did not end in order. Its
// postmaster.pid names a process; if that number belongs to somebody else by now, PostgreSQL
// would take them for the server and refuse to start.
func (s Server) awaitPredecessor(ctx context.Context) error {
	file := filepath.Join(s.cluster(), "postmaster.pid")
	for asked := false; ; asked = true {
		content, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(content), "\n")
		pid, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil || !worksIn(s.cluster(), pid) {
			return os.Remove(file)
		}
		if !asked {
			fmt.Fprintf(os.Stderr, "a server from before (pid %d) is still there: asking it to end\n", pid)
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("the server from before (pid %d) does not let itself be ended: %w", pid, err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// worksIn reports whether a process is a server of the data in a folder: such a one works
// in it.
func worksIn(cluster string, pid int) bool {
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	ours, err := filepath.EvalSymlinks(cluster)
	return err == nil && folder == ours
}
