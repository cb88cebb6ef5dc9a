// Package port tells which ports of loopback are free, and who holds those that are not.
package port

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Holder is the process that has a port. What may not be looked at is empty.
type Holder struct {
	Port    int
	Pid     int
	Name    string
	Exe     string // the path of its program
	Passing bool   // it does not listen: the kernel gave the port to a connection of its
}

func (h Holder) String() string {
	switch {
	case h.Pid == 0:
		return fmt.Sprintf("%d, by a process that we may not look at", h.Port)
	case h.Passing:
		return fmt.Sprintf("%d, by a connection of %s (pid %d)", h.Port, h.Name, h.Pid)
	}
	return fmt.Sprintf("%d, by %s (pid %d)", h.Port, h.Name, h.Pid)
}

// Free reports whether we could listen on a port of loopback.
func Free(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

// Taken returns who holds those of the ports that are not free.
func Taken(ports ...int) (taken []Holder) {
	for _, port := range ports {
		if !Free(port) {
			taken = append(taken, holder(port))
		}
	}
	return taken
}

// holder finds out who has a port: the kernel's tables name the sockets, and a process that
// has one open is it. See proc(5).
func holder(port int) Holder {
	listening, others := sockets(port)
	found := owner(listening)
	if found.Pid == 0 {
		found = owner(others)
		found.Passing = len(listening) == 0
	}
	found.Port = port
	return found
}

// owner returns the first process that has one of the sockets open.
func owner(sockets map[string]bool) (found Holder) {
	if len(sockets) == 0 {
		return found
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || !sockets[target] {
			continue
		}
		process := strings.Split(link, "/")[2]
		found.Pid, _ = strconv.Atoi(process)
		name, _ := os.ReadFile("/proc/" + process + "/comm")
		found.Name = strings.TrimSpace(string(name))
		found.Exe, _ = os.Readlink("/proc/" + process + "/exe")
		return found
	}
	return found
}

// sockets returns those at a port, as links in /proc name them: that listen, and others.
func sockets(port int) (listening, others map[string]bool) {
	const listens = "0A" // TCP_LISTEN
	listening, others = map[string]bool{}, map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			field := strings.Fields(lines.Text())
			if len(field) <= 9 || !strings.HasSuffix(field[1], fmt.Sprintf(":%04X", port)) {
				continue
			}
			if socket := "socket:[" + field[9] + "]"; field[3] == listens {
				listening[socket] = true
			} else {
				others[socket] = true
			}
		}
		file.Close()
	}
	return listening, others
}

// Any returns an address on loopback at which nobody listens, 127.0.0.1:port. Somebody else
// may take it before it is used.
func Any() (string, error) {
	number, err := AnyNumber()
	if err != nil {
		return "", err
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(number)), nil
}

// AnyNumber returns the port of such an address alone.
func AnyNumber() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}
