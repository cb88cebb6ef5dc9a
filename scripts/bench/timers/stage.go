package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
	"github.com/tickler-app/tickler/scripts/internal/port"
)

// A stage is a broker with empty topics and as many schedulers as a measurement starts.
type stage struct {
	folder  string
	address string
	opts    []kgo.Opt
	procs   []*exec.Cmd
}

func open(ctx context.Context, kind string) (s *stage, err error) {
	s = &stage{}
	if s.folder, err = os.MkdirTemp("", "tickler-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	build := exec.CommandContext(ctx, "go", "build", "-o", s.folder+"/", "./services/scheduler", "./scripts/stack")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build (run this at the root of the checkout): %w", err)
	}
	number, err := port.AnyNumber()
	if err != nil {
		return nil, err
	}
	s.address = net.JoinHostPort("127.0.0.1", strconv.Itoa(number))
	if _, err := s.start("stack", nil, "broker", kind, strconv.Itoa(number), filepath.Join(s.folder, "broker")); err != nil {
		return nil, err
	}
	s.opts = kafka.Settings{Brokers: []string{s.address}}.Opts(slog.New(slog.DiscardHandler), nil)
	return s, s.fill(ctx)
}

// fill creates the catalog's topics, as soon as the broker answers.
func (s *stage) fill(ctx context.Context) error {
	client, err := kgo.NewClient(s.opts...)
	if err != nil {
		return err
	}
	defer client.Close()
	var topics []kafka.Topic
	for _, t := range events.Topics() {
		topics = append(topics, kafka.Topic{Name: t.Name, Partitions: events.DevelopmentPartitions, Settings: t.Settings(), Replication: 1})
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if _, err = kafka.ApplyTopics(ctx, client, topics); err == nil || time.Now().After(end) || ctx.Err() != nil {
			return err
		}
	}
}

func (s *stage) start(name string, env []string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(filepath.Join(s.folder, name), args...)
	log, err := os.Create(filepath.Join(s.folder, fmt.Sprintf("%s-%d.log", name, len(s.procs))))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.procs = append(s.procs, cmd)
	return cmd, nil
}

func (s *stage) close() {
	for i := len(s.procs) - 1; i >= 0; i-- {
		_ = s.procs[i].Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(10*time.Second, func() { _ = s.procs[i].Process.Kill() })
		_ = s.procs[i].Wait()
		late.Stop()
	}
	_ = os.RemoveAll(s.folder)
}

// A scheduler is a process under measurement.
type scheduler struct {
	cmd  *exec.Cmd
	addr string
}

// schedule starts a scheduler and waits until it is ready, if it is to own something.
func (s *stage) schedule(ctx context.Context, env ...string) (*scheduler, error) {
	address, err := port.Any()
	if err != nil {
		return nil, err
	}
	one := &scheduler{addr: address}
	one.cmd, err = s.start("scheduler", append(env, "ADDR="+one.addr, "KAFKA_BROKERS="+s.address, "LOG_LEVEL=warn"))
	return one, err
}

func (one *scheduler) get(path string) ([]byte, int, error) {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://" + one.addr + path)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return body, answer.StatusCode, err
}

// owns waits until the scheduler has restored n partitions.
func (one *scheduler) owns(ctx context.Context, n int) error {
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if p := one.partitions(); len(p) == n && restored(p) == n {
			return nil
		}
	}
	return errors.Join(ctx.Err(), fmt.Errorf("the scheduler does not own %d partitions", n))
}

type partition struct {
	Number   int     `json:"partition"`
	Restored bool    `json:"restored"`
	Took     float64 `json:"restore_seconds"`
	Pending  int     `json:"pending"`
}

func (one *scheduler) partitions() []partition {
	var view struct{ Partitions []partition }
	body, _, err := one.get("/timers")
	if err != nil || json.Unmarshal(body, &view) != nil {
		return nil
	}
	return view.Partitions
}

func restored(all []partition) (n int) {
	for _, p := range all {
		if p.Restored {
			n++
		}
	}
	return n
}

// memory is what the process holds now and held at most, in MiB.
func (one *scheduler) memory() (now, most int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", one.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		var kib int
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kib); err == nil {
			now = kib / 1024
		} else if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			most = kib / 1024
		}
	}
	return now, most
}

func (one *scheduler) metric(name string) (sum float64) {
	body, _, _ := one.get("/metrics")
	for line := range strings.Lines(string(body)) {
		if series, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && (series == name || strings.HasPrefix(series, name+"{")) {
			v, _ := strconv.ParseFloat(value, 64)
			sum += v
		}
	}
	return sum
}
