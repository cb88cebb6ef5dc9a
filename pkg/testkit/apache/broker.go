// Package apache runs Apache Kafka, the broker that nobody here wrote, as one node with the
// JDK and its artifacts from Maven: for tests of what kfake may get wrong, and for make up.
package apache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Broker is one node on loopback. What it has written survives Stop, Kill and a new Start
// with the same Dir and Port; it ends with the process that started it.
type Broker struct {
	Dir  string // for its data, and kafka.log
	Port int    // zero: Start chooses one
	// Secure is nil for a broker that lets everybody do everything.
	Secure *Secure

	control int // the port of its controller
	process *exec.Cmd
	ended   chan struct{}
}

// Start runs the broker until Stop or Kill and returns when it answers, after some three
// seconds. The error wraps ErrAbsent if this machine cannot run it.
func (b *Broker) Start(ctx context.Context) error {
	at, err := install(ctx)
	if err != nil {
		return err
	}
	if err := b.prepare(at); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(b.Dir, "kafka.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	b.process = exec.Command("java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData",
		"-cp", at.libraries()+"/*", "kafka.Kafka", filepath.Join(b.Dir, "server.properties"))
	b.process.Stdout, b.process.Stderr = log, log
	b.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true} // ^C is for its parent
	if err := b.process.Start(); err != nil {
		return err
	}
	b.ended = make(chan struct{})
	go func(process *exec.Cmd, ended chan struct{}) {
		_ = process.Wait() // how it ended is in its log
		close(ended)
	}(b.process, b.ended)
	if err := b.ready(ctx); err != nil {
		return errors.Join(err, b.Kill())
	}
	return nil
}

// prepare makes the folder: the storage at the first start, the ports at each.
func (b *Broker) prepare(at installation) error {
	storage := filepath.Join(b.Dir, "data")
	if _, err := os.Stat(storage); errors.Is(err, fs.ErrNotExist) {
		if err := os.CopyFS(storage, os.DirFS(at.storage())); err != nil {
			return err
		}
	}
	wanted := []*int{&b.Port, &b.control}
	if b.Secure != nil {
		wanted = append(wanted, &b.Secure.inside)
	}
	for _, port := range wanted {
		if *port == 0 {
			free, err := freePort()
			if err != nil {
				return err
			}
			*port = free
		}
	}
	settings := properties(storage, b.Port, b.control)
	if b.Secure != nil {
		settings = append(settings, b.Secure.properties(b.Port, b.control)...)
	}
	return os.WriteFile(filepath.Join(b.Dir, "server.properties"), settings, 0o644)
}

// ready waits until the broker answers.
func (b *Broker) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	address := b.Address()
	if b.Secure != nil {
		address = b.Secure.Inside()
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.RequestRetries(0))
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		if client.Ping(ctx) == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("kafka does not answer: %w", ctx.Err())
		case <-b.ended:
			return fmt.Errorf("kafka ended; see %s", filepath.Join(b.Dir, "kafka.log"))
		}
	}
}

// Address is what KAFKA_BROKERS is to be.
func (b *Broker) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.Port)) }

// PID is the broker's process, for who wants to do it harm.
func (b *Broker) PID() int { return b.process.Process.Pid }

// Ended is closed when the broker that Start started ends, however that comes.
func (b *Broker) Ended() <-chan struct{} { return b.ended }

// Stop ends it as an operator would, and returns when it has ended, after 20 s by force.
func (b *Broker) Stop() error {
	if err := b.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-b.ended:
		return nil
	case <-time.After(20 * time.Second):
		return b.Kill()
	}
}

// Kill ends it as a crash would.
func (b *Broker) Kill() error {
	if err := b.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-b.ended
	return nil
}

// properties are the settings of one node that is broker and controller.
func properties(storage string, port, control int) []byte {
	return fmt.Appendf(nil, `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:%[3]d
listeners=PLAINTEXT://127.0.0.1:%[2]d,CONTROLLER://127.0.0.1:%[3]d
controller.listener.names=CONTROLLER
log.dirs=%[1]s
auto.create.topics.enable=false
# one node holds the only copy
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# 50 of each by default, made when first used
offsets.topic.num.partitions=8
transaction.state.log.num.partitions=8
# a group's first member waits for no others
group.initial.rebalance.delay.ms=0
# after a crash the controller, which is itself, waits that long for the broker before it lets it in again; 9000 by default
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=750
# 20 by default: half of all transactions would wait that long for the markers of the one before
add.partitions.to.txn.retry.backoff.ms=1
`, storage, port, control)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
