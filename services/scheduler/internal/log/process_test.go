package log

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// A process runs an owner, and can be killed: then it says nothing more to the broker, as
// if the machine had lost its power.
type process struct {
	*Owner
	b      *bench
	cancel context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	conns []net.Conn
	dead  bool
	left  int // writes until it dies by itself; 0: it does not
}

var errDead = errors.New("killed")

// start runs an owner. Set may change it before.
func (b *bench) start(set func(p *process)) *process {
	p := &process{b: b, ended: make(chan struct{}), Owner: &Owner{
		Log: quiet, Rules: timer.Rules{Topics: []string{b.topics()[3]}}, Prefix: b.prefix, Metrics: prometheus.NewRegistry(),
	}}
	p.Kafka = append(slices.Clone(b.opts), kgo.Dialer(p.connect))
	if set != nil {
		set(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	go func() {
		defer close(p.ended)
		if err := p.Run(ctx); err != nil {
			b.Errorf("an owner ended: %v", err)
		}
	}()
	b.Cleanup(p.stop)
	return p
}

func (p *process) stop() { p.cancel(); <-p.ended }

func (p *process) kill() {
	p.mu.Lock()
	p.dead = true
	conns := p.conns
	p.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	p.cancel()
}

func (p *process) killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

func (p *process) connect(ctx context.Context, network, address string) (net.Conn, error) {
	dial := p.b.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	if p.killed() {
		return nil, errDead
	}
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
	return &conn{c, p}, nil
}

type conn struct {
	net.Conn
	p *process
}

// Write may be the last thing that a process does.
func (c *conn) Write(bytes []byte) (int, error) {
	c.p.mu.Lock()
	last := c.p.left == 1
	c.p.left--
	c.p.mu.Unlock()
	if c.p.killed() {
		return 0, errDead
	}
	n, err := c.Conn.Write(bytes)
	if last {
		go c.p.kill()
	}
	return n, err
}

func (p *process) owns(n int) func() bool {
	return func() bool {
		all := p.Partitions()
		for _, one := range all {
			if !one.Restored {
				return false
			}
		}
		return len(all) == n && p.Ready(context.Background()) == nil
	}
}

// patient has an owner do seldom what it does for clocks that are set and for people who
// watch, so that days of virtual time take seconds. It has no bearing on what fires when.
func patient(p *process) {
	p.Nap, p.Beat, p.Report, p.Session = 10*time.Minute, 20*time.Minute, time.Hour, 5*time.Minute
	p.Kafka = append(p.Kafka, kgo.FetchMaxWait(10*time.Minute), kgo.MetadataMaxAge(time.Hour), kgo.DisableClientMetrics())
}
