package house

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/tickler-app/tickler/scripts/internal/database"
)

// ErrRunning means that a house with this state is running already.
var ErrRunning = errors.New("it is running already")

// lock makes this the only house with its state. The kernel unlocks when we end, however
// that comes.
func (h *House) lock() (unlock func(), err error) {
	if err := os.MkdirAll(h.home(), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(h.options.State, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(file)
		file.Close()
		return nil, fmt.Errorf("%w: %s. Stop that one with ^C, or run another beside it: make up PORT_OFFSET=20000",
			ErrRunning, strings.TrimSpace(string(holder)))
	}
	says := fmt.Sprintf("process %d, %s\n", os.Getpid(), h.Public())
	if err := errors.Join(file.Truncate(0), second(file.WriteAt([]byte(says), 0))); err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

func second(_ int, err error) error { return err }

// Reset removes all that a house has kept: people, tasks, events, secrets. A running house
// is refused with ErrRunning, and the states of other offsets stay.
func (h *House) Reset() error {
	unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := os.ReadDir(h.options.State)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err == nil && entry.IsDir() || entry.Name() == "lock" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(h.options.State, entry.Name())); err != nil {
			return err
		}
	}
	for _, broker := range []string{"", "kafka"} {
		of := &House{options: Options{State: h.options.State, Broker: broker}}
		if err := os.RemoveAll(database.DataFolder(of.home())); err != nil { // which may lie elsewhere
			return err
		}
	}
	return nil
}
