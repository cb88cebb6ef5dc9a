package port_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tickler-app/tickler/scripts/internal/port"
)

func TestATakenPortIsToldWithItsHolder(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		number := listener.Addr().(*net.TCPAddr).Port
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		// The kernel keeps 15 letters of a process's name.
		want := port.Holder{Port: number, Pid: os.Getpid(), Name: filepath.Base(self)[:min(15, len(filepath.Base(self)))], Exe: self}
		got := port.Taken(number)
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %+v, want %+v", address, got, want)
		}
		if said := want.String(); !strings.Contains(said, want.Name+" (pid ") {
			t.Errorf("it says %q", said)
		}
		listener.Close()
		if got := port.Taken(number); len(got) != 0 {
			t.Errorf("%s: a free port is held by %v", address, got)
		}
	}
}

func TestAConnectionHoldsItsPortToo(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got := port.Taken(conn.LocalAddr().(*net.TCPAddr).Port)
	if len(got) != 1 || got[0].Pid != os.Getpid() || !got[0].Passing || !strings.Contains(got[0].String(), "a connection of ") {
		t.Errorf("got %+v", got)
	}
}
