package database_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/fault"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/database"
	"github.com/tickler-app/tickler/scripts/internal/supervise"
)

// helper makes this test binary the server that a test starts.
const helper = "TICKLER_POSTGRES_PORT"

func TestMain(m *testing.M) {
	if os.Getenv(helper) != "" {
		fmt.Fprintln(os.Stderr, database.Main(context.Background()))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// start supervises a server with its data in state, and returns it with an open pool.
func start(t *testing.T, state string) (*supervise.Process, *sql.DB, func()) {
	t.Helper()
	server, err := database.Place(state)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Port, server.Password = listener.Addr().(*net.TCPAddr).Port, "it's secret"
	listener.Close()
	process := &supervise.Process{
		Name: "postgres", Signal: syscall.SIGINT, Log: &supervise.Log{Out: t.Output(), Name: "test"},
		Command: func(ctx context.Context, _ bool) (*exec.Cmd, error) {
			return server.Command(ctx, "/proc/self/exe")
		},
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- process.Run(ctx) }()
	end := func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	t.Cleanup(end)
	pool, err := postgres.Open("postgres://postgres:it%27s%20secret@127.0.0.1:" + strconv.Itoa(server.Port) + "/postgres?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	ask(t, pool.DB, "SELECT 1")
	return process, pool.DB, end
}

// ask returns what a query finds, and waits for a server that is away.
func ask(t *testing.T, db *sql.DB, query string) (found string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		err := postgres.Fault(db.QueryRowContext(ctx, query).Scan(&found))
		if err == nil {
			return found
		} else if fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("%s: %v", query, err)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v", query, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestWhatWasCommittedOutlivesTheServer(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	t.Cleanup(func() { os.RemoveAll(database.DataFolder(state)) })
	process, db, end := start(t, state)
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := ask(t, db, "SHOW "+name); got != "on" {
			t.Errorf("%s is %s", name, got)
		}
	}
	if got := ask(t, db, "SELECT upper('é') || datcollate || datlocprovider::text || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'postgres'"); got != "ÉCbUTF8" {
		t.Errorf("Unicode: %s", got)
	}
	if _, err := db.Exec("CREATE TABLE kept AS SELECT 'here' AS word"); err != nil {
		t.Fatal(err)
	}
	const began = "SELECT pg_postmaster_start_time()::text"
	before := ask(t, db, began)
	if err := process.Send(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for ask(t, db, began) == before { // a connection may outlive the server for a moment
	}
	if got := ask(t, db, "SELECT word FROM kept"); got != "here" {
		t.Errorf("after a crash: %s", got)
	}
	if err := process.Send(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	end()
	// The number in what it left behind is somebody else's by now: ours.
	file := filepath.Join(database.DataFolder(state), "cluster", "postmaster.pid")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	_, db, _ = start(t, state)
	if got := ask(t, db, "SELECT word FROM kept"); got != "here" {
		t.Errorf("after another start: %s", got)
	}
}

func TestRootKeepsItsDataWhereNobodyMayGo(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root runs the server as somebody else")
	}
	open, closed := "/var/tmp/tickler/.tickler", filepath.Join(t.TempDir(), "closed", "state")
	if err := os.MkdirAll(closed, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(closed), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := database.DataFolder(open); got != open+"/postgres" {
		t.Errorf("an open folder's is %s", got)
	}
	if got := database.DataFolder(closed); !strings.HasPrefix(got, "/var/tmp/tickler-") || !strings.HasSuffix(got, "-postgres") {
		t.Errorf("a closed folder's is %s", got)
	}
}

func TestWhoWaitsForTheServerDoesNotMeetTheOneThatUnpacks(t *testing.T) {
	t.Parallel()
	known, err := database.Place(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	programs, data := t.TempDir(), t.TempDir()
	if err := os.CopyFS(filepath.Join(programs, "cache"), os.DirFS(filepath.Join(known.Programs, "cache"))); err != nil {
		t.Log("nothing was downloaded before, that is done now:", err)
	}
	opened := exec.Command("chmod", "-R", "a+rwX", filepath.Dir(programs)) // to nobody, if we are root
	if said, err := opened.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	ours, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	met := make(chan struct{}, 1)
	go func() {
		for {
			conn, err := ours.Accept()
			if err != nil {
				return
			}
			conn.Close()
			met <- struct{}{}
		}
	}()
	server := database.Server{Programs: programs, Data: data, Port: ours.Addr().(*net.TCPAddr).Port, Password: "it's secret"}
	cmd, err := server.Command(t.Context(), "/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "Address already in use") {
		t.Errorf("with the port taken it ended with %v: %s", err, said)
	}
	if _, err := os.Stat(filepath.Join(programs, "whole")); err != nil {
		t.Errorf("it was not unpacked: %v: %s", err, said)
	}
	if len(met) > 0 {
		t.Error("the one that unpacks was asked for at our port")
	}
}
