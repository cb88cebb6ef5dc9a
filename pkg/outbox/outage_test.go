package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/tickler-app/tickler/pkg/testkit"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A broker that is away costs the events time and nothing else: requests go on, the age of
// what waits is told, and all comes when it is back.
func TestAnOutageOfKafkaIsCaughtUpWith(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var away atomic.Bool
	b.broker.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		b.broker.KeepControl()
		return nil, errors.New("away"), away.Load() // closes the connection
	})
	r, _ := b.relay()
	b.commit("a")
	b.expect("a")
	away.Store(true)
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprint(i))
	}
	b.commit(want...)
	b.until("the age of what waits is told", func() bool { return testutil.ToFloat64(r.metrics.unsent) > 1 })
	if err := r.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	away.Store(false)
	b.expect(want...)
	b.until("nothing waits", func() bool { return testutil.ToFloat64(r.metrics.unsent) == 0 })
}

// However the sending ends, lost reply or error, each event is there once.
func TestAFailedTransactionIsSettled(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]kmsg.Key{"produce": kmsg.Produce, "end": kmsg.EndTxn} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.relay()
			b.commit("a")
			b.expect("a")
			b.broker.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
				return nil, errors.New("lost"), true
			})
			b.commit("b", "c")
			b.expect("b", "c")
		})
	}
}

func TestADatabaseThatDropsEveryConnectionIsCaughtUpWith(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.relay()
	admin := b.open(testkit.Database(t))
	for i := range 3 {
		b.commit(fmt.Sprint("before ", i))
		b.expect(fmt.Sprint("before ", i))
		if _, err := admin.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api_work' AND datname = $1`,
			name(t, b.ways.WorkURL)); err != nil {
			t.Fatal(err)
		}
	}
	b.commit("after")
	b.expect("after")
}

func TestTheOldestTransactionIsMeasured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	registry := prometheus.NewRegistry()
	r := &Relay{Service: b.service, DB: b.work, Kafka: b.kafka, Log: b.log, Metrics: registry, Lease: time.Second}
	b.run(r)
	other := b.open(testkit.Database(t)) // another database of the same cluster
	tx, err := other.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	b.until("its age is told", func() bool { return testutil.ToFloat64(r.metrics.oldest) > 1 })
	b.commit("a")
	b.until("what it holds back is seen", func() bool { return testutil.ToFloat64(r.metrics.unsent) > 0 })
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	b.expect("a")
	b.until("it is counted", func() bool { return testutil.ToFloat64(r.metrics.sent) == 1 })
	names, err := testutil.GatherAndCount(registry)
	if err != nil || names != 7 {
		t.Errorf("%d metrics, %v", names, err)
	}
}

func TestTheAgeOfATransactionIsKnownWithoutRights(t *testing.T) {
	t.Parallel()
	var h horizon
	began := time.Unix(1000, 0)
	for i, step := range []struct {
		xmin, xmax string
		want       time.Duration
	}{
		{"10", "10", 0}, // nobody writes
		{"10", "12", 0}, // 10 began since
		{"10", "15", time.Second},
		{"13", "15", time.Second}, // 10 is over; 13 was there a second ago
		{"15", "15", 0},
		{"15", "16", 0},
	} {
		if got, err := h.age(began.Add(time.Duration(i)*time.Second), step.xmin, step.xmax); got != step.want || err != nil {
			t.Errorf("step %d: %v, %v, want %v", i, got, err, step.want)
		}
	}
	if _, err := h.age(began, "x", "1"); err == nil {
		t.Error("that is no xid")
	}
}

func TestARelayEndsAlthoughNothingAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.broker.Close()
	_, stop := b.relay()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	began := time.Now()
	stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
}
