package inbox_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/postgres"
	events "github.com/tickler-app/tickler/proto-events"
	taskv1 "github.com/tickler-app/tickler/proto-events/gen/task/v1"
	"github.com/tickler-app/tickler/services/audit/internal/inbox"
)

// BenchmarkConsumer reads changes of tasks, with what was there before, from the broker's log
// until they are all on the trail. The broker and the database share the processors with it.
func BenchmarkConsumer(b *testing.B) {
	house := setup(b)
	const n = 200_000
	now := postgres.Now()
	recs := make([]*kgo.Record, n)
	for i := range recs {
		user := fmt.Sprint("person-", i%2000)
		task := &taskv1.Task{
			Id: id(), UserId: user, Title: "Pay rent", Description: "before the last workday, or the landlord writes again", Priority: "high",
			Tags: []string{"home", "money"}, Version: 3, CreatedAt: timestamppb.New(now), UpdatedAt: timestamppb.New(now),
		}
		ev, err := events.New(events.TaskUpdated, events.Change{
			EventID: id(), Time: now.Add(time.Duration(i) * time.Microsecond), ActorType: "user", Source: "web", RequestID: id(), Seq: int64(i),
			Task: task, Before: task, Changed: []string{"title"},
		})
		house.must(err)
		recs[i] = house.record(ev)
	}
	house.send(recs...)
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		d := house.database()
		b.StartTimer()
		events, left, done := inbox.Events(d.Service), atomic.Int64{}, make(chan struct{})
		left.Store(n)
		house.run(d, func(ctx context.Context, recs []*kgo.Record) error {
			err := events(ctx, recs)
			if err == nil && left.Add(-int64(len(recs))) == 0 {
				close(done)
			}
			return err
		}, func() { <-done })
		b.StopTimer()
		house.rewind()
		b.StartTimer()
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(len(recs[0].Value)), "bytes/event")
}
