package log

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tickler-app/tickler/pkg/kafka"
	events "github.com/tickler-app/tickler/proto-events"
)

var errNotYet = errors.New("the topics were not looked at yet")

// waitForTopics returns once all topics are as they have to be. A partition count that
// differs between commands and state would send a timer's commands to one owner and look
// for its state with another.
func (o *Owner) waitForTopics(ctx context.Context) error {
	for wait := time.Second; ; wait = min(2*wait, 10*time.Second) {
		count, err := o.checkTopics(ctx)
		o.mu.Lock()
		o.topics, o.count = err, count
		o.mu.Unlock()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		o.Log.WarnContext(ctx, "waiting for topics", "error", err)
		sleep(ctx, wait)
	}
}

func (o *Owner) checkTopics(ctx context.Context) (partitions int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	kept, _ := events.Find(events.TimerState)
	want := []kafka.Topic{{Name: o.names.state, Settings: kept.Settings()}, {Name: o.names.letters}}
	for _, name := range append([]string{o.names.commands}, o.Rules.Topics...) {
		want = append(want, kafka.Topic{Name: name})
	}
	if err := kafka.Check(ctx, o.reader.client, want, o.Rights); err != nil {
		return 0, err
	}
	topics, err := kadm.NewClient(o.reader.client).ListTopics(ctx, o.names.commands, o.names.state)
	if err != nil {
		return 0, err
	}
	commands, state := len(topics[o.names.commands].Partitions), len(topics[o.names.state].Partitions)
	if commands != state {
		return 0, fmt.Errorf("%w: %s has %d partitions and %s has %d: they have to be as many",
			kafka.ErrTopics, o.names.commands, commands, o.names.state, state)
	}
	return state, nil
}

// join is a member of the group until ctx ends. The member's client is there for the
// assignment only; it fetches nothing.
func (o *Owner) join(ctx context.Context) error {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	member, err := kgo.NewClient(slices.Concat(o.Kafka, []kgo.Opt{
		kgo.ConsumerGroup(o.names.group),
		kgo.ConsumeTopics(o.names.commands),
		kgo.Balancers(kgo.CooperativeStickyBalancer()), // a rebalance stops only what moves
		kgo.DisableAutoCommit(),
		kgo.SessionTimeout(o.Session),
		kgo.HeartbeatInterval(o.Session / 6),
		kgo.RebalanceTimeout(2 * o.Session), // a member that died while it joined holds the others up for so long
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kafka.Leavable(),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, given map[string][]int32) { o.assign(working, given) }),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, taken map[string][]int32) {
			for _, w := range o.release(taken) {
				<-w.ended // the step in hand; milliseconds
			}
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, taken map[string][]int32) {
			o.release(taken) // nothing to wait for: whoever owns them now has fenced us, or will
		}),
	})...)
	if err != nil {
		return err
	}
	member.PauseFetchTopics(o.names.commands)
	o.mu.Lock()
	o.member = member
	o.mu.Unlock()

	for ctx.Err() == nil {
		sleep(ctx, o.Report)
		o.report(working, member)
	}
	stop()
	for _, w := range o.release(map[string][]int32{o.names.commands: o.owned()}) {
		<-w.ended
	}
	kafka.Leave(member) // what we owned moves at once
	return nil
}

// assign starts the workers of partitions. One that was lost and comes back waits for the
// worker that it had before.
func (o *Owner) assign(ctx context.Context, given map[string][]int32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, number := range given[o.names.commands] {
		w := o.newWorker(number)
		before := o.workers[number]
		o.workers[number] = w
		own, cancel := context.WithCancel(ctx)
		w.cancel = cancel
		go func() {
			defer close(w.ended)
			if before != nil {
				<-before.ended
			}
			w.run(own)
		}()
	}
}

// release tells workers to end and returns them.
func (o *Owner) release(taken map[string][]int32) (all []*worker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, number := range taken[o.names.commands] {
		if w := o.workers[number]; w != nil {
			w.gone = true
			w.cancel()
			all = append(all, w)
		}
	}
	return all
}

func (o *Owner) owned() (numbers []int32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for number := range o.workers {
		numbers = append(numbers, number)
	}
	return numbers
}

// report commits the group's offsets. They are for dashboards: the cursor that counts is
// on the state topic.
func (o *Owner) report(ctx context.Context, member *kgo.Client) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	offsets := map[int32]kgo.EpochOffset{}
	for _, p := range o.Partitions() {
		if p.Restored {
			offsets[p.Number] = kgo.EpochOffset{Epoch: -1, Offset: p.Cursor}
		}
	}
	if len(offsets) > 0 {
		member.CommitOffsetsSync(ctx, map[string]map[int32]kgo.EpochOffset{o.names.commands: offsets}, nil)
	}
}

// still reports whether the group says that a partition is ours. A worker that was fenced
// asks: our own belief may be out of date, and two who claim in turn would stop each other
// for ever.
func (o *Owner) still(ctx context.Context, number int32) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	id, _ := o.member.GroupMetadata()
	groups, err := kadm.NewClient(o.reader.client).DescribeGroups(ctx, o.names.group)
	if err != nil {
		return false
	}
	for _, m := range groups[o.names.group].Members {
		if m.MemberID != id {
			continue
		}
		assigned, ok := m.Assigned.AsConsumer()
		if !ok {
			return false
		}
		for _, t := range assigned.Topics {
			if t.Topic == o.names.commands && slices.Contains(t.Partitions, number) {
				return true
			}
		}
	}
	return false
}
