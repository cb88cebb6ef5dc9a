package testkit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tickler-app/tickler/pkg/testkit/apache"
)

// RealKafka returns the addresses of a broker that nobody here wrote, shared by all tests
// of this binary: use topics and groups with names of your own. It is Apache Kafka, or
// whatever KAFKA_BROKERS says. The test is skipped on a machine without Java or Maven.
func RealKafka(t testing.TB) []string {
	t.Helper()
	if given := os.Getenv("KAFKA_BROKERS"); given != "" {
		return strings.Split(given, ",")
	}
	kafka, err := realKafka()
	if errors.Is(err, apache.ErrAbsent) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	return []string{kafka.Address()}
}

// A run is a broker and the lock on its folder, which tells others that it is in use. The
// lock is kept because the garbage collector would end it.
type run struct {
	*apache.Broker
	lock *os.File
}

// realKafka starts the one broker of this process. The kernel ends it with the process.
var realKafka = sync.OnceValues(func() (*run, error) {
	all := filepath.Join(os.TempDir(), "tickler-kafka-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(all, 0o755); err != nil {
		return nil, err
	}
	sweep(all)
	own, err := os.MkdirTemp(all, "run-")
	if err != nil {
		return nil, err
	}
	lock, err := hold(own)
	if err != nil {
		return nil, err
	}
	broker := &apache.Broker{Dir: own}
	return &run{broker, lock}, broker.Start(context.Background())
})

// sweep removes the folders of processes that have ended, which could not do so themselves.
func sweep(all string) {
	runs, _ := filepath.Glob(filepath.Join(all, "run-*"))
	for _, run := range runs {
		if info, err := os.Stat(run); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // perhaps not locked yet
		}
		if lock, err := hold(run); err == nil {
			os.RemoveAll(run)
			lock.Close()
		}
	}
}

// hold locks a folder for as long as this process lives, unless another one has it.
func hold(folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
