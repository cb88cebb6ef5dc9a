package house

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tickler-app/tickler/scripts/internal/database"
	"github.com/tickler-app/tickler/scripts/internal/port"
)

// ports are those that the house listens on, by who does.
func (h *House) ports() map[string]int {
	ports := map[string]int{"postgres": postgresPort, "broker": brokerPort, "smtp": smtpPort, "mail": mailPort, "prometheus": observePort}
	for _, s := range table() {
		ports[s.Name] = s.Port
		if s.Admin != 0 {
			ports[s.Name+" admin"] = s.Admin
		}
	}
	for name := range ports {
		ports[name] += h.options.Offset
	}
	return ports
}

// needed are the ports that this house will listen on.
func (h *House) needed() (needed []int) {
	ports := h.ports()
	for _, s := range h.services {
		needed = append(needed, ports[s.Name])
		if s.Admin != 0 {
			needed = append(needed, ports[s.Name+" admin"])
		}
	}
	if h.options.Observe {
		needed = append(needed, ports["prometheus"])
	}
	for variable, names := range map[string][]string{"DATABASE_URL": {"postgres"}, "KAFKA_BROKERS": {"broker"}, "SMTP_URL": {"smtp", "mail"}} {
		if _, replaced := h.lookup(variable); replaced {
			continue
		}
		for _, name := range names {
			needed = append(needed, ports[name])
		}
	}
	return needed
}

// awaitPorts returns nil when all ports are free. Who is in the way is told at once, unless
// it is about to end: a part of ours from a run that was killed, or a connection, which the
// kernel gives ports from 32768 up.
func (h *House) awaitPorts(ctx context.Context) error {
	var said bool
	for end := time.Now().Add(15 * time.Second); ; {
		taken := port.Taken(h.needed()...)
		if len(taken) == 0 {
			return nil
		}
		var lines []string
		leftOver := true
		for _, holder := range taken {
			leftOver = leftOver && (holder.Passing || h.isOurs(holder))
			lines = append(lines, "  "+holder.String())
		}
		if !leftOver || time.Now().After(end) {
			return fmt.Errorf("these ports are taken:\n%s\nStop who holds them, or move the whole house: make up PORT_OFFSET=20000", strings.Join(lines, "\n"))
		}
		if !said {
			h.log.Printf("waiting for ports that are about to be free:\n%s", strings.Join(lines, "\n"))
			said = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// isOurs reports whether a process is a part of an earlier run with the same state.
func (h *House) isOurs(holder port.Holder) bool {
	return strings.HasPrefix(holder.Exe, h.file("bin")+"/") || database.Serves(h.home(), holder.Pid)
}

// FreeOffset returns an offset at which no port is taken, for a house of a test. Nobody else
// gets the same one from here until free is called.
func FreeOffset() (offset int, free func(), err error) {
	probe := &House{services: table()}
	for range 100 {
		// Below the ports that the kernel gives to connections: 9092 plus this is under 32768.
		probe.options.Offset = 10000 + 20*rand.IntN(650)
		path := filepath.Join(os.TempDir(), fmt.Sprintf("tickler-offset-%d.lock", probe.options.Offset))
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			continue // somebody else's
		}
		if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil && len(port.Taken(probe.needed()...)) == 0 {
			return probe.options.Offset, func() { os.Remove(path); file.Close() }, nil
		}
		file.Close()
	}
	return 0, nil, errors.New("no offset with free ports found")
}
