// Package house runs the whole of Tickler on one machine: broker, database, mail catcher and
// every service, each a process of its own. make up is its command; tests, chaos and bench
// start one and do it harm.
package house

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/pkg/postgres"
	"github.com/tickler-app/tickler/scripts/internal/supervise"
	"golang.org/x/sync/errgroup"
)

// Options say how a house differs from the one of make up. The zero value is that one.
type Options struct {
	Root   string   // the checkout; empty: the folder with go.work, from the working one upwards
	State  string   // where all is kept; empty: .tickler of the checkout, or .tickler/<offset>
	Offset int      // added to every port; see FreeOffset
	Only   []string // the services to run; nil: all

	// Broker is kafka for the real one; else the embedded one runs.
	Broker string

	Observe bool // a Prometheus beside it, see raisePrometheus

	// Environment is what make up was called with, as of os.Environ. DATABASE_URL,
	// KAFKA_BROKERS and SMTP_URL replace the embedded parts, and other settings reach the
	// services that take them. Nil is none.
	Environment []string

	// Settings are more settings by service; they win over all others.
	Settings map[string]map[string]string

	// Replicas of each service, behind a balancer on its port, see Roll. 0: one process, on the
	// port itself.
	Replicas int

	// Program is a built scripts/stack, which the house runs for its own parts. Empty: it is
	// built.
	Program string

	Out    io.Writer // the merged log; nil: none
	Colour bool
}

// House is one running Tickler. Make it with New.
type House struct {
	options  Options
	services []Service
	secrets  secrets
	log      *supervise.Log
	ready    chan struct{}

	kafka     kafka.Settings               // where the broker is
	admin     string                       // the database's address for who may do everything
	databases map[string]postgres.Settings // by service
	processes map[string]*supervise.Process
	fleets    sync.Map // of *fleet by service, where there are replicas
	stages    []*stage // in the order in which they were started
}

// New returns a house that Run runs. It starts nothing.
func New(o Options) (*House, error) {
	var err error
	if o.Root == "" {
		if o.Root, err = root(); err != nil {
			return nil, err
		}
	}
	if o.State == "" {
		o.State = filepath.Join(o.Root, ".tickler")
		if o.Offset != 0 {
			o.State = filepath.Join(o.State, strconv.Itoa(o.Offset))
		}
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Broker != "" && o.Broker != "kafka" {
		return nil, fmt.Errorf("BROKER=%s: there is only kafka, besides the embedded one", o.Broker)
	}
	h := &House{
		options: o, services: present(o.Root, o.Only), ready: make(chan struct{}),
		databases: map[string]postgres.Settings{}, processes: map[string]*supervise.Process{},
	}
	for _, name := range o.Only {
		if !slices.Contains(names(h.services), name) {
			return nil, fmt.Errorf("no service %q in %s", name, filepath.Join(o.Root, "services"))
		}
	}
	h.log = &supervise.Log{Out: o.Out, Colour: o.Colour, Name: "stack", Width: len("notification")}
	for _, name := range append([]string{"postgres", "broker", "mail", "prometheus"}, names(h.services)...) {
		h.processes[name] = &supervise.Process{Name: name, Log: h.log}
	}
	for name, port := range h.ports() {
		if port < 1 || port > 65535 {
			return nil, fmt.Errorf("PORT_OFFSET=%d puts %s on port %d, which does not exist", o.Offset, name, port)
		}
	}
	return h, nil
}

// bringUp starts everything and returns when it is ready.
func (h *House) bringUp(ctx context.Context) (err error) {
	if h.secrets, err = keepSecrets(h.file("secrets.json")); err != nil {
		return err
	}
	if err := errors.Join(keepSealingKey(h.file("secret-key")), h.buildProgram(ctx)); err != nil {
		return err
	}
	h.log.Printf("building %s, which takes some minutes the first time", strings.Join(names(h.services), ", "))
	ground := h.newStage()
	group, within := errgroup.WithContext(ctx)
	group.Go(func() error { return h.buildServices(within) })
	group.Go(func() error { return h.raiseDatabase(within, ground) })
	group.Go(func() error { return h.raiseBroker(within, ground) })
	group.Go(func() error { return h.raiseMail(within, ground) })
	group.Go(func() error { return h.raisePrometheus(within, ground) })
	if err := group.Wait(); err != nil {
		return err
	}
	// What people reach first goes down first.
	inner, outer := h.newStage(), h.newStage()
	group, within = errgroup.WithContext(ctx)
	for _, s := range h.services {
		on := inner
		if s.Name == "web" {
			on = outer
		}
		group.Go(func() error { return h.raise(within, s, on) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := h.Await(ctx); err != nil {
		return err
	}
	return h.watched(ctx)
}

// root is the folder of the checkout that we are in.
func root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.work")); err == nil {
			return at, nil
		} else if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is not inside a checkout of Tickler: no go.work there or above", folder)
		}
	}
}

// Start runs a house in the background and returns when it is ready. It ends, and its state
// is kept, when ctx ends; stop ends it as well, and waits.
func Start(ctx context.Context, o Options) (h *House, stop func() error, err error) {
	if h, err = New(o); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	select {
	case <-h.ready:
		return h, func() error { cancel(); return <-ended }, nil
	case err := <-ended:
		cancel()
		if err == nil {
			err = errors.New("ended before it was ready")
		}
		return nil, nil, err
	}
}

// Run brings everything up, keeps it up until ctx ends, and takes it down in reverse order.
// It says what it does in the log; the last line when all is ready is
// "ready in <seconds> s: <address>".
func (h *House) Run(ctx context.Context) (err error) {
	began := time.Now()
	unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := h.check(ctx); err != nil {
		return err
	}
	defer h.takeDown()
	if err := h.bringUp(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // we were told to end meanwhile
		}
		return err
	}
	h.log.Plain(h.addresses() + fmt.Sprintf("ready in %.1f s: %s\n", time.Since(began).Seconds(), h.Public()))
	close(h.ready)
	<-ctx.Done()
	return nil
}

// Public is where people find the house.
func (h *House) Public() string { return h.URL("web") }

// URL is where a service answers, as http://127.0.0.1:8000; of mail, the mail catcher.
func (h *House) URL(name string) string { return "http://" + h.Address(name) }

// Address is where a part listens, as 127.0.0.1:8000: a service, "web admin", postgres,
// broker, smtp, mail, prometheus.
func (h *House) Address(name string) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(h.ports()[name]))
}

// Kafka says where the broker is.
func (h *House) Kafka() kafka.Settings { return h.kafka }

// AdminURL is the database's address for who may do everything.
func (h *House) AdminURL() string { return h.admin }

// Database are the ways into a service's schema.
func (h *House) Database(service string) postgres.Settings { return h.databases[service] }

// State is the folder where all is kept.
func (h *House) State() string { return h.options.State }

// home is where this house keeps what is its own. With another broker it is another one: a
// database goes on where its events went.
func (h *House) home() string {
	if h.options.Broker != "" {
		return filepath.Join(h.options.State, h.options.Broker)
	}
	return h.options.State
}

func (h *House) file(name string) string { return filepath.Join(h.home(), name) }

// lookup returns a setting that the house was called with.
func (h *House) lookup(name string) (string, bool) {
	for _, pair := range h.options.Environment {
		if key, value, _ := strings.Cut(pair, "="); key == name && value != "" {
			return value, true
		}
	}
	return "", false
}
