// Package log keeps timers on Kafka. Each partition of timer-commands has one owner, who
// holds its timers in memory and writes every step as one transaction: what changed of the
// state, the records that are due, and how far the commands were applied.
//
// Which process owns what is for the group to say, but the group is not what keeps two
// owners from firing the same timer: each partition has a transactional id of its own,
// which the new owner claims before it reads anything. From then on an old one that does
// not know yet can commit no more.
package log

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.opentelemetry.io/otel/trace"

	"github.com/tickler-app/tickler/pkg/kafka"
	"github.com/tickler-app/tickler/services/scheduler/internal/timer"
)

// Owner owns the timers of the partitions that the group gives it.
type Owner struct {
	Kafka   []kgo.Opt // Settings.Opts
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: none
	Rules   timer.Rules
	Rights  kafka.Rights         // on the broker, looked at before all else
	Tracer  trace.TracerProvider // nil: no spans

	// Now is the clock that timers go by; nil means time.Now. It may be set at any moment.
	Now func() time.Time

	Room int // bytes of bodies kept in memory, of all partitions together; 0 means 256 MiB
	Pace int // overdue timers that a partition fires a second; 0 means 2,500

	Gap    time.Duration // between two transactions of a partition, for they are shared by all that comes meanwhile; 0 means 5 ms
	Nap    time.Duration // the longest sleep, after which a clock that was set is noticed; 0 means 250 ms
	Beat   time.Duration // a partition at rest commits this often, to show that it is owned and can; 0 means 10 s
	Report time.Duration // how often the group is told how far commands were applied; 0 means 5 s

	// Prefix begins the names of all that is on the broker but the topics delivered to, so
	// that several schedulers can share one. Empty but in tests on a broker of others.
	Prefix string

	// Session is how long the group waits for a member that died; 0 means 6 s.
	Session time.Duration

	names   names
	metrics *metrics
	reader  *reader
	restore chan struct{} // as many as may restore at a time

	mu      sync.Mutex
	member  *kgo.Client
	topics  error // nil once they are as they have to be
	count   int   // partitions of the topic
	workers map[int32]*worker
}

// Run owns what the group gives it until ctx ends, and then lets the steps in hand finish.
func (o *Owner) Run(ctx context.Context) error {
	if err := o.prepare(); err != nil {
		return err
	}
	defer o.reader.client.Close()
	if err := o.waitForTopics(ctx); err != nil {
		return nil // ctx has ended
	}
	return o.join(ctx)
}

func (o *Owner) prepare() error {
	o.names = namesOf(o.Prefix)
	o.Room = cmp.Or(o.Room, 256<<20)
	o.Pace = cmp.Or(o.Pace, 2_500)
	o.Gap = cmp.Or(o.Gap, 5*time.Millisecond)
	o.Nap = cmp.Or(o.Nap, 250*time.Millisecond)
	o.Beat = cmp.Or(o.Beat, 10*time.Second)
	o.Report = cmp.Or(o.Report, 5*time.Second)
	o.Session = cmp.Or(o.Session, 6*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	client, err := kgo.NewClient(o.Kafka...)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reader = newReader(client, o.names.state)
	o.restore = make(chan struct{}, max(runtime.GOMAXPROCS(0), 2)) // more at once would all be done late
	o.workers = map[int32]*worker{}
	o.topics = errNotYet
	o.metrics = newMetrics(o.Metrics, o)
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
