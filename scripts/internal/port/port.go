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

// Holder is the process that listens on a port. What may not be looked at is empty.
type Holder struct {
	Port int
	Pid  int
	Name string
	Exe  string // the path of its program
}

func (h Holder) String() string {
	if h.Pid == 0 {
		return fmt.Sprintf("%d, by a process that we may not look at", h.Port)
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

// holder finds out who listens: the kernel's tables name the socket, and a process that
// has the socket open is the one. See proc(5).
func holder(port int) Holder {
	found := Holder{Port: port}
	for socket := range sockets(port) {
		links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
		for _, link := range links {
			if target, err := os.Readlink(link); err != nil || target != "socket:["+socket+"]" {
				continue
			}
			process := strings.Split(link, "/")[2]
			found.Pid, _ = strconv.Atoi(process)
			name, _ := os.ReadFile("/proc/" + process + "/comm")
			found.Name = strings.TrimSpace(string(name))
			found.Exe, _ = os.Readlink("/proc/" + process + "/exe")
			return found
		}
	}
	return found
}

// sockets returns the inodes of the sockets that listen on a port.
func sockets(port int) map[string]bool {
	const listens = "0A" // TCP_LISTEN
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			field := strings.Fields(lines.Text())
			if len(field) > 9 && field[3] == listens && strings.HasSuffix(field[1], fmt.Sprintf(":%04X", port)) {
				inodes[field[9]] = true
			}
		}
		file.Close()
	}
	return inodes
}
